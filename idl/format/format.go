// Package format prints .parley files in their one canonical form, as gofmt does for Go.
//
// The form:
//
//   - Tabs indent. Lines end with a line feed; carriage returns, a byte order mark and blanks at the end of a line go away.
//   - The package clause, the imports and each declaration are parted by one blank line. Consts, and errors without a body,
//     may stand on adjacent lines. Elsewhere blank lines stay where the author put them, several of them as one;
//     there are none at the beginning and the end of a body or a list.
//   - Each import, annotation, field, value, case and method has a line of its own. Imports on adjacent lines are sorted by
//     their paths.
//   - The numbers, names and types of adjacent lines stand in columns, and so do the comments behind them. A blank line,
//     or a line that is a comment or an annotation, ends the columns.
//   - A list of parameters or results stands on one line, unless the author broke it behind the parenthesis or put a comment
//     into it: then each group of names that share a type has a line, with a comma. A list of thrown errors keeps its breaks.
//   - An empty list of results, and the empty body of an error, are left out.
//   - Comments stay with what they stand above or behind. Numbers, strings and the text of comments are left as they were written.
package format

import (
	"github.com/parley-rpc/parley/idl/syntax"
)

// Source returns the canonical form of a file's text; the name is what diagnostics call it.
// If src is not correct the error is a syntax.ErrorList.
func Source(name string, src []byte) ([]byte, error) {
	f, errs := syntax.Parse(name, src)
	if err := errs.Err(); err != nil {
		return nil, err
	}
	return File(f), nil
}

// File returns the canonical form of f, which syntax.Parse must have returned without errors. It does not change f.
func File(f *syntax.File) []byte {
	p := &printer{file: f, comments: f.Comments}
	p.printFile()
	return join(p.lines)
}
