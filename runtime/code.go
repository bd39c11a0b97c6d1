package runtime

import (
	"context"
	"errors"
	"strconv"
)

// A Code is the kind of an error: what a program can decide by, where the message is
// for people. The codes are the sixteen that gRPC and Connect share, with their numbers.
type Code uint16

// The codes. Zero is no code: a call that went well.
const (
	CodeCanceled           Code = 1  // the caller gave up
	CodeUnknown            Code = 2  // nothing more is known; every error that carries no code
	CodeInvalidArgument    Code = 3  // the request is wrong, whatever the state of the server
	CodeDeadlineExceeded   Code = 4  // the time ran out; the call may have been carried out
	CodeNotFound           Code = 5  // what the request names does not exist
	CodeAlreadyExists      Code = 6  // what the request would make exists
	CodePermissionDenied   Code = 7  // the caller is known and may not
	CodeResourceExhausted  Code = 8  // a limit or quota is reached
	CodeFailedPrecondition Code = 9  // the server is not in the state that the request needs
	CodeAborted            Code = 10 // it met another change; try the whole transaction again
	CodeOutOfRange         Code = 11 // past the end
	CodeUnimplemented      Code = 12 // the peer does not know the method, or the form of the call
	CodeInternal           Code = 13 // the peer, or what it sent, is broken
	CodeUnavailable        Code = 14 // the peer cannot be reached now; trying again may help
	CodeDataLoss           Code = 15 // data is lost or damaged
	CodeUnauthenticated    Code = 16 // the caller is not known
)

var codeNames = [...]string{
	CodeCanceled:           "canceled",
	CodeUnknown:            "unknown",
	CodeInvalidArgument:    "invalid_argument",
	CodeDeadlineExceeded:   "deadline_exceeded",
	CodeNotFound:           "not_found",
	CodeAlreadyExists:      "already_exists",
	CodePermissionDenied:   "permission_denied",
	CodeResourceExhausted:  "resource_exhausted",
	CodeFailedPrecondition: "failed_precondition",
	CodeAborted:            "aborted",
	CodeOutOfRange:         "out_of_range",
	CodeUnimplemented:      "unimplemented",
	CodeInternal:           "internal",
	CodeUnavailable:        "unavailable",
	CodeDataLoss:           "data_loss",
	CodeUnauthenticated:    "unauthenticated",
}

// String returns the code's name as the IDL writes it, "not_found", or "code(n)" for
// a number that is none of the sixteen.
func (c Code) String() string {
	if int(c) < len(codeNames) && codeNames[c] != "" {
		return codeNames[c]
	}
	return "code(" + strconv.Itoa(int(c)) + ")"
}

// CodeOf returns the code of err: that of the first error in its tree that has one
// (an [*Error], a declared error), else the code for the errors of package context, else
// [CodeUnknown]. The code of nil is 0.
func CodeOf(err error) Code {
	var coded interface{ Code() Code }
	switch {
	case err == nil:
		return 0
	case errors.As(err, &coded):
		return coded.Code()
	case errors.Is(err, context.Canceled):
		return CodeCanceled
	case errors.Is(err, context.DeadlineExceeded):
		return CodeDeadlineExceeded
	}
	return CodeUnknown
}
