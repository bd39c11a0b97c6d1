package runtime

import (
	"cmp"
	"context"
	"log/slog"
	"runtime/debug"
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
	h.afterReply(f)
}

// afterReply appends f, or runs it if the response's fate is known.
func (h *handlerContext) afterReply(f func(error)) {
	h.mu.Lock()
	r, settled := h.rarely(), h.settled
	if !settled {
		if h.session != nil && r.waits == nil {
			h.answerer.hooks.add()
		}
		r.waits = append(r.waits, f)
	}
	h.mu.Unlock()
	if settled {
		f(r.fate)
	}
}

// fail notes that the response is not what the handler said, or nil.
func (h *handlerContext) fail(err error) {
	if err == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.rarely().fault = err
}

// settle sets what became of the response, and returns that, or why the response is not what the handler
// said, and the functions that wait for it.
func (h *handlerContext) settle(err error) (waits []func(error), fate error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.settled = true
	if h.rare == nil && err == nil {
		return nil, nil
	}
	r := h.rarely()
	r.fate = cmp.Or(r.fault, err)
	waits, r.waits = r.waits, nil
	return waits, r.fate
}

// replied tells the AfterReply functions of the classic form that the response was written, or why not.
func (h *handlerContext) replied(err error) {
	waits, fate := h.settle(err)
	runHooks(waits, fate, h.logger())
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
