package transport

import (
	"errors"
	"fmt"
)

// A CallError is an error that answers a call: the peer said so. The same type is what a
// handler answers with, and what a cancelled handler learns.
type CallError struct {
	Code    uint16 // of the sixteen of package runtime; 1 is canceled
	Message string
	Name    string // the full name of a declared error, or ""
	Body    []byte // of a declared error, encoded
}

// Error returns the code and the message.
func (e *CallError) Error() string { return fmt.Sprintf("code %d: %s", e.Code, e.Message) }

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

// A RuleError says that the peer broke a rule of the session form, which one, and how.
type RuleError struct {
	Rule string
	err  error
}

// Error returns the rule.
func (e *RuleError) Error() string { return "the peer broke a rule: " + e.Rule }

// Unwrap returns what was wrong with a payload, if that is the reason.
func (e *RuleError) Unwrap() error { return e.err }

// broken returns a *RuleError.
func broken(format string, args ...any) error {
	err := fmt.Errorf(format, args...)
	return &RuleError{Rule: err.Error(), err: errors.Unwrap(err)}
}

// A MessageError says that a message is larger than the peer accepts, or its metadata
// larger than anybody does. Nothing was sent.
type MessageError struct {
	Size, Limit int // bytes
	Metadata    bool
}

// Error names both sizes.
func (e *MessageError) Error() string {
	what := "message"
	if e.Metadata {
		what = "metadata"
	}
	return fmt.Sprintf("%s of %d bytes, the peer accepts at most %d", what, e.Size, e.Limit)
}
