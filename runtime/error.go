package runtime

import (
	"context"
	"encoding"
	"fmt"
)

// An Error is an error with a [Code]. The runtime returns no other kind from a call,
// and a handler that returns one, made by [NewError] or [Errorf], chooses the code that
// its caller sees. An Error never changes.
//
// A declared error of the peer's stands within an Error, for errors.As to find.
//
// Two questions tell errors of one code apart: [Error.Remote], did the peer say so?
// and [Error.Broken], did the line to it break?
type Error struct {
	code    Code
	message string
	call    string // set on what the runtime found itself: stands before message, in the code's place
	remote  bool
	broken  bool
	cause   error // a DeclaredError too, if the peer said so
}

// NewError returns an error with the given code and message. Code 0 is taken for
// [CodeUnknown].
func NewError(code Code, message string) *Error {
	if code == 0 {
		code = CodeUnknown
	}
	return &Error{code: code, message: message}
}

// Errorf is [NewError] with a message made by [fmt.Errorf]; what %w wraps can be
// found with errors.Is and errors.As on this side of the wire.
func Errorf(code Code, format string, args ...any) *Error {
	cause := fmt.Errorf(format, args...)
	e := NewError(code, cause.Error())
	e.cause = cause
	return e
}

// Error returns "not_found: message", or the bare message if the code is
// [CodeUnknown] or the peer answered with a declared error. What the runtime found itself has the call's name in the place of the
// code: "rpcchat.Chat.List: dial tcp 127.0.0.1:1: connect: connection refused".
func (e *Error) Error() string {
	switch {
	case e.call != "":
		return e.call + ": " + e.message
	case e.message == "":
		return e.code.String()
	case e.code == CodeUnknown, e.isDeclared():
		return e.message
	}
	return e.code.String() + ": " + e.message
}

// isDeclared reports whether the peer answered with a declared error, whose text
// needs no code before it.
func (e *Error) isDeclared() bool {
	_, declared := e.cause.(DeclaredError)
	return e.remote && declared
}

// Code returns the error's code, never 0.
func (e *Error) Code() Code { return e.code }

// Message returns the error's text without code and call.
func (e *Error) Message() string { return e.message }

// Remote reports whether the peer answered with this error. Otherwise it arose on this side.
func (e *Error) Remote() bool { return e.remote }

// Broken reports whether the line to the peer could not be made or broke, so that
// nobody knows how far the call got. The code is then [CodeUnavailable].
func (e *Error) Broken() bool { return e.broken }

// Unwrap returns what the error came from on this side of the wire, or the declared
// error with its fields that the peer answered with, for errors.As; or nil.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is(err, context.Canceled) hold for [CodeCanceled] and
// errors.Is(err, context.DeadlineExceeded) for [CodeDeadlineExceeded], whichever
// side's clock ran out first.
func (e *Error) Is(target error) bool {
	return target == context.Canceled && e.code == CodeCanceled ||
		target == context.DeadlineExceeded && e.code == CodeDeadlineExceeded
}

// A DeclaredError is an error that an IDL package declares; its generated type
// implements this.
type DeclaredError interface {
	error
	Code() Code
	ErrorName() string // full name, as it goes over the wire: "justchat/room.NameTaken"
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

// An ErrorType lets the runtime make a declared error out of what came.
type ErrorType struct {
	Name string // what ErrorName of its values returns
	New  func() DeclaredError
}

// Throws returns the ErrorType of T, for generated code to list in [Method.Throws].
func Throws[T any, P interface {
	*T
	DeclaredError
}]() ErrorType {
	return ErrorType{
		Name: P(new(T)).ErrorName(),
		New:  func() DeclaredError { return P(new(T)) },
	}
}
