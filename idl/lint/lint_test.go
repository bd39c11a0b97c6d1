package lint_test

import (
	"flag"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/lint"
	"github.com/parley-rpc/parley/idl/syntax"
)

var update = flag.Bool("update", false, "write what is found into the cases and README.md")

// find lints all folders of root that names, or that hold files if there are none.
func find(t *testing.T, root fstest.MapFS, names ...string) syntax.ErrorList {
	t.Helper()
	if len(names) == 0 {
		for file := range root {
			names = append(names, path.Dir(file))
		}
	}
	schema, err := idl.Load(idl.Root{FS: root}, names...)
	if err != nil {
		t.Fatal(err)
	}
	return lint.Check(schema)
}

var clause = regexp.MustCompile(`(?m)^package (\w+)$`)

// example lints the example of a rule.
func example(t *testing.T, text string) syntax.ErrorList {
	t.Helper()
	if !clause.MatchString(text) {
		text = "// Package chat is an example.\npackage chat\n" + text
	}
	name := clause.FindStringSubmatch(text)[1]
	return find(t, fstest.MapFS{name + "/" + name + ".parley": {Data: []byte(text)}})
}

// printed returns what a person gets to see of findings.
func printed(findings syntax.ErrorList) string {
	var out strings.Builder
	findings.Print(&out)
	return out.String()
}

func TestExamples(t *testing.T) {
	for _, rule := range lint.Rules() {
		findings := example(t, rule.Bad)
		if len(findings) == 0 {
			t.Errorf("%s: nothing is found in its bad example", rule.ID)
		}
		for _, finding := range findings {
			if finding.Rule != rule.ID {
				t.Errorf("%s: its bad example gets another finding: %v", rule.ID, finding)
			}
		}
		if findings := example(t, rule.Good); len(findings) > 0 {
			t.Errorf("%s: its good example gets:\n%s", rule.ID, printed(findings))
		}
	}
}

// TestCases runs testdata. A case is a txtar archive: the files of a root, all of whose folders are linted, unless the
// archive's comment has a line «lint: PATHS»; then a section findings, what is printed.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			last := len(archive.Files) - 1
			if archive.Files[last].Name != "findings" {
				archive.Files = append(archive.Files, txtar.File{Name: "findings"})
				last++
			}
			root := fstest.MapFS{}
			for _, f := range archive.Files[:last] {
				root[f.Name] = &fstest.MapFile{Data: f.Data}
			}
			var names []string
			if match := regexp.MustCompile(`(?m)^lint: (.*)$`).FindSubmatch(archive.Comment); match != nil {
				names = strings.Fields(string(match[1]))
			}
			got := printed(find(t, root, names...))
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(archive.Files[last].Data); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
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
	_, silenced, _ := strings.Cut(introduction, "```parley\n")
	silenced, _, _ = strings.Cut(silenced, "```")
	if findings := example(t, silenced); len(findings) > 0 || !strings.Contains(silenced, "parley:ignore") {
		t.Errorf("the introduction's example\n%s\ngets:\n%s", silenced, printed(findings))
	}
	var want strings.Builder
	for _, rule := range lint.Rules() {
		fmt.Fprintf(&want, "\n## %s\n\n%s%s.\n\n%s\n\n", rule.ID, strings.ToUpper(rule.Summary[:1]), rule.Summary[1:], rule.Why)
		fmt.Fprintf(&want, "```parley\n%s\n```\n\n", strings.TrimSpace(rule.Bad))
		fmt.Fprintf(&want, "```text\n%s```\n\n", printed(example(t, rule.Bad)))
		fmt.Fprintf(&want, "Mended:\n\n```parley\n%s\n```\n", strings.TrimSpace(rule.Good))
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
