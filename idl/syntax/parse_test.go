package syntax

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write the diagnostics into the cases of ../testdata/syntax")

// TestCases parses the cases of ../testdata/syntax: those that have a section diagnostics get these, the others none.
func TestCases(t *testing.T) {
	for _, path := range casePaths(t) {
		t.Run(filepath.Base(path), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			_, errs := Parse("input.parley", archive.Files[0].Data)
			var got bytes.Buffer
			errs.Print(&got)
			want := &archive.Files[len(archive.Files)-1]
			if want.Name != "diagnostics" {
				if len(errs) > 0 {
					t.Errorf("diagnostics of a correct file:\n%s", &got)
				}
				return
			}
			if *update {
				want.Data = got.Bytes()
				if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if got.String() != string(want.Data) {
				t.Errorf("diagnostics:\n%s\nwant:\n%s", &got, want.Data)
			}
		})
	}
}

func casePaths(t testing.TB) []string {
	paths, err := filepath.Glob("../testdata/syntax/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return paths
}
