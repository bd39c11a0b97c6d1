// Package doc turns a resolved Schema into documentation: one page of HTML that needs nothing else, or one of Markdown.
//
// Both are made of the same model: model.go says what a page holds, entry.go how each shape of the language fills it,
// usedby.go who uses what, comment.go what the comments say. Comments are read as Go's doc comments are: paragraphs,
// lists, headings, blocks of code, and links such as [Room.Join] and [member.Member].
package doc

import (
	"bytes"

	"github.com/parley-rpc/parley/idl"
)

// HTML returns a page about all packages of the schema, those that are only imported too. The page loads nothing: its
// style and its script are in it, and its policy forbids everything else. Without scripts it can be read, but not
// searched. The same schema gives the same bytes.
func HTML(schema *idl.Schema) ([]byte, error) {
	var out bytes.Buffer
	err := writeHTML(&out, newPage(schema))
	return out.Bytes(), err
}

// Markdown returns what HTML does as Markdown, in the flavour of CommonMark. Its anchors are a elements with an id.
// The same schema gives the same bytes.
func Markdown(schema *idl.Schema) []byte {
	var out bytes.Buffer
	writeMarkdown(&out, newPage(schema))
	return out.Bytes()
}
