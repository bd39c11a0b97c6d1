package lsp

import (
	"slices"
	"testing"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// languageWords returns the keys of the words that the language lists itself.
func languageWords() []string {
	var keys []string
	for _, word := range syntax.Keywords {
		keys = append(keys, "keyword "+word)
	}
	for _, name := range idl.Builtins() {
		keys = append(keys, "type "+name)
	}
	for _, what := range []string{"service", "method", "error", "field"} {
		for _, name := range idl.Annotations(what) {
			keys = append(keys, "annotation "+name)
		}
	}
	for _, code := range idl.Codes {
		keys = append(keys, "code "+code)
	}
	return keys
}

func TestWordsAreAllThere(t *testing.T) {
	keys := languageWords()
	for _, word := range []string{"package", "import", "reserved", "throws", "stream", "map"} {
		keys = append(keys, "keyword "+word)
	}
	for _, key := range keys {
		if words[key] == "" {
			t.Errorf("nothing says what %q means", key)
		}
	}
}

func TestCompletionListsAllDeclarations(t *testing.T) {
	for _, word := range syntax.Keywords {
		if !slices.Contains(declarations, word) {
			t.Errorf("got %q, want %q among them", declarations, word)
		}
	}
}
