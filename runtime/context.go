package runtime

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// A Peer is the other side of a connection.
type Peer struct {
	Address net.Addr

	// TLS is what is known of the connection's encryption, or nil if there is none. If the
	// peer had to prove who it is, see [WithTLS], its certificate is
	// TLS.VerifiedChains[0][0]. It is only to be read.
	TLS *tls.ConnectionState
}

// PeerFrom returns the peer whose call a handler answers, given the handler's context or
// one derived from it. It reports false if that context was not made for a call that came.
func PeerFrom(ctx context.Context) (Peer, bool) {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok {
		return Peer{}, false
	}
	if h.session != nil {
		peer := Peer{h.session.RemoteAddr(), tlsState(h.session.Conn())}
		return peer, peer.Address != nil
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	peer := h.rarities().peer
	return peer, peer.Address != nil
}

type handlerKey struct{}

// A handlerContext is the context of one handler: the server's, with a deadline. Most
// handlers never ask for Done, so the timer behind it starts with the first that does.
// It is not reused: a handler may hand it to a goroutine that outlives the call. As there
// is one for each call, what few calls need is a rarity.
type handlerContext struct {
	context.Context // the server's; done when the server is closed
	deadline        time.Time
	answerer        *answerer // the side that answers, or nil

	// Of a session's call; else nothing.
	method   *Method
	session  *transport.Session
	metadata map[string]string
	in       *transport.Incoming // not used once ended

	mu      sync.Mutex
	ended   bool    // the handler has returned
	settled bool    // what became of the response is known
	rare    *rarity // nil until something of it is needed
}

// A rarity is what a handlerContext has that few handlers need. The context's lock guards it.
type rarity struct {
	peer   Peer            // in the classic form; in a session it is the session's
	timed  context.Context // Context with the deadline and the caller's cancelling, once somebody asked for Done
	cancel context.CancelCauseFunc
	reply  map[string]string // metadata of the reply
	waits  []func(error)     // given to AfterReply
	fault  error             // why the response is not what the handler said
	fate   error             // what became of the response, once that is settled

	stream *transport.Stream // once the handler used it
	detach func() bool       // from the answerer's stopping, if stream is set
}

// rarely returns the rarity, to be written. It is called with the lock held.
func (h *handlerContext) rarely() *rarity {
	if h.rare == nil {
		h.rare = new(rarity)
	}
	return h.rare
}

// none is the rarity of those that have none.
var none rarity

// rarities returns the rarity, to be read. It is called with the lock held.
func (h *handlerContext) rarities() *rarity { return cmp.Or(h.rare, &none) }

// newHandlerContext returns the context of a call of the classic form, under parent, that ends after
// timeout; 0 is never.
func newHandlerContext(parent context.Context, timeout time.Duration, peer Peer) *handlerContext {
	h := &handlerContext{Context: parent, rare: &rarity{peer: peer}}
	if timeout > 0 {
		h.deadline = time.Now().Add(timeout)
	}
	if other, ok := parent.Deadline(); ok {
		h.deadline = earlier(h.deadline, other)
	}
	return h
}

// earlier returns the earlier of two times, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// Deadline implements [context.Context].
func (h *handlerContext) Deadline() (time.Time, bool) { return h.deadline, !h.deadline.IsZero() }

// Done implements [context.Context].
func (h *handlerContext) Done() <-chan struct{} { return h.inner().Done() }

// Err implements [context.Context]. A caller whose time is over says so, maybe before
// the clock on this side does.
func (h *handlerContext) Err() error {
	inner := h.inner()
	err := inner.Err()
	if err == context.Canceled && errors.Is(context.Cause(inner), context.DeadlineExceeded) {
		return context.DeadlineExceeded
	}
	return err
}

// Value implements [context.Context]. Asking the inner context lets package context
// derive children without a goroutine each.
func (h *handlerContext) Value(key any) any {
	if key == (handlerKey{}) {
		return h
	}
	h.mu.Lock()
	timed := h.rarities().timed
	h.mu.Unlock()
	if timed != nil {
		return timed.Value(key)
	}
	return h.Context.Value(key)
}

// inner returns the context that ends when h does.
func (h *handlerContext) inner() context.Context {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rarely()
	if r.timed == nil {
		r.timed, r.cancel = h.cancellable()
		switch {
		case h.ended:
			r.cancel(nil)
		case h.in != nil:
			cancel, method := r.cancel, h.method
			h.in.AfterCancel(func(why error) { cancel(sessionError(method, why)) })
		}
	}
	return r.timed
}

func (h *handlerContext) cancellable() (context.Context, context.CancelCauseFunc) {
	ctx, cancel := context.WithCancelCause(h.Context)
	if h.deadline.IsZero() {
		return ctx, cancel
	}
	timed, stop := context.WithDeadline(ctx, h.deadline)
	return timed, func(why error) { cancel(why); stop() }
}

// endBecause ends the context before its handler has returned.
func (h *handlerContext) endBecause(why error) {
	h.inner()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rare.cancel(why)
}

// end ends the context, because its handler has returned, and returns the metadata of the reply.
func (h *handlerContext) end() map[string]string {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	r := h.rarities()
	if r.cancel != nil {
		r.cancel(nil)
	}
	if r.detach != nil {
		r.detach()
	}
	return r.reply
}

// mayWait tells the session that the handler is about to wait.
func (h *handlerContext) mayWait() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.in != nil && !h.ended {
		h.in.MayWait()
	}
}

// logger returns where to log what goes wrong with the call.
func (h *handlerContext) logger() *slog.Logger {
	if h.answerer == nil {
		return slog.Default()
	}
	return h.answerer.logger
}

// handle runs the handler, and around it the interceptors of its side.
func (h *handlerContext) handle(call *Call, handler *Handler, params []byte) error {
	if h.answerer == nil || len(h.answerer.chain) == 0 {
		return handler.Handle(h, call)
	}
	return h.answerer.chain.handle(h, call, handler, params)
}
