package shiviz

import (
	"context"
	"errors"
	"path"
	"slices"

	"github.com/parley-rpc/parley/runtime"
)

const (
	// metadata is the name under which a clock travels.
	metadata = "vector-clock"
	// unlogged is what travels in place of a clock when a call is not to be logged.
	unlogged = "-"
	// ownService is the number of the runtime's own service.
	ownService = 255
)

type quietKey struct{}

// Quiet returns a context whose calls are logged by neither side, for those that
// are repeated while nothing happens.
func Quiet(ctx context.Context) context.Context {
	ctx = context.WithValue(ctx, quietKey{}, true)
	return runtime.AddMetadata(ctx, metadata, unlogged)
}

// Interceptor logs each call and its receipt, and replies that carry data, but
// not the methods that quiet names, as "ServerFailed" or with their service, as
// "loadbalancer.MessageService.ServerFailed". Both sides of a call are to
// have it, with the same quiet ones, for its two events to be joined. A nil *Log
// has a nil one, which costs nothing.
func (l *Log) Interceptor(quiet ...string) runtime.Interceptor {
	if l == nil {
		return nil
	}
	return func(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
		name := path.Base(call.Method.String())
		switch {
		case call.Method.Type>>8 == ownService, slices.Contains(quiet, call.Method.Name), slices.Contains(quiet, name):
			return next(ctx)
		case call.Callee():
			return l.answer(ctx, name, call, next)
		default:
			return l.call(ctx, name, next)
		}
	}
}

// call logs a call that this side makes. Whether its reply is worth an event the callee
// says, by sending a clock with it.
func (l *Log) call(ctx context.Context, name string, next func(context.Context) error) error {
	if ctx.Value(quietKey{}) != nil {
		return next(ctx)
	}
	carried := l.event("send "+name, nil)
	var reply map[string]string
	err := next(runtime.WithReplyMetadata(runtime.AddMetadata(ctx, metadata, carried), &reply))
	if seen, ok := parseClock(reply[metadata]); ok {
		l.event("receive reply to "+name, seen)
	}
	return err
}

// answer logs a call that this side answers.
func (l *Log) answer(ctx context.Context, name string, call *runtime.Call, next func(context.Context) error) error {
	carried := runtime.MetadataFrom(ctx)[metadata]
	if carried == unlogged {
		return next(ctx)
	}
	seen, _ := parseClock(carried)
	l.event("receive "+name, seen)
	err := next(ctx)
	var declared runtime.DeclaredError
	if len(call.Out) > 0 || errors.As(err, &declared) {
		// It fails where there is no room, or nobody to reply to: then the reply carries no clock.
		_ = runtime.AddReplyMetadata(ctx, metadata, l.event("send reply to "+name, nil))
	}
	return err
}
