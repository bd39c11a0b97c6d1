package runtime

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"

	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// answerClassic answers one classic request.
func (s *Server) answerClassic(ctx context.Context, x *classic.Exchange) {
	handler, err := s.find(x)
	if err != nil {
		x.Reply = appendError(x.Reply, handler, err.Error())
		if x.Fault == nil { // the transport logs its own
			logFault(s.logger, x.Remote, err)
		}
		return
	}
	h := newHandlerContext(ctx, timeoutOf(handler.Method, s.timeout), Peer{x.Remote, x.TLS})
	h.answerer = &s.answerer
	x.Done = h.replied
	if x.Reply, err = answer(h, handler, x.Request[2:], x.Reply); err != nil {
		h.fail(err)
		logFault(s.logger, x.Remote, err)
	}
}

// find returns the handler for a request, or what is wrong with the request, and then
// the handler too if it is known.
func (s *Server) find(x *classic.Exchange) (*Handler, error) {
	if len(x.Request) < 2 {
		if x.Fault != nil {
			return nil, x.Fault
		}
		return nil, fmt.Errorf("request of %d bytes, too short for a message type", len(x.Request))
	}
	messageType := binary.BigEndian.Uint16(x.Request)
	handler := s.handler(messageType)
	switch {
	case x.Fault != nil:
		return handler, x.Fault
	case handler == nil:
		return nil, errors.New(unknownType(messageType))
	case !handler.Method.Classic:
		return nil, fmt.Errorf("%s: not a method of the classic form; it needs a session", handler.Method)
	}
	return handler, nil
}

// ClassicReply answers one request with handler: request is the parameters, what it
// returns the results and the text of the error, as the classic form has them. It is for
// generated server stubs, whose callers do the rest of the transport's work. What
// becomes of the bytes is not known here; see [AfterReply].
func ClassicReply(ctx context.Context, handler Handler, request []byte) []byte {
	peer, _ := PeerFrom(ctx)
	h := newHandlerContext(ctx, handler.Method.Timeout, peer)
	response, err := answer(h, &handler, request, nil)
	if err != nil {
		logFault(h.logger(), peer.Address, err)
	}
	h.fail(err)
	h.replied(nil)
	return response
}

// answer runs the handler and appends its response to out. An error says that the
// response carries that error in place of what the handler said, or that the
// handler could not run.
func answer(h *handlerContext, handler *Handler, params, out []byte) ([]byte, error) {
	call := newCalleeCall(handler.Method, params)
	defer call.Release()
	defer h.end()
	text, fault := run(h, handler, call, params)
	start := len(out)
	if text == "" {
		out = codec.WriteString(append(out, call.Out...), "")
	} else {
		out = appendError(out, handler, text)
	}
	if size := len(out) - start; size > classic.MaxMessage {
		fault = call.fail(CodeResourceExhausted, "response: "+(&classic.SizeError{Size: size}).Error(), nil)
		out = appendError(out[:start], handler, fault.Error())
	}
	return out, fault
}

// run calls the handler and returns the text of its error, "" for none, and as fault
// what the server's operator should know: a panic, or parameters that could not be read.
func run(h *handlerContext, handler *Handler, call *Call, params []byte) (text string, fault error) {
	defer func() {
		if p := recover(); p != nil {
			fault = &handlerPanic{call.Method, p, debug.Stack()}
			text = call.Method.String() + ": the handler panicked"
		}
	}()
	err := h.handle(call, handler, params)
	if err == nil {
		return "", nil
	}
	if call.In.Err() != nil {
		fault = err
	}
	if text = err.Error(); text == "" {
		text = fmt.Sprintf("%s: the handler returned an error without a text, a %T", call.Method, err)
	}
	return text, fault
}

// appendError appends a response that says text: the method's results with nothing in
// them, if the method is known, and the text.
func appendError(out []byte, handler *Handler, text string) []byte {
	if handler != nil {
		out = handler.Method.zero(out)
	}
	return codec.WriteString(out, text)
}

// A handlerPanic is what a handler panicked with. The peer does not get to see it.
type handlerPanic struct {
	method *Method
	value  any
	stack  []byte
}

func (p *handlerPanic) Error() string {
	return fmt.Sprintf("%s: the handler panicked: %v", p.method, p.value)
}

// logFault writes the one line of a request that was refused. remote may be nil.
func logFault(logger *slog.Logger, remote net.Addr, err error) {
	attrs := []any{"reason", err.Error()}
	if remote != nil {
		attrs = append(attrs, "remote", remote.String())
	}
	var p *handlerPanic
	if errors.As(err, &p) {
		logger.Error("request failed", append(attrs, "stack", string(p.stack))...)
		return
	}
	logger.Warn("request refused", attrs...)
}
