package runtime

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
)

// AfterReply lets a handler know what became of its answer: f runs once, after the
// response was written (with nil) or was not (with the reason). ctx is the handler's
// context or one derived from it. The answer may also have been an error of the
// handler's own; a handler that panics, or whose results are too long for a response,
// gets that as the reason, since an error went in their place. One that ends its goroutine
// (runtime.Goexit) leaves its peer without a response, and f hears that. Written means
// handed to the operating system: the peer may still fail to read it.
//
// Several functions run in the order in which they were given, one after the other, on
// a goroutine that Shutdown waits for. When the response is out already, f runs at
// once.
//
// With a context that no server made, as when a program calls its own implementation
// directly, nothing can be lost on the way: f runs at once, with nil, before AfterReply
// returns. So do not hold a lock that f takes. [ClassicReply] runs them with nil
// when it has built its bytes.
func AfterReply(ctx context.Context, f func(err error)) {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok {
		f(nil)
		return
	}
	h.reply.add(f)
}

// replyHooks are the functions that wait for one response.
type replyHooks struct {
	owner *pending // counts those who wait for it to be over; or nil

	mu    sync.Mutex
	waits []func(error)
	over  bool // err is known and the waiting functions have been taken
	err   error
}

// add appends f, or runs it if the response's fate is known.
func (r *replyHooks) add(f func(error)) {
	r.mu.Lock()
	over, err := r.over, r.err
	if !over {
		if r.owner != nil && r.waits == nil {
			r.owner.add()
		}
		r.waits = append(r.waits, f)
	}
	r.mu.Unlock()
	if over {
		f(err)
	}
}

// settle sets what became of the response, and returns the functions that wait for it.
func (r *replyHooks) settle(err error) []func(error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	waits := r.waits
	r.waits, r.over, r.err = nil, true, err
	return waits
}

// runHooks runs the functions. A panic of one is logged and stops none of the others.
func runHooks(waits []func(error), err error, logger *slog.Logger) {
	for _, f := range waits {
		runHook(f, err, logger)
	}
}

func runHook(f func(error), err error, logger *slog.Logger) {
	defer func() {
		if p := recover(); p != nil {
			logger.Error("function given to AfterReply panicked", "panic", p, "stack", string(debug.Stack()))
		}
	}()
	f(err)
}
