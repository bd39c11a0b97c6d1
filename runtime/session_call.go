package runtime

import (
	"context"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// CallerFrom returns a Caller for the peer whose call a handler answers, over the
// session on which that call came, given the handler's context or one derived from it. So a
// server calls the services that its client registered; when the session ends, calls
// fail with [CodeUnavailable]. It may be kept longer than the handler runs.
// CallerFrom reports false for calls of the classic form, whose connections carry one call each.
func CallerFrom(ctx context.Context) (Caller, bool) {
	h, ok := ctx.Value(handlerKey{}).(*handlerContext)
	if !ok || h.session == nil {
		return nil, false
	}
	h.mayWait()
	return &sessionCaller{session: h.session, timeout: h.answerer.timeout, chain: h.answerer.chain}, true
}

// A sessionCaller is a Caller over one session.
type sessionCaller struct {
	session *transport.Session
	timeout time.Duration // of unary calls; 0 is the default
	chain   chain         // around calls; nil for a client's, which sees to them
}

var _ Caller = (*sessionCaller)(nil)

func (s *sessionCaller) Call(ctx context.Context, call *Call) error {
	if len(s.chain) > 0 {
		return s.chain.call(ctx, call, s.callOnce)
	}
	return s.callOnce(ctx, call)
}

func (s *sessionCaller) interceptors() chain { return s.chain }

func (s *sessionCaller) callOnce(ctx context.Context, call *Call) error {
	request, err := unaryRequest(ctx, call, s.timeout)
	if err != nil {
		return err
	}
	return callError(call.Method, s.call(ctx, call, &request))
}

func (s *sessionCaller) Open(ctx context.Context, call *Call) (Stream, error) {
	request, err := newRequest(ctx, call)
	if err != nil {
		return nil, err
	}
	stream, err := s.session.Open(ctx, &request)
	if err != nil {
		return nil, sessionError(call.Method, err)
	}
	return newCallerStream(ctx, stream, call.Method), nil
}

// call returns an error of the transport.
func (s *sessionCaller) call(ctx context.Context, call *Call, request *transport.Request) error {
	response := transport.Response{Results: call.frame[:0]}
	err := s.session.Call(ctx, request, &response)
	call.frame = response.Results // what was there may be the session's now
	if response.Metadata != nil {
		err = carriedBy(ctx).reply.take(response.Metadata, err)
	}
	switch err {
	case nil:
		call.answered()
	case context.Canceled, context.DeadlineExceeded:
		err = fmt.Errorf("no answer from %v: %w", s.session.RemoteAddr(), err)
	}
	return err
}

// answered lets In stand at the results, which the call keeps.
func (c *Call) answered() { c.In.Reset(c.frame, c.Method.Classic) }

// callError is sessionError, but nil for nil.
func callError(method *Method, err error) error {
	if err == nil {
		return nil
	}
	return sessionError(method, err)
}

// newRequest returns what call sends, which ends with ctx.
func newRequest(ctx context.Context, call *Call) (transport.Request, error) {
	request := transport.Request{Method: call.Method.Type, Params: call.Out}
	request.Deadline, _ = ctx.Deadline()
	carried := carriedBy(ctx)
	carried.reply.set(nil)
	if len(carried.metadata) == 0 {
		return request, nil
	}
	request.Metadata = appendMetadata(nil, carried.metadata)
	if size := len(request.Metadata); size > frame.MaxMetadata {
		return request, sessionError(call.Method, &transport.MessageError{Size: size, Limit: frame.MaxMetadata, Metadata: true})
	}
	return request, nil
}

// unaryRequest is newRequest for a call that ends by itself after some time.
func unaryRequest(ctx context.Context, call *Call, timeout time.Duration) (transport.Request, error) {
	request, err := newRequest(ctx, call)
	request.Timeout = timeoutOf(call.Method, timeout)
	return request, err
}

// A callerStream is the streams of a call at the caller.
type callerStream struct {
	stream *transport.Stream
	method *Method
	reply  *replyMetadata // for who asked for it, or nil
}

func newCallerStream(ctx context.Context, stream *transport.Stream, method *Method) *callerStream {
	return &callerStream{stream, method, carriedBy(ctx).reply}
}

func (s *callerStream) Send(item []byte) error { return streamError(s.method, s.stream.Send(item)) }
func (s *callerStream) CloseSend() error       { return streamError(s.method, s.stream.CloseSend()) }
func (s *callerStream) Cancel(err error)       { s.stream.Cancel(cancelError(err)) }

func (s *callerStream) Receive() ([]byte, error) {
	item, err := s.stream.Receive()
	if err != nil && s.reply != nil {
		err = s.end(err)
	}
	return item, streamError(s.method, err)
}

// end takes the reply's metadata, once no item will come because of err. What Receive
// returns io.EOF for, or an error of the peer's, is the answer, so there is nothing to wait for.
func (s *callerStream) end(err error) error {
	var response transport.Response
	s.stream.Reply(&response) // its error is err
	return s.reply.take(response.Metadata, err)
}

func (s *callerStream) Reply(call *Call) error {
	response := transport.Response{Results: call.frame[:0]}
	err := s.stream.Reply(&response)
	call.frame = response.Results
	if err = s.reply.take(response.Metadata, err); err != nil {
		return sessionError(s.method, err)
	}
	call.answered()
	return nil
}
