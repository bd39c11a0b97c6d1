package gen_test

import (
	"os"
	"path"
	"testing"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
)

// TestRuntime generates what is part of package runtime itself. Its golden file is the one that stands there, and so is
// known to compile.
func TestRuntime(t *testing.T) {
	schema, err := idl.Load(idl.Root{FS: os.DirFS(".."), Runtime: "runtime"}, "runtime")
	if err != nil {
		t.Fatal(err)
	}
	files, err := gen.Generate(schema.Package("runtime"), func(p string) string { return "github.com/parley-rpc/parley/" + p })
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		golden := path.Join("../runtime", f.Name)
		if *update {
			if err := os.WriteFile(golden, f.Content, 0o666); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(golden)
		if err != nil || string(f.Content) != string(want) {
			t.Errorf("%s: got:\n%s\nwant (%v):\n%s", golden, f.Content, err, want)
		}
	}
}
