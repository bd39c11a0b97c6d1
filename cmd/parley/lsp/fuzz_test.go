package lsp

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzVerbs edits a document and asks everything at a place of it: no answer panics, and every range lies in its file.
func FuzzVerbs(f *testing.F) {
	cases, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatal(len(cases), err)
	}
	for _, name := range cases {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for i, file := range archive.Files {
			f.Add(string(file.Data), "struct A {", i*7, i*13, i*11)
			f.Add(string(file.Data), "\"{", i*5, i*5, i*17)
		}
	}
	f.Add("package room\r\rstruct \ufeff🙂 {\r\n", "@code(", 13, 14, 19)
	f.Add("package room\nerror E \"{a}{", "\\", 24, 24, 25)
	f.Fuzz(func(t *testing.T, source, typed string, start, end, cursor int) {
		root := t.TempDir()
		member := filepath.Join(root, "member", "member.parley")
		room := filepath.Join(root, "room", "room.parley")
		s := newServer(testOptions(t, root))
		for _, enc := range []encoding{encodingUTF16, encodingUTF8} {
			s.encoding = enc
			s.opened(documentParams{textDocument{URI: uriOf(member), Text: "package member\nstruct Member {}\nerror NotFound \"x\"\n"}})
			s.opened(documentParams{textDocument{URI: uriOf(room), Text: source}})
			before := s.documents[room].text
			edit := change{Range: &Range{before.position(start, enc), before.position(end, enc)}, Text: typed}
			s.changed(changeParams{textDocument{URI: uriOf(room)}, []change{edit}})
			askAll(t, s.snapshot(), room, cursor)
		}
	})
}

// askAll makes every request at a place of a document.
func askAll(t *testing.T, w *snapshot, path string, cursor int) {
	at := w.documents[path].text.position(cursor, w.encoding)
	params, err := json.Marshal(map[string]any{
		"textDocument": textDocument{URI: uriOf(path)}, "position": at, "newName": "Renamed", "query": "e",
		"context": map[string]bool{"includeDeclaration": true},
	})
	if err != nil {
		t.Fatal(err)
	}
	var results []any
	for name, verb := range verbs {
		result, err := verb(context.Background(), w, params)
		if err != nil && !strings.Contains(name, "ename") {
			t.Errorf("%s: got %v, want an answer", name, err)
		}
		if edit, ok := result.(*WorkspaceEdit); ok && edit != nil {
			w.checkEdits(t, edit)
		}
		results = append(results, result)
	}
	found := w.check()
	results = append(results, found[path])
	w.checkRanges(t, w.documents[path].text, results)
}

// checkEdits fails if the edits of a rename do not apply, from the last to the first.
func (w *snapshot) checkEdits(t *testing.T, edit *WorkspaceEdit) {
	for uri, edits := range edit.Changes {
		text := w.documents[pathOf(uri)].text
		last := 0
		for _, e := range edits {
			start, end := text.offset(e.Range.Start, w.encoding), text.offset(e.Range.End, w.encoding)
			if start < last || end < start {
				t.Errorf("got edits %+v, want them one behind the other", edits)
			}
			last = end
		}
	}
}

// checkRanges fails if one of the ranges of the document itself is none.
func (w *snapshot) checkRanges(t *testing.T, text *text, results []any) {
	for _, result := range results {
		var ranges []Range
		switch r := result.(type) {
		case []Diagnostic:
			for _, d := range r {
				ranges = append(ranges, d.Range)
			}
		case []DocumentSymbol:
			for _, d := range r {
				ranges = append(ranges, d.Range, d.SelectionRange)
				if text.offset(d.SelectionRange.End, w.encoding) > text.offset(d.Range.End, w.encoding) {
					t.Errorf("got %+v, want the name inside", d)
				}
			}
		case []CompletionItem:
			for _, c := range r {
				ranges = append(ranges, c.TextEdit.Range)
			}
		case []TextEdit:
			for _, e := range r {
				ranges = append(ranges, e.Range)
			}
		case *hoverResult:
			if r != nil {
				ranges = append(ranges, r.Range)
			}
		}
		for _, r := range ranges {
			start, end := text.offset(r.Start, w.encoding), text.offset(r.End, w.encoding)
			if start > end || text.position(start, w.encoding) != r.Start || text.position(end, w.encoding) != r.End {
				t.Errorf("got %T with the range %v, want one of the document", result, r)
			}
		}
	}
}
