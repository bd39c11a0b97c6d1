package lsp

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/idl/format"
)

func TestFormattingTwice(t *testing.T) {
	for _, source := range []string{
		"package room\n\n\n\nstruct A {\n b string\n}\n",
		"package room\r\n\r\nstruct A { b string }\r\n",
		"\ufeffpackage room\nstruct A { b string }",
		"package room\n\nstruct A {\n\tb string\n}",
		"package room\n\nstruct A {\n\tb string\n}\n\n\n",
		"package   room\n\nstruct A {\n\tb string\n}\n",
		"package room\n\nstruct A {\n\tb string\n\tb string\n}\n\nstruct A {\n\tb string\n\tb   string\n}\n",
	} {
		s := newServer(testOptions(t, t.TempDir()))
		path := filepath.Join(t.TempDir(), "room", "room.parley")
		s.opened(documentParams{textDocument{URI: uriOf(path), Text: source}})
		for round := range 2 {
			w := s.snapshot()
			edits, err := formatting(context.Background(), w, documentParams{textDocument{URI: uriOf(path)}})
			if err != nil || len(edits) != 1-round && !strings.HasPrefix(source, byteOrderMark) {
				t.Fatalf("%q: round %d: got %+v, %v, want %d edits", source, round, edits, err, 1-round)
			}
			var changes []change
			for _, e := range edits {
				changes = append(changes, change{&e.Range, e.NewText})
			}
			s.changed(changeParams{textDocument{URI: uriOf(path)}, changes})
		}
		got := s.documents[path].text.raw
		want, err := format.Source("", []byte(source))
		if err != nil || strings.TrimPrefix(got, byteOrderMark) != string(want) {
			t.Errorf("got %q, want %q, %v", got, want, err)
		}
	}
}
