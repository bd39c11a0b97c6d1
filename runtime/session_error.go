package runtime

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/parley-rpc/parley/runtime/transport"
)

// answerError returns how a handler's error crosses: its code and text, and if it is or
// wraps a declared error, that one's name and fields.
func answerError(method *Method, err error) *transport.CallError {
	answer := &transport.CallError{Code: uint16(CodeOf(err)), Message: messageOf(err)}
	if answer.Code == 0 {
		answer.Code = uint16(CodeUnknown)
	}
	var declared DeclaredError
	if !errors.As(err, &declared) {
		if answer.Message == "" && answer.Code == uint16(CodeUnknown) {
			answer.Message = fmt.Sprintf("%s: the handler returned an error without a text, a %T", method, err)
		}
		return answer
	}
	body, encodeErr := declared.AppendBinary(nil)
	if encodeErr != nil {
		return &transport.CallError{Code: uint16(CodeInternal),
			Message: fmt.Sprintf("%s: encoding error %s: %v", method, declared.ErrorName(), encodeErr)}
	}
	answer.Name, answer.Body = declared.ErrorName(), body
	return answer
}

// messageOf returns the text that goes beside the code.
func messageOf(err error) string {
	if e, ok := err.(*Error); ok && e.call == "" {
		return e.message
	}
	return err.Error()
}

// cancelError returns how the peer of a stream learns of err.
func cancelError(err error) *transport.CallError {
	return &transport.CallError{Code: uint16(CodeCanceled), Message: messageOf(err)}
}

// sessionError gives an error of the transport its code and the method's name.
func sessionError(method *Method, err error) *Error {
	var (
		answer  *transport.CallError
		message *transport.MessageError
		line    *transport.LineError
	)
	switch {
	case errors.As(err, &answer):
		return remoteError(method, answer)
	case errors.As(err, &message):
		return method.fail(CodeResourceExhausted, err.Error(), err)
	case err == errClientClosed:
		return method.fail(CodeCanceled, err.Error(), nil)
	case errors.Is(err, transport.ErrClassicOnly):
		return method.fail(CodeUnimplemented, err.Error(), err)
	case errors.As(err, &line):
		e := method.fail(CodeUnavailable, err.Error(), err)
		e.broken = true
		return e
	case errors.Is(err, context.Canceled):
		return method.fail(CodeCanceled, err.Error(), err)
	case errors.Is(err, context.DeadlineExceeded):
		return method.fail(CodeDeadlineExceeded, err.Error(), err)
	}
	return method.fail(CodeInternal, err.Error(), err)
}

// remoteError returns what the peer said, with the declared error in it if method
// throws that one.
func remoteError(method *Method, answer *transport.CallError) *Error {
	e := NewError(Code(answer.Code), answer.Message)
	e.remote = true
	for i := range method.Throws {
		if answer.Name == "" || method.Throws[i].Name != answer.Name {
			continue
		}
		declared := method.Throws[i].New()
		if err := declared.UnmarshalBinary(answer.Body); err != nil {
			return method.fail(CodeInternal, fmt.Sprintf("error %s: %v", answer.Name, err), err)
		}
		e.cause = declared
	}
	return e
}

// streamError is sessionError for what a Stream returns; nil and io.EOF stay.
func streamError(method *Method, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return sessionError(method, err)
}
