package idl_test

import (
	"errors"
	"os"
	"path"
	"regexp"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// FuzzLoad loads a txtar archive of files; text without a file header is that of fuzz/fuzz.parley.
func FuzzLoad(f *testing.F) {
	for _, file := range caseFiles(f) {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("package fuzz\n\nstruct A { a ?A; b []fuzz.A }\n")
	f.Fuzz(func(t *testing.T, text string) {
		root, paths := fuzzRoot(text)
		schema, err := idl.Load(idl.Root{FS: root, Name: "examples"}, paths...)
		switch {
		case (schema == nil) == (err == nil):
			t.Fatalf("got schema %v with error %v", schema, err)
		case err == nil:
			checkWhole(t, schema)
		default:
			checkDiagnostics(t, err)
		}
	})
}

var fuzzFile = regexp.MustCompile(`^([a-z]+/)+[a-z]+\.parley$`)

// fuzzRoot returns the files that text holds, and their folders.
func fuzzRoot(text string) (fstest.MapFS, []string) {
	archive := txtar.Parse([]byte(text))
	root := fstest.MapFS{"fuzz/fuzz.parley": {Data: archive.Comment}}
	paths := map[string]bool{"fuzz": true}
	for _, file := range archive.Files {
		if fuzzFile.MatchString(file.Name) {
			root[file.Name] = &fstest.MapFile{Data: file.Data}
			paths[path.Dir(file.Name)] = true
		}
	}
	var list []string
	for dir := range paths {
		list = append(list, dir)
	}
	return root, list
}

// checkWhole fails unless all of schema is there and in order.
func checkWhole(t *testing.T, schema *idl.Schema) {
	seen := map[*idl.Package]bool{}
	for _, p := range schema.Packages {
		for _, i := range p.Imports {
			if !seen[i] {
				t.Errorf("package %s stands before %s, which it imports", p.Path, i.Path)
			}
		}
		seen[p] = true
		for decl := range p.Decls() {
			if got := p.Lookup(decl.Base().Name); got != decl {
				t.Errorf("Lookup(%q) gives another declaration", decl.Base().Name)
			}
			for typ := range idl.Types(decl) {
				if typ.MinSize() < 1 || typ.String() == "" {
					t.Errorf("type %q takes %d bytes", typ, typ.MinSize())
				}
			}
			for member := range idl.Members(decl) {
				if p := member.Base().Position(); p.Line < 1 || p.Column < 1 {
					t.Errorf("%s stands at %v", member.Base().Name, p)
				}
			}
		}
	}
}

// checkDiagnostics fails unless err is an ordered list with one diagnostic a line at most.
func checkDiagnostics(t *testing.T, err error) {
	var list syntax.ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	last := syntax.Position{}
	for _, d := range list {
		if d.Message == "" || d.Line < 1 || d.Column < 1 || d.Width < 1 {
			t.Errorf("got diagnostic %+v", d)
		}
		if d.File < last.File || d.File == last.File && d.Line <= last.Line {
			t.Errorf("%v follows %v", d.Position, last)
		}
		last = d.Position
	}
}
