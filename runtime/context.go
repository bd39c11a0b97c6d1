package runtime

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"sync"
	"time"
)

// A Peer is the other side of a connection.
type Peer struct {
	Address net.Addr
}

// PeerFrom returns the peer whose call a handler answers, given the handler's context or
// one derived from it. It reports false if no server made that context.
func PeerFrom(ctx context.Context) (Peer, bool) {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok || h.peer.Address == nil {
		return Peer{}, false
	}
	return h.peer, true
}

type handlerKey struct{}

// A handlerContext is the context of one handler: the server's, with a deadline. Most
// handlers never ask for Done, so the timer behind it starts with the first that does.
// It is not reused: a handler may hand it to a goroutine that outlives the call.
type handlerContext struct {
	context.Context // the server's; done when the server is closed
	deadline        time.Time
	peer            Peer
	logger          *slog.Logger
	reply           replyHooks
	fault           error // why the response is not what the handler said

	mu     sync.Mutex
	timed  context.Context // Context with the deadline, once somebody asked for Done
	cancel context.CancelFunc
	ended  bool // the handler has returned
}

// newHandlerContext returns a context under parent that ends after timeout; 0 is never.
func newHandlerContext(parent context.Context, timeout time.Duration, peer Peer, logger *slog.Logger) *handlerContext {
	h := &handlerContext{Context: parent, peer: peer, logger: logger}
	if timeout > 0 {
		h.deadline = time.Now().Add(timeout)
	}
	if earlier, ok := parent.Deadline(); ok && (timeout == 0 || earlier.Before(h.deadline)) {
		h.deadline = earlier
	}
	return h
}

// Deadline implements [context.Context].
func (h *handlerContext) Deadline() (time.Time, bool) { return h.deadline, !h.deadline.IsZero() }

// Done implements [context.Context].
func (h *handlerContext) Done() <-chan struct{} { return h.inner().Done() }

// Err implements [context.Context].
func (h *handlerContext) Err() error { return h.inner().Err() }

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
		h.timed, h.cancel = h.withDeadline()
		if h.ended {
			h.cancel()
		}
	}
	return h.timed
}

func (h *handlerContext) withDeadline() (context.Context, context.CancelFunc) {
	if h.deadline.IsZero() {
		return context.WithCancel(h.Context)
	}
	return context.WithDeadline(h.Context, h.deadline)
}

// end ends the context, because its handler has returned.
func (h *handlerContext) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ended = true
	if h.cancel != nil {
		h.cancel()
	}
}

// replied tells the AfterReply functions that the response was written, or why not.
func (h *handlerContext) replied(err error) {
	h.reply.finish(cmp.Or(h.fault, err), h.logger)
}
