package runtime

import (
	"bytes"
	"sync"

	"github.com/parley-rpc/parley/runtime/codec"
)

// maxPooled is the largest buffer that a Call keeps when it goes back to the pool:
// the largest classic message with its length.
const maxPooled = 1<<16 + 1

// A Call is one call on its way: what goes out and what came in. At the caller a
// client stub makes it with [NewCall], hands it to a [Caller], and releases it; at the callee a
// [Handler] gets it. It belongs to one goroutine at a time.
type Call struct {
	Method *Method

	// Out is what is to be sent: the parameters at the caller, the results at the
	// callee. Stubs append to it.
	Out []byte

	// In reads what came: the results at the caller, the parameters at the callee.
	In codec.Decoder

	callee   bool
	classic  bool   // response is a classic response, whose last value is an error's text
	response []byte // the response that In reads, if classic; lies in frame
	frame    []byte // storage for the transport
	stream   Stream // at the callee, of a method with streams
}

var calls = sync.Pool{New: func() any { return new(Call) }}

// NewCall returns a call of method, with nothing in it, from a pool.
func NewCall(method *Method) *Call {
	c := calls.Get().(*Call)
	c.Method = method
	return c
}

// newCalleeCall returns a call at the side that answers it, standing at its parameters.
func newCalleeCall(method *Method, params []byte) *Call {
	c := NewCall(method)
	c.callee = true
	c.standAt(params)
	return c
}

// standAt lets In stand at the parameters, which stay as they are until the handler has returned.
func (c *Call) standAt(params []byte) {
	c.In.Reset(params, c.Method.Classic)
	c.In.Borrow(c.Method.Borrowed)
}

// Callee reports whether this side answers the call. Otherwise it makes it.
func (c *Call) Callee() bool { return c.callee }

// Release gives the call back to the pool. Neither it nor what its Out held may be
// used afterwards; the values read from In stay, but what a [Method] that is Borrowed has lent.
func (c *Call) Release() {
	*c = Call{Out: pooled(c.Out), frame: pooled(c.frame)}
	calls.Put(c)
}

// pooled returns buf emptied, or nil if it is too large to be kept.
func pooled(buf []byte) []byte {
	if cap(buf) > maxPooled {
		return nil
	}
	return buf[:0]
}

// Decoded says how the reading from In went, once all values are read: nil, or an
// [*Error] that names the call, the value, and its offset, with [CodeInvalidArgument] at the callee
// (the parameters are wrong) and [CodeInternal] at the caller (the results are). If
// the peer answered with an error in place of results, that error is returned.
func (c *Call) Decoded() error {
	if c.classic {
		return c.classicDecoded()
	}
	if err := c.In.Err(); err != nil {
		return c.decodeError(err)
	}
	return nil
}

// classicDecoded reads the error's text that ends a classic response.
//
// A peer that does not know the method, or could not make out which one is meant,
// cannot know its results either: its response is nothing but the text.
func (c *Call) classicDecoded() error {
	text := c.In.String("error")
	err := c.In.Err()
	if err != nil {
		alone, rest, aloneErr := codec.ReadString(c.response)
		if aloneErr != nil || len(rest) > 0 || alone == "" {
			return c.decodeError(err)
		}
		text = alone
	}
	if text == "" {
		return nil
	}
	return &Error{code: CodeUnknown, message: text, remote: true}
}

// classicError returns the error that a classic response carries, as far as can be told
// before the results are decoded: if they have nothing in them, as is usual before an error's text.
// Where other results stand, or the text alone, only Decoded finds it.
func (c *Call) classicError() error {
	if !c.classic {
		return nil
	}
	after, zero := bytes.CutPrefix(c.response, c.Method.zero(nil))
	text, _, err := codec.ReadString(after)
	if !zero || err != nil || text == "" {
		return nil
	}
	return &Error{code: CodeUnknown, message: text, remote: true}
}

// streamed reports whether the handler has begun to use the streams of the call.
func (c *Call) streamed() bool {
	in, ok := c.stream.(*incomingCall)
	return ok && in.streaming()
}

// decodeError names the call and the side of a value that could not be decoded.
func (c *Call) decodeError(err error) error {
	if c.callee {
		return c.fail(CodeInvalidArgument, "parameter "+err.Error(), err)
	}
	return c.fail(CodeInternal, "result "+err.Error(), err)
}

// fail returns an error that names the call.
func (c *Call) fail(code Code, message string, cause error) *Error {
	return c.Method.fail(code, message, cause)
}

// fail returns an error that names the method.
func (m *Method) fail(code Code, message string, cause error) *Error {
	return &Error{code: code, call: m.String(), message: message, cause: cause}
}
