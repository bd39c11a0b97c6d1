// Package wire turns methods of a resolved Schema into a page of plain text that says how their calls look as bytes, so
// completely that a stranger could write a peer from it.
//
// A page has the messages of each method (method.go), then the types that they hold, each once (types.go), and what
// holds for all calls (notes.go). Messages are drawn as boxes (strip.go) over tables with an offset as long as that is
// fixed (layout.go). What the page says in short, the documentation of packages runtime/codec and
// runtime/transport specifies.
package wire

import (
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// Explain returns the page about the methods, in their order. The same methods give the same text.
func Explain(methods []*idl.Method) string {
	var page strings.Builder
	for _, m := range methods {
		writeMethod(&page, m)
	}
	writeTypes(&page, methods)
	writeNotes(&page, methods)
	return strings.TrimLeft(page.String(), "\n")
}

// heading writes a title with a line below.
func heading(page *strings.Builder, title, line string) {
	page.WriteString("\n" + title + "\n" + strings.Repeat(line, len([]rune(title))) + "\n")
}
