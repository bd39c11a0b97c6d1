package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// Taken is a declared error as parley generates it.
type Taken struct{ Name string }

func (e *Taken) Error() string                           { return "the name " + e.Name + " is taken" }
func (e *Taken) Code() runtime.Code                      { return runtime.CodeAlreadyExists }
func (e *Taken) ErrorName() string                       { return "example.Taken" }
func (e *Taken) AppendBinary(buf []byte) ([]byte, error) { return codec.WriteString(buf, e.Name), nil }
func (e *Taken) UnmarshalBinary(data []byte) (err error) {
	e.Name, _, err = codec.ReadString(data)
	return err
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  *runtime.Error
		want string
	}{
		{runtime.NewError(runtime.CodeNotFound, "no such page"), "not_found: no such page"},
		{runtime.NewError(runtime.CodeUnknown, "no such page"), "no such page"},
		{runtime.NewError(0, "no such page"), "no such page"},
		{runtime.NewError(runtime.CodeNotFound, ""), "not_found"},
		{runtime.NewError(runtime.CodeUnknown, ""), "unknown"},
		{runtime.NewError(99, "from the future"), "code(99): from the future"},
		{runtime.Errorf(runtime.CodeAborted, "page %d: %w", 7, io.EOF), "aborted: page 7: EOF"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
	if err := runtime.NewError(0, ""); err.Code() != runtime.CodeUnknown || err.Remote() || err.Broken() {
		t.Errorf("got code %v, remote %v, broken %v, want unknown, false, false", err.Code(), err.Remote(), err.Broken())
	}
}

func TestErrorWraps(t *testing.T) {
	err := runtime.Errorf(runtime.CodeAborted, "page %d: %w", 7, io.EOF)
	if !errors.Is(err, io.EOF) {
		t.Error("the error is not io.EOF to errors.Is, want it to be")
	}
	if got, want := err.Message(), "page 7: EOF"; got != want {
		t.Errorf("got message %q, want %q", got, want)
	}
	var as *runtime.Error
	if !errors.As(fmt.Errorf("outer: %w", err), &as) || as != err {
		t.Errorf("errors.As gave %v, want %v", as, err)
	}
}

func TestErrorIsContextError(t *testing.T) {
	canceled := runtime.NewError(runtime.CodeCanceled, "x")
	late := runtime.NewError(runtime.CodeDeadlineExceeded, "x")
	if !errors.Is(canceled, context.Canceled) || errors.Is(canceled, context.DeadlineExceeded) {
		t.Error("canceled is not context.Canceled alone")
	}
	if !errors.Is(late, context.DeadlineExceeded) || errors.Is(late, context.Canceled) {
		t.Error("deadline_exceeded is not context.DeadlineExceeded alone")
	}
}

func TestCodeOf(t *testing.T) {
	tests := []struct {
		err  error
		want runtime.Code
	}{
		{nil, 0},
		{io.EOF, runtime.CodeUnknown},
		{runtime.NewError(runtime.CodeNotFound, ""), runtime.CodeNotFound},
		{fmt.Errorf("outer: %w", runtime.NewError(runtime.CodeNotFound, "")), runtime.CodeNotFound},
		{&Taken{"bob"}, runtime.CodeAlreadyExists},
		{context.Canceled, runtime.CodeCanceled},
		{fmt.Errorf("outer: %w", context.DeadlineExceeded), runtime.CodeDeadlineExceeded},
		{runtime.Errorf(runtime.CodeInternal, "%w", context.Canceled), runtime.CodeInternal},
	}
	for _, test := range tests {
		if got := runtime.CodeOf(test.err); got != test.want {
			t.Errorf("%v: got %v, want %v", test.err, got, test.want)
		}
	}
}

// TestCodes holds numbers and names to the ones that gRPC and Connect have.
func TestCodes(t *testing.T) {
	names := strings.Fields(`canceled unknown invalid_argument deadline_exceeded not_found already_exists
		permission_denied resource_exhausted failed_precondition aborted out_of_range unimplemented
		internal unavailable data_loss unauthenticated code(17)`)
	for i, want := range names {
		if got := runtime.Code(i + 1).String(); got != want {
			t.Errorf("code %d: got %q, want %q", i+1, got, want)
		}
	}
	if got, want := runtime.Code(0).String(), "code(0)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestThrows(t *testing.T) {
	kind := runtime.Throws[Taken]()
	if got, want := kind.Name, "example.Taken"; got != want {
		t.Errorf("got name %q, want %q", got, want)
	}
	body, _ := (&Taken{"bob"}).AppendBinary(nil)
	err := kind.New()
	if e := err.UnmarshalBinary(body); e != nil || err.Error() != "the name bob is taken" {
		t.Errorf("got %v, %v, want the name bob is taken", err, e)
	}
	if kind.New() == err {
		t.Error("New gave the same error twice")
	}
}
