package frame

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

// A RuleError says that the peer broke a rule of the session form, which one, and how.
type RuleError struct {
	Rule string
	err  error
}

// Error returns the rule.
func (e *RuleError) Error() string { return "the peer broke a rule: " + e.Rule }

// Unwrap returns what was wrong with a payload, if that is the reason.
func (e *RuleError) Unwrap() error { return e.err }

// Broken returns a *RuleError whose rule is formatted as [fmt.Errorf] does.
func Broken(format string, args ...any) error {
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
