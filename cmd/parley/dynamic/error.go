package dynamic

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// An Error says why JSON is no value of the type that is wanted.
type Error struct {
	Path   string // of the value that is wrong: `files[3].name`, `scores["bob"]`; "" for the whole
	Reason string
	Hint   string // what to do about it, or ""
}

// Error returns `files[3].name: want a string, got a number`, and the hint behind a comma.
func (e *Error) Error() string {
	text := e.Reason
	if e.Path != "" {
		text = e.Path + ": " + text
	}
	if e.Hint != "" {
		text += ", " + e.Hint
	}
	return text
}

func failf(format string, args ...any) *Error { return &Error{Reason: fmt.Sprintf(format, args...)} }

// within puts outer before the path of e.
func (e *Error) within(outer string) *Error {
	if e != nil {
		switch {
		case e.Path == "" || e.Path[0] == '[':
			e.Path = outer + e.Path
		default:
			e.Path = outer + "." + e.Path
		}
	}
	return e
}

// unknown is the error about a name that is none of known.
func unknown(what, name string, known []string) *Error {
	e := failf("there is no %s %q", what, name)
	switch meant := syntax.Nearest(name, known); {
	case meant != "":
		e.Hint = fmt.Sprintf("did you mean %q?", meant)
	case len(known) > 0:
		e.Hint = "only " + enumerate(known)
	}
	return e
}

// enumerate returns the names, the first few of many.
func enumerate(names []string) string {
	const most = 12
	if len(names) > most {
		names = append(slices.Clone(names[:most]), "…")
	}
	return strings.Join(names, ", ")
}
