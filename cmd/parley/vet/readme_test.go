package vet

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// examples returns the Go in README.md by section: the first in one about an analyzer is found, the second is not.
func examples(t *testing.T) map[string][]string {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for section := range strings.SplitSeq(string(text), "\n## ") {
		name, body, _ := strings.Cut(section, "\n")
		for _, block := range regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(body, -1) {
			all[name] = append(all[name], block[1])
		}
	}
	return all
}

// asFile returns an example as a file of Go, with the imports that it needs.
func asFile(example string) []byte {
	file := "package example\n\n"
	for _, path := range []string{"context", "errors", "fmt", "log", "example.test/chat/room"} {
		if strings.Contains(example, path[strings.LastIndex(path, "/")+1:]+".") {
			file += fmt.Sprintf("import %q\n", path)
		}
	}
	return []byte(file + "\n" + example)
}

func TestExamplesInReadme(t *testing.T) {
	config := testdata(t)
	config.Overlay = map[string][]byte{}
	want := map[string][]string{} // by file
	var patterns []string
	written := examples(t)
	for name, blocks := range written {
		for i, block := range blocks {
			pattern := fmt.Sprintf("./example%d", len(patterns))
			file := filepath.Join(config.Dir, pattern, "example.go")
			config.Overlay[file] = asFile(block)
			patterns = append(patterns, pattern)
			if i == 0 && !strings.HasPrefix(name, "# ") { // the first section is about all of them
				want[file] = []string{name}
			}
		}
	}
	for _, analyzer := range Analyzers() {
		if len(written[analyzer.Name]) != 2 {
			t.Errorf("README.md has %d examples of %s, want one that is found and one that is not", len(written[analyzer.Name]), analyzer.Name)
		}
	}
	found, err := run(config, Analyzers(), patterns...)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, f := range found {
		got[f.File] = append(got[f.File], f.Analyzer)
	}
	for file, text := range config.Overlay {
		if !slices.Equal(got[file], want[file]) {
			t.Errorf("got findings %q, want %q, in\n%s", got[file], want[file], text)
		}
	}
}
