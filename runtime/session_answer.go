package runtime

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// errStopping is why the handlers of streams are told to end.
var errStopping = NewError(CodeUnavailable, "the server is shutting down")

// An answerer answers the calls that come on sessions, at a server and at a client.
type answerer struct {
	registry
	meta     metaAnswerer
	logger   *slog.Logger
	chain    chain                   // around the calls of this side
	config   transport.SessionConfig // of all its sessions
	timeout  time.Duration           // of calls, see WithTimeout; 0 is the default
	hooks    pending                 // responses for which AfterReply functions wait
	stopping context.Context         // ends when streams are to end
	stop     context.CancelFunc      // ends stopping
}

// begin is called once the options are applied.
func (a *answerer) begin() {
	a.logger = cmp.Or(a.logger, slog.Default())
	a.config.Handler, a.config.Logger = a.answerCall, a.logger
	a.stopping, a.stop = context.WithCancel(context.Background())
}

// errNoReturn is what AfterReply functions hear of a handler that ended its goroutine.
var errNoReturn = NewError(CodeInternal, "the handler ended its goroutine")

// An incomingCall is a call of the peer: its handler's context, and its streams.
type incomingCall struct{ handlerContext }

// answerCall answers one call of a session.
func (a *answerer) answerCall(in *transport.Incoming) {
	handler := a.handler(in.Method)
	if handler == nil {
		a.refuse(in, NewError(CodeUnimplemented, unknownType(in.Method)))
		return
	}
	metadata, err := readMetadata(in.Metadata)
	if err != nil {
		a.refuse(in, handler.Method.fail(CodeInvalidArgument, err.Error(), err))
		return
	}
	c := a.newIncomingCall(in, handler.Method, metadata)
	in.Done = c
	a.run(c, handler)
}

// refuse answers a call that no handler gets to see.
func (a *answerer) refuse(in *transport.Incoming, err *Error) {
	in.Error = &transport.CallError{Code: uint16(err.code), Message: err.Message()}
	logFault(a.logger, in.Session().RemoteAddr(), err)
}

func (a *answerer) newIncomingCall(in *transport.Incoming, method *Method, metadata map[string]string) *incomingCall {
	c := new(incomingCall)
	c.Context, c.answerer = context.Background(), a
	c.method, c.in, c.session, c.metadata = method, in, in.Session(), metadata
	c.deadline = in.Deadline
	if method.Timeout > 0 {
		c.deadline = earlier(c.deadline, time.Now().Add(method.Timeout))
	}
	return c
}

// run calls the handler and puts what it says into c.in.
func (a *answerer) run(c *incomingCall, handler *Handler) {
	in := c.in
	call := newCalleeCall(handler.Method, in.Params)
	own := call.Out // goes back to the pool with call
	call.Out, call.stream = in.Results, c
	returned := false
	defer func() {
		if p := recover(); p != nil {
			fault := &handlerPanic{handler.Method, p, debug.Stack()}
			c.fault(fault)
			in.Error = &transport.CallError{Code: uint16(CodeInternal), Message: call.Method.String() + ": the handler panicked"}
		} else if !returned {
			c.fail(errNoReturn)
		}
		if metadata := c.end(); len(metadata) > 0 {
			in.ReplyMetadata = appendMetadata(nil, metadata)
		}
		in.Results, call.Out = call.Out, own
		call.Release()
	}()
	err := c.handle(call, handler, in.Params)
	returned = true
	if err == nil {
		return
	}
	if call.In.Err() != nil {
		c.fault(err)
	}
	in.Error = answerError(handler.Method, c.verdict(err))
}

// fault notes, and logs, why the response is not what the handler said.
func (c *incomingCall) fault(err error) {
	c.fail(err)
	logFault(c.logger(), c.session.RemoteAddr(), err)
}

// verdict returns err, or why the server ended the handler's context if err comes of that.
func (c *incomingCall) verdict(err error) error {
	if c.streaming() && CodeOf(err) == CodeCanceled && context.Cause(&c.handlerContext) == errStopping {
		return errStopping
	}
	return err
}

// streaming reports whether the handler has used the streams.
func (c *incomingCall) streaming() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.rarities().stream != nil
}

// Replied implements [transport.Replied]. It is called by the session, which must not be held up.
func (c *incomingCall) Replied(err error) {
	if err != nil {
		err = sessionError(c.method, err)
	}
	if waits, fate := c.settle(err); waits != nil {
		go func() { // the server's, and the client's, Close waits
			defer c.answerer.hooks.done()
			runHooks(waits, fate, c.logger())
		}()
	}
}

// open returns the streams, which a call without any does not cost.
func (c *incomingCall) open() (*transport.Stream, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rarely()
	if r.stream == nil {
		if c.ended {
			return nil, c.method.fail(CodeFailedPrecondition, "the handler has returned", nil)
		}
		r.stream = c.in.Stream()
		r.detach = context.AfterFunc(c.answerer.stopping, func() { c.endBecause(errStopping) })
	}
	return r.stream, nil
}

// Send implements [Stream], as do the others.
func (c *incomingCall) Send(item []byte) error {
	stream, err := c.open()
	if err != nil {
		return err
	}
	return streamError(c.method, stream.Send(item))
}

func (c *incomingCall) CloseSend() error { return nil } // the answer says so

func (c *incomingCall) Receive() ([]byte, error) {
	stream, err := c.open()
	if err != nil {
		return nil, err
	}
	item, err := stream.Receive()
	return item, streamError(c.method, err)
}

func (c *incomingCall) Reply(call *Call) error {
	return call.fail(CodeInternal, "a callee has no reply to wait for", nil)
}

func (c *incomingCall) Cancel(err error) {
	if stream, openErr := c.open(); openErr == nil {
		stream.Cancel(cancelError(err))
	}
}

// unknownType says that nobody answers calls of this type.
func unknownType(messageType uint16) string {
	return fmt.Sprintf("unknown message type %#04x: no method %d of a service %d here",
		messageType, messageType&0xFF, messageType>>8)
}
