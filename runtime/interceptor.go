package runtime

import (
	"context"
	"errors"
	"slices"
)

// An Interceptor runs around a call: at the caller around those that are made, at the
// callee around those that are answered; [Call.Callee] tells which. It may look at call.Method,
// at the metadata ([WithReplyMetadata], [MetadataFrom]), at the callee at the peer
// ([PeerFrom]), and at the length of call.Out; what lies in Out and In belongs to the stubs.
//
// next goes on, with the context that it is given, and returns when the call is over: after
// the last item, if it has streams. It returns the call's error; nil as well when
// the caller left the loop over a stream. At the callee the reading of the parameters
// lies within next, and so does the handler. At the caller next makes the call, and
// makes it again where a [Client] does; a result that cannot be decoded is found only afterwards,
// and so is an error of the classic form that does not come after zero results, as when the
// server does not know the method.
//
// What the interceptor returns is what the caller gets. At the caller any error
// but an [*Error] is wrapped into one, with its code, and with what Remote and Broken say of
// the Error within, if there is one; an error that the user's own items yield stays as it is. At
// the callee it is answered as a handler's error is, and a panic as a handler's panic. An
// interceptor that returns nil though next has failed, or was not called, makes the results
// zero values, or the stream end.
//
// next may be called again once it has returned, to try again, if the method has no streams;
// with streams the second time fails with [CodeFailedPrecondition]. It is not to be called after
// the interceptor has returned. An Interceptor runs for many calls at once.
type Interceptor func(ctx context.Context, call *Call, next func(context.Context) error) error

// WithInterceptors makes a side run interceptors around its calls, the first outermost. Given
// several times, those of the earlier come first; nil ones are left out. In a session
// they run around the calls that this side makes, through [CallerFrom] too, and around
// those that it answers. The default is none, which costs nothing.
//
// At the caller they run around [Caller.Call], and around the whole of a call with
// streams that generated code makes, but not around Open itself. A Caller of one's own that
// hands calls on to another hides that one's interceptors from streams: put [Intercept] around it
// instead. At the callee they also run around the runtime's own service 255; a method that
// nobody serves is refused without them.
func WithInterceptors(interceptors ...Interceptor) Option {
	return interceptorOption(newChain(interceptors))
}

type interceptorOption chain

func (o interceptorOption) applyToServer(s *Server)         { s.chain = append(s.chain, o...) }
func (o interceptorOption) applyToClient(c *Client)         { c.chain = append(c.chain, o...) }
func (o interceptorOption) applyToClassic(c *ClassicClient) { c.chain = append(c.chain, o...) }

// Intercept returns a Caller whose calls are those of caller with interceptors around them, outside
// those that caller has; nil ones are left out.
func Intercept(caller Caller, interceptors ...Interceptor) Caller {
	return &interceptedCaller{caller, newChain(interceptors)}
}

type interceptedCaller struct {
	Caller
	outer chain
}

func (c *interceptedCaller) Call(ctx context.Context, call *Call) error {
	return c.outer.call(ctx, call, c.Caller.Call)
}

func (c *interceptedCaller) interceptors() chain {
	return slices.Concat(c.outer, chainOf(c.Caller))
}

// A chain is interceptors, the outermost first.
type chain []Interceptor

// newChain returns a copy without those that are nil.
func newChain(interceptors []Interceptor) chain {
	return slices.DeleteFunc(slices.Clone(interceptors), func(i Interceptor) bool { return i == nil })
}

// chainOf returns what is to run around a call with streams made with caller, whose Open
// cannot see to it.
func chainOf(caller Caller) chain {
	if c, ok := caller.(interface{ interceptors() chain }); ok {
		return c.interceptors()
	}
	return nil
}

// run runs the chain around do.
func (c chain) run(ctx context.Context, call *Call, do func(context.Context) error) error {
	if len(c) == 0 {
		return do(ctx)
	}
	return c[0](ctx, call, func(ctx context.Context) error { return c[1:].run(ctx, call, do) })
}

// call runs the chain around a unary call, which do makes.
func (c chain) call(ctx context.Context, call *Call, do func(context.Context, *Call) error) error {
	err := c.run(ctx, call, func(ctx context.Context) error {
		call.unanswered()
		err := do(ctx, call)
		if err == nil {
			err = call.classicError()
		}
		if err != nil {
			call.unanswered()
		}
		return err
	})
	return call.outcome(err)
}

// An ending is how a call with streams ended at the caller.
type ending struct {
	err  error
	left bool // the loop over what comes was left: nobody takes err
	own  bool // err is what the user's items yielded, for the user to get as it is
}

// stream runs the chain around a call with streams, which do makes.
func (c chain) stream(ctx context.Context, call *Call, do func(context.Context) ending) ending {
	var end ending
	began := false
	err := c.run(ctx, call, func(ctx context.Context) error {
		if began {
			return call.fail(CodeFailedPrecondition, "a call with streams is made once, an interceptor called next twice", nil)
		}
		began = true
		end = do(ctx)
		if end.err != nil {
			call.unanswered()
		}
		return end.err
	})
	if !end.own || !errors.Is(err, end.err) {
		err = call.outcome(err)
	}
	return ending{err, end.left, end.own}
}

// handle runs the chain around the handler of a call that stands at params.
func (c chain) handle(ctx context.Context, call *Call, handler *Handler, params []byte) error {
	began, answered := false, false
	err := c.run(ctx, call, func(ctx context.Context) error {
		if began {
			if call.streamed() {
				return call.fail(CodeFailedPrecondition, "its streams are used up, an interceptor called next twice", nil)
			}
			call.standAt(params)
			call.Out = call.Out[:0]
		}
		began = true
		err := handler.Handle(ctx, call)
		answered = err == nil
		return err
	})
	if err == nil && !answered {
		call.Out = call.Method.zero(call.Out[:0])
	}
	return err
}

// unanswered takes back what an answer has set: results read as zero values.
func (c *Call) unanswered() {
	c.In.Reset(nil, false)
	c.classic, c.response = false, nil
}

// outcome returns what the caller gets of an interceptor's error.
func (c *Call) outcome(err error) error {
	if _, ok := err.(*Error); ok || err == nil {
		return err
	}
	e := c.fail(CodeOf(err), err.Error(), err)
	if inner := (*Error)(nil); errors.As(err, &inner) {
		e.remote, e.broken = inner.remote, inner.broken
	}
	return e
}
