package wire

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// What holds for all calls. A peer that follows these pages and the layouts is complete, but for what is optional.
var (
	//go:embed values.txt
	valuesNote string
	//go:embed classic.txt
	classicNote string
	//go:embed session.txt
	sessionNote string
	//go:embed streams.txt
	streamsNote string
)

// writeNotes writes what holds for all calls, as far as the methods need it.
func writeNotes(page *strings.Builder, methods []*idl.Method) {
	isClassic := func(m *idl.Method) bool { return m.Service.Classic }
	hasStream := func(m *idl.Method) bool { return !m.Unary() }

	heading(page, "Values", "=")
	page.WriteString("\n" + valuesNote)
	if slices.ContainsFunc(methods, isClassic) {
		heading(page, "The classic form", "=")
		page.WriteString("\n" + classicNote)
	}
	heading(page, "The session form", "=")
	page.WriteString("\n" + sessionNote)
	if slices.ContainsFunc(methods, hasStream) {
		heading(page, "Streams", "=")
		page.WriteString("\n" + streamsNote)
	}
}

// codes are the names of the error codes. The first has number 1.
var codes = []string{
	"canceled", "unknown", "invalid_argument", "deadline_exceeded", "not_found", "already_exists", "permission_denied",
	"resource_exhausted", "failed_precondition", "aborted", "out_of_range", "unimplemented", "internal", "unavailable",
	"data_loss", "unauthenticated",
}

func codeNumber(name string) int { return slices.Index(codes, name) + 1 }
