package runtime

import (
	"context"
	"errors"
	"io"
	"iter"
	"sync"

	"github.com/parley-rpc/parley/runtime/codec"
)

// errLeft is why a call is cancelled whose loop was left.
var errLeft = NewError(CodeCanceled, "the caller stopped reading")

// ReceiveStream makes a call whose result is a stream, and yields what comes until the
// end, an error (as the last pair), or a yield that returns false, which cancels the call.
// It is for generated code.
func ReceiveStream[T any](ctx context.Context, caller Caller, call *Call,
	read func(*codec.Decoder, string) T, yield func(T, error) bool) {
	stream, err := caller.Open(ctx, call)
	if err != nil {
		var zero T
		yield(zero, err)
		return
	}
	defer stream.Cancel(errLeft) // also when the loop's body panics
	err = receive(call, stream, read, yield)
	if err != nil {
		var zero T
		yield(zero, err)
	}
}

// SendStream makes a call with a stream parameter and plain results. It runs items on
// the caller's goroutine, until its end or until the peer takes no more; then
// call.In stands at the results. An error that items yields cancels the call and is
// returned as it is. It is for generated code.
func SendStream[T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, T) []byte, items iter.Seq2[T, error]) error {
	stream, err := caller.Open(ctx, call)
	if err != nil {
		return err
	}
	defer stream.Cancel(errLeft) // also when items panics
	if err := sendAll(stream, write, items); err != nil {
		stream.Cancel(err)
		return err
	}
	return stream.Reply(call)
}

// ExchangeStreams makes a call with streams both ways. It runs items on a goroutine
// of its own and yields what comes, as ReceiveStream does. An error that items yields
// cancels the call and is yielded as it is. When yield returns false, the call
// is cancelled and ExchangeStreams returns without waiting for items, which may stand
// in its user's code: its next yield returns false. It is for generated code.
func ExchangeStreams[S, T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, S) []byte, items iter.Seq2[S, error],
	read func(*codec.Decoder, string) T, yield func(T, error) bool) {
	var zero T
	stream, err := caller.Open(ctx, call)
	if err != nil {
		yield(zero, err)
		return
	}
	defer stream.Cancel(errLeft)
	var sending failure
	go func() { // ends at the next yield of items, once the stream has ended
		if err := sendAll(stream, write, items); err != nil {
			sending.set(err)
			stream.Cancel(err)
		}
	}()
	if err := receive(call, stream, read, yield); err != nil {
		yield(zero, sending.or(err))
	}
}

// failure is an error that one goroutine meets and another asks for.
type failure struct {
	mu  sync.Mutex
	err error
}

func (f *failure) set(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err = err
}

// or returns the failure, or err if there was none.
func (f *failure) or(err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	return err
}

// sendAll sends the items and their end. It returns nil as well when the peer takes no
// more of them: then the answer says why.
func sendAll[T any](stream Stream, write func([]byte, T) []byte, items iter.Seq2[T, error]) error {
	var buf []byte
	for item, err := range items {
		if err != nil {
			return err
		}
		buf = write(buf[:0], item)
		if err := stream.Send(buf); err != nil {
			return unlessEOF(err)
		}
	}
	return unlessEOF(stream.CloseSend())
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// receive yields the items of stream as they come. It returns nil after the last and
// when yield returned false, else the error that ended the stream.
func receive[T any](call *Call, stream Stream, read func(*codec.Decoder, string) T, yield func(T, error) bool) error {
	var d codec.Decoder // not call.In: a handler may still be reading its parameters from there
	for n := 0; ; n++ {
		data, err := stream.Receive()
		if err != nil {
			return unlessEOF(err)
		}
		d.Reset(data, true)
		item := read(&d, "item")
		if err := d.Err(); err != nil {
			return call.itemError(n, err)
		}
		if !yield(item, nil) {
			return nil
		}
	}
}
