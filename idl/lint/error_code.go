package lint

import (
	"iter"
	"slices"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

var errorCode = &Rule{
	ID:      "error-code",
	Summary: "an error has a code",
	Why: `Callers, interceptors and logs that do not know the error go by its code: whether to try again, whom to blame.
Without @code it is unknown, as for a bug. Where that is meant, write @code(unknown).`,
	Bad: `
// RoomFull says that nobody else fits in.
error RoomFull "the room is full"

// Door lets guests in.
service Door = 1 {
	// Enter lets a guest in.
	0: Enter() throws RoomFull
}
`,
	Good: `
// RoomFull says that nobody else fits in.
@code(resource_exhausted)
error RoomFull "the room is full"

// Door lets guests in.
service Door = 1 {
	// Enter lets a guest in.
	0: Enter() throws RoomFull
}
`,
	check: checkErrorCode,
}

func checkErrorCode(p *pass) {
	for file, node := range p.errors() {
		coded := slices.ContainsFunc(node.Annotations, func(a *syntax.Annotation) bool { return a.Name.Name == "code" })
		if !coded {
			p.reportAt(file, node.Name, "write above it @code(not_found), or another", "error %q has no code", node.Name.Name)
		}
	}
}

// errors returns the errors of the package as they are written, with the file of each.
func (p *pass) errors() iter.Seq2[*idl.File, *syntax.Error] {
	return func(yield func(*idl.File, *syntax.Error) bool) {
		for _, file := range p.pkg.Files {
			for _, d := range file.Syntax.Decls {
				if node, ok := d.(*syntax.Error); ok && !yield(file, node) {
					return
				}
			}
		}
	}
}
