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
	if !ok || h.remote == nil {
		return Peer{}, false
	}
	peer := Peer{h.remote, h.tls}
	if h.session != nil {
		peer.TLS = tlsState(h.session.Conn())
	}
	return peer, true
}

type handlerKey struct{}

// A handlerContext is the context of one handler: the server's, with a deadline. Most
// handlers never ask for Done, so the timer behind it starts with the first that does.
// It is not reused: a handler may hand it to a goroutine that outlives the call.
type handlerContext struct {
	context.Context // the server's; done when the server is closed
	deadline        time.Time
	answerer        *answerer            // the side that answers, or nil
	remote          net.Addr             // the peer; or nil
	tls             *tls.ConnectionState // of the classic form, or nil
	reply           replyHooks
	fault           error // why the response is not what the handler said

	// Of a session's call; else nothing.
	method   *Method
	session  *transport.Session
	metadata map[string]string
	in       *transport.Incoming // not used once ended

	mu     sync.Mutex
	timed  context.Context // Context with the deadline and the caller's cancelling, once somebody asked for Done
	cancel context.CancelCauseFunc
	ended  bool              // the handler has returned
	extra  map[string]string // metadata of the reply
}

// newHandlerContext returns a context under parent that ends after timeout; 0 is never.
func newHandlerContext(parent context.Context, timeout time.Duration) *handlerContext {
	h := &handlerContext{Context: parent}
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
	timed := h.timed
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
	if h.timed == nil {
		h.timed, h.cancel = h.cancellable()
		switch {
		case h.ended:
			h.cancel(nil)
		case h.in != nil:
			cancel, method := h.cancel, h.method
			h.in.AfterCancel(func(why error) { cancel(sessionError(method, why)) })
		}
	}
	return h.timed
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
	h.cancel(why)
}

// end ends the context, because its handler has returned.
func (h *handlerContext) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if h.cancel != nil {
		h.cancel(nil)
	}
}

// mayWait tells the session that the handler is about to wait.
func (h *handlerContext) mayWait() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.in != nil && !h.ended {
		h.in.MayWait()
	}
}

// hasEnded reports whether the handler has returned.
func (h *handlerContext) hasEnded() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.ended
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

// replied tells the AfterReply functions that the response was written, or why not.
func (h *handlerContext) replied(err error) {
	err = cmp.Or(h.fault, err)
	runHooks(h.reply.settle(err), err, h.logger())
}
