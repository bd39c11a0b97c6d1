package wire_test

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/gen/wire"
	"github.com/parley-rpc/parley/idl"
)

var update = flag.Bool("update", false, "write what the package gives into the cases")

// TestCases runs testdata/*.txtar: the .parley files of a root, and the page about all their methods. What holds for
// all calls is cut off but in the case named notes.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(names), err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		got := wire.Explain(methods(t, archive))
		if !strings.HasSuffix(name, "notes.txtar") {
			got, _, _ = strings.Cut(got, "\nValues\n======\n")
		}
		last := len(archive.Files) - 1
		if *update {
			archive.Files[last].Data = []byte(got)
			if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if want := string(archive.Files[last].Data); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
	}
}

// methods returns all methods of a case.
func methods(t *testing.T, archive *txtar.Archive) []*idl.Method {
	t.Helper()
	root := fstest.MapFS{}
	var folders []string
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, idl.Extension) {
			root[f.Name] = &fstest.MapFile{Data: f.Data}
			folders = append(folders, path.Dir(f.Name))
		}
	}
	slices.Sort(folders)
	schema, err := idl.Load(idl.Root{FS: root}, slices.Compact(folders)...)
	if err != nil {
		t.Fatal(err)
	}
	var all []*idl.Method
	for _, p := range schema.Packages {
		for d := range p.Decls() {
			if s, ok := d.(*idl.Service); ok {
				all = append(all, s.Methods...)
			}
		}
	}
	return all
}
