package breaking_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/breaking"
	"github.com/parley-rpc/parley/idl/syntax"
)

var update = flag.Bool("update", false, "write what is found into the cases and README.md")

// load loads all packages of files, and calls their root name.
func load(t *testing.T, name string, files fstest.MapFS) *idl.Schema {
	t.Helper()
	var folders []string
	for file := range files {
		folders = append(folders, path.Dir(file))
	}
	schema, err := idl.Load(idl.Root{FS: files, Name: name}, folders...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// printed returns what a person gets to see of findings.
func printed(findings syntax.ErrorList) string {
	var out strings.Builder
	findings.Print(&out)
	return out.String()
}

var clause = regexp.MustCompile(`(?m)^package (\w+)$`)

// example compares the example of a rule.
func example(t *testing.T, rule *breaking.Rule) syntax.ErrorList {
	t.Helper()
	var schemas []*idl.Schema
	for i, text := range []string{rule.Old, rule.New} {
		if !clause.MatchString(text) {
			text = "package chat\n" + text
		}
		name := clause.FindStringSubmatch(text)[1]
		files := fstest.MapFS{name + "/" + name + ".parley": {Data: []byte(text)}}
		schemas = append(schemas, load(t, []string{"old", "new"}[i], files))
	}
	return breaking.Compare(schemas[0], schemas[1])
}

func TestExamples(t *testing.T) {
	for _, rule := range breaking.Rules() {
		findings := example(t, rule)
		if len(findings) != 1 || findings[0].Rule != rule.ID || findings[0].Category != rule.Category {
			t.Errorf("%s: its example gets:\n%swant one finding of it", rule.ID, printed(findings))
		}
	}
}

// TestCases runs testdata. A case is a txtar archive: the files of two roots, old and new, and as its last section want
// what is printed: nothing in the cases whose names begin with may_.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(files), err)
	}
	found := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			findings := breaking.Compare(half(t, archive, "old"), half(t, archive, "new"))
			for _, finding := range findings {
				found[finding.Rule] = true
			}
			got, want := printed(findings), section(archive, "want")
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				want = got
			}
			if got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
			if strings.HasPrefix(filepath.Base(file), "may_") != (got == "") {
				t.Errorf("got:\n%s\nwant something, but in a case called may_", got)
			}
		})
	}
	for _, rule := range breaking.Rules() {
		if !found[rule.ID] {
			t.Errorf("no case breaks the rule %s", rule.ID)
		}
	}
}

func section(archive *txtar.Archive, name string) string {
	for _, f := range archive.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	return ""
}

// half loads the files of archive that stand below the folder name.
func half(t *testing.T, archive *txtar.Archive, name string) *idl.Schema {
	t.Helper()
	files := fstest.MapFS{}
	for _, f := range archive.Files {
		if inside, ok := strings.CutPrefix(f.Name, name+"/"); ok {
			files[inside] = &fstest.MapFile{Data: f.Data}
		}
	}
	return load(t, name, files)
}

// TestSame compares each schema of the cases with itself.
func TestSame(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"old", "new"} {
			if findings := breaking.Compare(half(t, archive, name), half(t, archive, name)); len(findings) > 0 {
				t.Errorf("%s: %s against itself gets:\n%s", file, name, printed(findings))
			}
		}
	}
}

// TestLanguage compares the schemas of the language's own cases with each other, which have packages of the same names
// and little else in common, and each with itself.
func TestLanguage(t *testing.T) {
	files, err := filepath.Glob("../testdata/check/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var schemas []*idl.Schema
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		root := fstest.MapFS{}
		var folders []string
		for _, f := range archive.Files {
			root[f.Name] = &fstest.MapFile{Data: f.Data}
			if strings.HasSuffix(f.Name, idl.Extension) {
				folders = append(folders, path.Dir(f.Name))
			}
		}
		if schema, err := idl.Load(idl.Root{FS: root}, folders...); err == nil { // most cases are mistakes
			schemas = append(schemas, schema)
		}
	}
	if len(schemas) < 3 {
		t.Errorf("got %d schemas: the test does not find them", len(schemas))
	}
	for i, before := range schemas {
		for j, after := range schemas {
			if findings := breaking.Compare(before, after); i == j && len(findings) > 0 {
				t.Errorf("%s against itself gets:\n%s", before.Packages[0].Path, printed(findings))
			}
		}
	}
}

// TestReadme holds README.md, behind its introduction, against the rules.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	introduction, got, _ := strings.Cut(string(readme), "\n## ")
	got = "\n## " + got
	var want strings.Builder
	for _, rule := range breaking.Rules() {
		fmt.Fprintf(&want, "\n## %s\n\n%s: %s.\n\n%s\n\n", rule.ID, rule.Category, rule.Summary, rule.Why)
		fmt.Fprintf(&want, "```parley\n%s\n```\n\nbecomes\n\n", strings.TrimSpace(rule.Old))
		fmt.Fprintf(&want, "```parley\n%s\n```\n\n", strings.TrimSpace(rule.New))
		fmt.Fprintf(&want, "```text\n%s```\n", printed(example(t, rule)))
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(introduction+want.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want.String() {
		t.Errorf("README.md is not what the rules say: run go test -update. got:\n%s\nwant:\n%s", got, want.String())
	}
}
