package vet

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/packages"
)

var update = flag.Bool("update", false, "write the generated code of testdata anew")

// TestAnalyzers runs all analyzers as one, because most of the time goes into reading the standard library.
func TestAnalyzers(t *testing.T) {
	all := &analysis.Analyzer{
		Name:     "all",
		Doc:      "run all analyzers",
		Requires: Analyzers()[0].Requires,
		Run: func(pass *analysis.Pass) (any, error) {
			for _, analyzer := range Analyzers() {
				own := *pass
				own.Analyzer = analyzer
				if _, err := analyzer.Run(&own); err != nil {
					return nil, err
				}
			}
			return nil, nil
		},
	}
	analysistest.Run(t, analysistest.TestData(), all, "./...")
}

// testdata returns how the packages of the module in testdata are loaded.
func testdata(t *testing.T) *packages.Config {
	folder, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	return &packages.Config{
		Dir: folder,
		Env: append(os.Environ(), "GOWORK="+filepath.Join(folder, "go.work"), "GOFLAGS=", "GOPROXY=off"),
	}
}

func TestAnalyzersAreValid(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
}

// TestGeneratedCodeIsFresh keeps the generated packages of testdata what parley makes today.
func TestGeneratedCodeIsFresh(t *testing.T) {
	root := "testdata"
	schema, err := idl.Load(idl.Root{FS: os.DirFS(root)}, "room")
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range schema.Packages {
		files, err := gen.Generate(pkg, func(path string) string { return "example.test/chat/" + path })
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			fresh(t, filepath.Join(root, filepath.FromSlash(pkg.Path), file.Name), file.Content)
		}
	}
}

func fresh(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, fs.FileMode(0o666)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what parley generates: run go test -update", name)
	}
}
