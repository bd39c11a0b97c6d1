package remote

import (
	"errors"
	"io"
	"slices"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport"
)

// A plainError has another text than the error that it wraps.
type plainError struct {
	text string
	error
}

func (e *plainError) Error() string { return e.text }
func (e *plainError) Unwrap() error { return e.error }

// plain returns an error of a call that the user did not make without that call's name: it is about the server.
func (c *Caller) plain(err error) error {
	line, broken := errors.AsType[*transport.LineError](err)
	call, ours := errors.AsType[*runtime.Error](err)
	switch {
	case broken && line.NotRun:
		return &plainError{line.Cause.Error(), err}
	case broken && c.clear && errors.Is(line.Cause, io.EOF):
		return &plainError{line.Error() + ": if the port is for TLS, say -tls", err}
	case ours && !call.Remote():
		return &plainError{call.Message(), err}
	}
	return err
}

// A DeclaredError is an error that a schema declares, with its fields as JSON. It stands within the [*runtime.Error] of a call,
// which has its text.
type DeclaredError struct {
	Fields []byte // a JSON object
	decl   *idl.Error
	body   []byte
}

var _ runtime.DeclaredError = (*DeclaredError)(nil)

// Error returns the error's full name.
func (e *DeclaredError) Error() string { return e.ErrorName() }

// ErrorName returns the error's full name: "justchat/room.NameTaken".
func (e *DeclaredError) ErrorName() string { return e.decl.FullName() }

// Code returns the code that its declaration names.
func (e *DeclaredError) Code() runtime.Code {
	for code := runtime.CodeCanceled; code <= runtime.CodeUnauthenticated; code++ {
		if code.String() == e.decl.Code {
			return code
		}
	}
	return runtime.CodeUnknown
}

// AppendBinary appends what the error was read from.
func (e *DeclaredError) AppendBinary(buf []byte) ([]byte, error) { return append(buf, e.body...), nil }

// UnmarshalBinary reads the fields.
func (e *DeclaredError) UnmarshalBinary(data []byte) error {
	var d codec.Decoder
	d.Reset(data, true)
	fields, err := dynamic.ReadError(&d, e.decl)
	if err != nil {
		return err
	}
	e.Fields, e.body = fields, slices.Clone(data)
	return nil
}

// errorTypes returns all errors that schema declares: a method may answer with others than it throws.
func errorTypes(schema *idl.Schema) []runtime.ErrorType {
	var types []runtime.ErrorType
	for _, p := range schema.Packages {
		for decl := range p.Decls() {
			if e, ok := decl.(*idl.Error); ok {
				types = append(types, runtime.ErrorType{
					Name: e.FullName(),
					New:  func() runtime.DeclaredError { return &DeclaredError{decl: e} },
				})
			}
		}
	}
	return types
}
