package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

const (
	extension = "editor/vscode"
	grammar   = extension + "/parley.tmLanguage.json"
	vimSyntax = "editor/vim/syntax/parley.vim"
)

// readJSON reads a file of the extension.
func readJSON(t *testing.T, name string, into any) {
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

func TestExtensionNamesFilesThatAreThere(t *testing.T) {
	var manifest struct {
		Main        string
		Contributes struct {
			Languages []struct {
				ID, Configuration string
				Extensions        []string
			}
			Grammars []struct{ Language, ScopeName, Path string }
		}
	}
	readJSON(t, extension+"/package.json", &manifest)
	language, colours := manifest.Contributes.Languages[0], manifest.Contributes.Grammars[0]
	for _, name := range []string{manifest.Main, language.Configuration, colours.Path} {
		if _, err := os.Stat(filepath.Join(extension, name)); err != nil {
			t.Error(err)
		}
	}
	if language.ID != colours.Language || !slices.Equal(language.Extensions, []string{idl.Extension}) {
		t.Errorf("got language %q for %q with a grammar for %q, want %q and one name", language.ID, language.Extensions, colours.Language, idl.Extension)
	}
	var g struct{ ScopeName string }
	readJSON(t, grammar, &g)
	if g.ScopeName != colours.ScopeName {
		t.Errorf("got the scope %q, want %q", g.ScopeName, colours.ScopeName)
	}
	var configuration map[string]any
	readJSON(t, filepath.Join(extension, language.Configuration), &configuration)
	if len(configuration) == 0 {
		t.Error("got an empty language configuration")
	}
}

// patterns returns all values of match, begin and include in a grammar.
func patterns(node any, key string) []string {
	var found []string
	switch node := node.(type) {
	case []any:
		for _, child := range node {
			found = append(found, patterns(child, key)...)
		}
	case map[string]any:
		for name, child := range node {
			if text, ok := child.(string); ok && name == key {
				found = append(found, text)
			}
			found = append(found, patterns(child, key)...)
		}
	}
	return found
}

func TestGrammarIncludesWhatItHas(t *testing.T) {
	var g map[string]any
	readJSON(t, grammar, &g)
	var got []string
	for _, include := range patterns(g, "include") {
		got = append(got, strings.TrimPrefix(include, "#"))
	}
	slices.Sort(got)
	got = slices.Compact(got)
	want := slices.Sorted(maps.Keys(g["repository"].(map[string]any)))
	if !slices.Equal(got, want) {
		t.Errorf("got includes of %q, want %q", got, want)
	}
}

// alternatives returns the sorted words of the lists word|word|word that form matches.
func alternatives(form *regexp.Regexp, texts ...string) []string {
	var words []string
	for _, text := range texts {
		for _, m := range form.FindAllStringSubmatch(text, -1) {
			words = append(words, strings.Split(strings.ReplaceAll(m[1], `\|`, "|"), "|")...)
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}

func TestEditorsKnowTheWordsOfTheLanguage(t *testing.T) {
	var g map[string]any
	readJSON(t, grammar, &g)
	vim, err := os.ReadFile(vimSyntax)
	if err != nil {
		t.Fatal(err)
	}
	matches := append(patterns(g, "match"), patterns(g, "begin")...)
	keywords := slices.Sorted(slices.Values(append([]string{"package", "import"}, syntax.Keywords...)))
	builtins := slices.Sorted(slices.Values(idl.Builtins()))
	for _, test := range []struct {
		what      string
		got, want []string
	}{
		{"keywords of the grammar", alternatives(regexp.MustCompile(`^\\b\(([a-z|]+)\)`), matches...), keywords},
		{"types of the grammar", alternatives(regexp.MustCompile(`\(\?:(bool\|[a-z0-9|]+)\)`), matches...), builtins},
		{"keywords of Vim", alternatives(regexp.MustCompile(`%\((package\\\|[a-z|\\]+)\\\)`), string(vim)), keywords},
		{"types of Vim", alternatives(regexp.MustCompile(`%\((bool\\\|[a-z0-9|\\]+)\\\)`), string(vim)), builtins},
	} {
		if !slices.Equal(test.got, test.want) {
			t.Errorf("%s: got %q, want %q", test.what, test.got, test.want)
		}
	}
	for _, word := range []string{"reserved", "throws", "stream", "map"} {
		in := func(text string) bool { return strings.Contains(text, word) }
		if !slices.ContainsFunc(matches, in) || !in(string(vim)) {
			t.Errorf("an editor does not know %q", word)
		}
	}
}
