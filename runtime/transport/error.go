package transport

import (
	"errors"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// What a frame says that went wrong, and what is wrong with a frame.
type (
	CallError    = frame.CallError    // answers a call: the peer said so
	RuleError    = frame.RuleError    // breaks the connection: the peer broke a rule
	MessageError = frame.MessageError // is what a sender gets: the message is larger than the peer accepts
)

// The codes that a session itself answers with, as package runtime numbers them.
const (
	codeCanceled          = 1
	codeDeadlineExceeded  = 4
	codeResourceExhausted = 8
	codeUnimplemented     = 12
	codeInternal          = 13
	codeUnavailable       = 14
)

// A LineError says that the connection broke, or could not take a call: nobody
// answered.
type LineError struct {
	// NotRun says that the call certainly did not run, so that it can be made again
	// elsewhere whatever it does. Otherwise it may have run.
	NotRun bool

	// Cause is why: an error of the network, a *RuleError, ErrClosed, ErrClassicOnly,
	// ErrGoAway.
	Cause error
}

// Error says that the line broke, and why.
func (e *LineError) Error() string {
	if e.NotRun {
		return "the call was not run: " + e.Cause.Error()
	}
	return "the connection broke: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *LineError) Unwrap() error { return e.Cause }

// Causes of a LineError.
var (
	ErrClosed      = errors.New("the session is closed")
	ErrClassicOnly = errors.New("the peer speaks only the classic form")
	ErrGoAway      = errors.New("the peer takes no new calls")
)

// errNumbers ends a session after 2^31 calls of one side.
var errNumbers = errors.New("the connection has used up its call numbers")
