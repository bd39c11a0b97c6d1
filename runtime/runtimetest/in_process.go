package runtimetest

import (
	"iter"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// InProcess returns a client of server for as long as the test runs, as [runtime.InProcess] does: nothing
// listens, and no socket is opened. Both sides are closed when the test and its subtests end. Values cross
// as bytes, and errors as from any peer.
func InProcess(t testing.TB, server *runtime.Server, options ...runtime.ClientOption) *runtime.Client {
	client := runtime.InProcess(server, options...)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	return client
}

// Unset returns the error of a generated fake whose function for a method is nil, field being that
// function's name. Its code is [runtime.CodeUnimplemented].
func Unset(field string) error {
	return runtime.Errorf(runtime.CodeUnimplemented, "%s is not set: set it to what the fake's method is to do", field)
}

// Stream returns a stream of items, which ends with err if that is not nil. It may be ranged over more than once.
func Stream[T any](err error, items ...T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, item := range items {
			if !yield(item, nil) {
				return
			}
		}
		if err != nil {
			var none T
			yield(none, err)
		}
	}
}
