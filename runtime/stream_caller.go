package runtime

import (
	"context"
	"io"
	"iter"
	"sync"

	"github.com/parley-rpc/parley/runtime/codec"
)

// errLeft is why a call is cancelled whose loop was left.
var errLeft = NewError(CodeCanceled, "the caller stopped reading")

// ReceiveStream makes a call whose result is a stream, and yields what comes until the
// end, an error (as the last pair), or a yield that returns false, which cancels the call.
// Bytes of an item are yield's own, but where the method is Borrowed, see [Method]. It is for
// generated code.
func ReceiveStream[T any](ctx context.Context, caller Caller, call *Call,
	read func(*codec.Decoder, string) T, yield func(T, error) bool) {
	var end ending
	if c := chainOf(caller); len(c) == 0 {
		end = receiveStream(ctx, caller, call, read, yield)
	} else {
		end = c.stream(ctx, call, func(ctx context.Context) ending { return receiveStream(ctx, caller, call, read, yield) })
	}
	yieldError(end, yield)
}

func receiveStream[T any](ctx context.Context, caller Caller, call *Call,
	read func(*codec.Decoder, string) T, yield func(T, error) bool) ending {
	stream, err := caller.Open(ctx, call)
	if err != nil {
		return ending{err: err}
	}
	defer stream.Cancel(errLeft) // also when the loop's body panics
	left, err := receive(call, stream, read, yield)
	return ending{err: err, left: left}
}

// yieldError yields the error of a call whose loop was not left.
func yieldError[T any](end ending, yield func(T, error) bool) {
	if end.err != nil && !end.left {
		var zero T
		yield(zero, end.err)
	}
}

// SendStream makes a call with a stream parameter and plain results. It runs items on
// the caller's goroutine, until its end or until the peer takes no more; then
// call.In stands at the results. An error that items yields cancels the call and is
// returned as it is. It is for generated code.
func SendStream[T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, T) []byte, items iter.Seq2[T, error]) error {
	if c := chainOf(caller); len(c) > 0 {
		return c.stream(ctx, call, func(ctx context.Context) ending { return sendStream(ctx, caller, call, write, items) }).err
	}
	return sendStream(ctx, caller, call, write, items).err
}

func sendStream[T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, T) []byte, items iter.Seq2[T, error]) ending {
	stream, err := caller.Open(ctx, call)
	if err != nil {
		return ending{err: err}
	}
	defer stream.Cancel(errLeft) // also when items panics
	own, err := sendAll(stream, write, items)
	if err != nil {
		stream.Cancel(err)
		return ending{err: err, own: own}
	}
	return ending{err: stream.Reply(call)}
}

// ExchangeStreams makes a call with streams both ways. It runs items on a goroutine
// of its own and yields what comes, as ReceiveStream does. An error that items yields
// cancels the call and is yielded as it is. When yield returns false, the call
// is cancelled and ExchangeStreams returns without waiting for items, which may stand
// in its user's code: its next yield returns false. It is for generated code.
func ExchangeStreams[S, T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, S) []byte, items iter.Seq2[S, error],
	read func(*codec.Decoder, string) T, yield func(T, error) bool) {
	var end ending
	if c := chainOf(caller); len(c) == 0 {
		end = exchangeStreams(ctx, caller, call, write, items, read, yield)
	} else {
		end = c.stream(ctx, call, func(ctx context.Context) ending {
			return exchangeStreams(ctx, caller, call, write, items, read, yield)
		})
	}
	yieldError(end, yield)
}

func exchangeStreams[S, T any](ctx context.Context, caller Caller, call *Call,
	write func([]byte, S) []byte, items iter.Seq2[S, error],
	read func(*codec.Decoder, string) T, yield func(T, error) bool) ending {
	stream, err := caller.Open(ctx, call)
	if err != nil {
		return ending{err: err}
	}
	defer stream.Cancel(errLeft)
	var sending failure
	go func() { // ends at the next yield of items, once the stream has ended
		if own, err := sendAll(stream, write, items); err != nil {
			sending.set(ending{err: err, own: own})
			stream.Cancel(err)
		}
	}()
	left, err := receive(call, stream, read, yield)
	if err == nil {
		return ending{left: left}
	}
	return sending.or(ending{err: err})
}

// failure is an end that one goroutine meets and another asks for.
type failure struct {
	mu  sync.Mutex
	end ending
}

func (f *failure) set(end ending) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.end = end
}

// or returns the failure, or end if there was none.
func (f *failure) or(end ending) ending {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.end.err != nil {
		return f.end
	}
	return end
}

// sendAll sends the items and their end. It returns nil as well when the peer takes no
// more of them: then the answer says why. own says that the error is one that items yielded.
func sendAll[T any](stream Stream, write func([]byte, T) []byte, items iter.Seq2[T, error]) (own bool, err error) {
	var buf []byte
	for item, err := range items {
		if err != nil {
			return true, err
		}
		buf = write(buf[:0], item)
		if err := stream.Send(buf); err != nil {
			return false, unlessEOF(err)
		}
	}
	return false, unlessEOF(stream.CloseSend())
}

// unlessEOF returns nil for the end of a stream. An error that wraps io.EOF is none: so ends a connection.
func unlessEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// receive yields the items of stream as they come. It returns nil after the last and
// when yield returned false, which left reports, else the error that ended the stream.
func receive[T any](call *Call, stream Stream,
	read func(*codec.Decoder, string) T, yield func(T, error) bool) (left bool, err error) {
	var d codec.Decoder // not call.In: a handler may still be reading its parameters from there
	for n := 0; ; n++ {
		data, err := stream.Receive()
		if err != nil {
			return false, unlessEOF(err)
		}
		d.Reset(data, true)
		d.Borrow(call.Method.Borrowed) // data is valid until the next Receive
		item := read(&d, "item")
		if err := d.Err(); err != nil {
			return false, call.itemError(n, err)
		}
		if !yield(item, nil) {
			return true, nil
		}
	}
}
