package runtime

import (
	"errors"
	"fmt"
	"iter"
	"sync/atomic"

	"github.com/parley-rpc/parley/runtime/codec"
)

// ReplyStream sends what items yields as the stream that is call's result, and
// returns the error that items yields last, if it does. When the caller takes no more,
// the next yield returns false. It is for generated code.
func ReplyStream[T any](call *Call, write func([]byte, T) []byte, items iter.Seq2[T, error]) error {
	if call.stream == nil {
		return call.needsSession()
	}
	var buf []byte
	for item, err := range items {
		if err != nil {
			return err
		}
		buf = write(buf[:0], item)
		if err := call.stream.Send(buf); err != nil {
			return unlessEOF(err)
		}
	}
	return nil // the answer ends the stream
}

// ParamStream returns call's stream parameter. It can be ranged over once, before the
// handler returns; a second time yields [CodeFailedPrecondition]. Leaving the loop asks the
// caller to send no more. Bytes of an item are the handler's own, but where the method is
// Borrowed, see [Method]. It is for generated code.
func ParamStream[T any](call *Call, read func(*codec.Decoder, string) T) iter.Seq2[T, error] {
	stream, method := call.stream, call.Method
	var used atomic.Bool
	return func(yield func(T, error) bool) {
		var zero T
		if stream == nil {
			yield(zero, (&Call{Method: method}).needsSession())
			return
		}
		if used.Swap(true) {
			yield(zero, NewError(CodeFailedPrecondition, "a stream parameter can be ranged over once"))
			return
		}
		defer stream.Cancel(errLeft)
		if _, err := receive(&Call{Method: method, callee: true}, stream, read, yield); err != nil {
			yield(zero, err)
		}
	}
}

// itemError names the call, and the item that could not be decoded, counted from 0.
func (c *Call) itemError(n int, err error) error {
	text := err.Error()
	var decode *codec.Error
	if errors.As(err, &decode) {
		named := *decode
		named.Field = fmt.Sprintf("item[%d]%s", n, named.Field[len("item"):])
		text = named.Error()
	}
	code := CodeInternal
	if c.callee {
		code = CodeInvalidArgument
	}
	return c.fail(code, "stream "+text, err)
}

// needsSession says that the classic form carries no streams.
func (c *Call) needsSession() error {
	return c.fail(CodeUnimplemented, "streams need a session; this is the classic form", nil)
}
