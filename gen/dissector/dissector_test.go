package dissector_test

import (
	"flag"
	"os"
	"path"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/gen/dissector"
	"github.com/parley-rpc/parley/idl"
)

var update = flag.Bool("update", false, "write the tables into the case")

// TestTables compares the tables of a schema with every shape with testdata/types.txtar. What the script does with them,
// a system test shows with a capture.
func TestTables(t *testing.T) {
	const file = "testdata/types.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
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
	got, _, _ := strings.Cut(dissector.Lua(schema), "\nlocal parley = ")
	last := len(archive.Files) - 1
	if *update {
		archive.Files[last].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if want := string(archive.Files[last].Data); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
