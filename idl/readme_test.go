package idl_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
)

// fence matches a fenced block of a Markdown file: what stands behind the opening fence, and the block.
var fence = regexp.MustCompile("(?ms)^```([^\n`]*)\n(.*?)^```$")

// clause matches a package clause.
var clause = regexp.MustCompile(`(?m)^package (\w+)$`)

// TestReadme loads each example of README.md. A block «parley FILE» is that file of one root; «parley» alone is the
// content of a package that may import from there; «parley mistake» gets what the text block behind it says.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fence.FindAllStringSubmatch(string(readme), -1)
	root := readmeFiles(blocks)
	tested := len(root)
	for file := range root {
		if _, err := idl.Load(idl.Root{FS: root}, path.Dir(file)); err != nil {
			t.Errorf("%s: %s", file, printed(t, err))
		}
	}
	for i, block := range blocks {
		switch info, text := block[1], block[2]; info {
		case "parley":
			tested++
			if got := loadExample(t, root, "package example\n\n"+text); got != "" {
				t.Errorf("%s\ngets:\n%s", text, got)
			}
		case "parley mistake":
			tested++
			if blocks[i+1][1] != "text" {
				t.Fatalf("%s\nis not followed by its diagnostics", text)
			}
			want := blocks[i+1][2]
			got := loadExample(t, root, text)
			if *update {
				updated := strings.Replace(string(readme), "```text\n"+want+"```", "```text\n"+got+"```", 1)
				if err := os.WriteFile("README.md", []byte(updated), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%s\ngets:\n%s\nwant:\n%s", text, got, want)
			}
		}
	}
	if tested < 10 {
		t.Errorf("got %d examples in README.md: the test does not find them", tested)
	}
}

// readmeFiles returns the files that blocks show as such.
func readmeFiles(blocks [][]string) fstest.MapFS {
	root := fstest.MapFS{}
	for _, block := range blocks {
		if file, ok := strings.CutPrefix(block[1], "parley "); ok && file != "mistake" {
			root[file] = &fstest.MapFile{Data: []byte(block[2])}
		}
	}
	return root
}

// loadExample loads text, a file of the package that it names, and returns what is printed about its mistakes.
func loadExample(t *testing.T, root fstest.MapFS, text string) string {
	match := clause.FindStringSubmatch(text)
	if match == nil {
		t.Fatalf("%s\nhas no package clause", text)
	}
	name := match[1]
	with := fstest.MapFS{name + "/" + name + idl.Extension: {Data: []byte(text)}}
	for file, content := range root {
		if path.Dir(file) != name {
			with[file] = content
		}
	}
	if _, err := idl.Load(idl.Root{FS: with}, name); err != nil {
		return printed(t, err)
	}
	return ""
}
