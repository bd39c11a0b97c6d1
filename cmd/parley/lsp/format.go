package lsp

import (
	"context"
	"strings"

	"github.com/parley-rpc/parley/idl/format"
)

// formatting answers with the edits that lay a document out. A document with syntax errors gets none: its diagnostics
// say why, and an editor that formats whenever it saves needs no second complaint.
func formatting(_ context.Context, w *snapshot, p documentParams) ([]TextEdit, error) {
	f := w.file(p.TextDocument.URI)
	if f == nil || f.parsed().damaged {
		return nil, nil
	}
	want := string(format.File(f.tree()))
	if want == f.text.raw {
		return []TextEdit{}, nil
	}
	return []TextEdit{w.difference(f.text, want)}, nil
}

// difference returns the edit that makes want of t. It touches only the lines between the first and the last that differ,
// so that the cursor mostly stays where it is.
func (w *snapshot) difference(t *text, want string) TextEdit {
	if strings.HasPrefix(t.raw, byteOrderMark) {
		return TextEdit{Range{t.position(0, w.encoding), t.position(len(t.raw), w.encoding)}, want}
	}
	start := 0
	for start < min(len(t.raw), len(want)) && t.raw[start] == want[start] {
		start++
	}
	start = strings.LastIndexByte(want[:start], '\n') + 1
	end, tail := len(t.raw), len(want)
	for end > start && tail > start && t.raw[end-1] == want[tail-1] {
		end, tail = end-1, tail-1
	}
	rest := strings.IndexByte(want[tail:], '\n') + 1 // the line in which they begin to be the same
	if rest == 0 {
		rest = len(want) - tail
	}
	return TextEdit{Range{t.position(start, w.encoding), t.position(end+rest, w.encoding)}, want[start : tail+rest]}
}
