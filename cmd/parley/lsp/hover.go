package lsp

import (
	"context"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// hover answers what the name or word at a position is: its declaration, as it is written, and its doc comment.
func hover(_ context.Context, w *snapshot, p positionParams) (*hoverResult, error) {
	f, o := w.lookup(p)
	if o == nil {
		return nil, nil
	}
	text := words[o.key]
	if dir, ok := strings.CutPrefix(o.key, "package "); ok {
		text = w.packageDoc(f.root, dir)
	} else if d := w.declaration(f, o.key); d != nil {
		text = w.about(d)
	}
	if text == "" {
		return nil, nil
	}
	return &hoverResult{markdown(text), f.text.rangeOf(o.pos, o.end, w.encoding)}, nil
}

// packageDoc returns the package comments of a package's files.
func (w *snapshot) packageDoc(root, dir string) string {
	text := code("package " + dir)
	for _, f := range w.files(root, dir) {
		text += paragraph(f.tree().Doc)
	}
	return text
}

// about describes what is declared at d.
func (w *snapshot) about(d *found) string {
	s := d.symbol
	if i, ok := s.node.(*syntax.Import); ok {
		return w.packageDoc(d.file.root, i.Path.Unquote())
	}
	text := code(declarationText(d))
	for _, note := range s.notes {
		if note.Name.Name == "deprecated" && note.Argument != nil {
			text += "\n\n**Deprecated:** " + note.Argument.Unquote()
		}
	}
	return text + paragraph(s.doc)
}

// declarationText returns the source of what is declared at d, a member with what it belongs to, the beginning of a long one.
func declarationText(d *found) string {
	const most = 40 // lines
	s := d.symbol
	switch s.kind {
	case "field", "case", "parameter", "result", "value":
		_, of, _ := strings.Cut(d.key, "#")
		text := s.name + " " + s.detail
		if s.kind == "value" {
			text = s.name + " = " + s.detail
		}
		return text + "  // " + s.kind + " of " + strings.ReplaceAll(strings.TrimSuffix(of, "/"+s.name), "/", ".")
	}
	start, end := s.node.Pos(), min(int(s.node.End()), len(d.file.text.raw))
	lines := strings.Split(d.file.text.raw[min(int(start), end):end], "\n")
	if s.kind == "method" {
		for i := range lines {
			lines[i] = strings.TrimPrefix(lines[i], "\t")
		}
	}
	if len(lines) > most {
		lines = append(lines[:most], "\t…")
	}
	return strings.Join(lines, "\n")
}

func code(text string) string { return "```parley\n" + text + "\n```" }

// paragraph returns what a doc comment says, with a blank line in front of it, or "" if there is none.
func paragraph(doc *syntax.CommentGroup) string {
	text := idl.DocText(doc)
	if text == "" {
		return ""
	}
	return "\n\n" + text
}
