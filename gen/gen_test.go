package gen_test

import (
	"bytes"
	"errors"
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

var update = flag.Bool("update", false, "write what Generate and Check give into the cases")

// TestCases runs testdata/*.txtar. A case is the .parley files of a root, all of whose packages are generated, and
// what comes of them: the files of Go, or a section diagnostics.
func TestCases(t *testing.T) {
	for name, archive := range readCases(t) {
		t.Run(name, func(t *testing.T) {
			inputs, want := splitCase(archive)
			got := generateCase(t, name, inputs)
			for file := range got {
				got[file] = quoteMarkers(got[file])
			}
			if *update {
				writeCase(t, name, archive.Comment, inputs, got)
				return
			}
			for _, file := range slices.Sorted(maps.Keys(got)) {
				if got[file] != want[file] {
					t.Errorf("%s: got:\n%s\nwant:\n%s", file, got[file], want[file])
				}
			}
			for file := range want {
				if _, there := got[file]; !there {
					t.Errorf("%s is not generated", file)
				}
			}
		})
	}
}

// quoteMarkers changes the lines that would begin another file of the case: a package's IDL text is an archive too.
func quoteMarkers(text string) string { return strings.ReplaceAll(text, "\n-- ", "\n> -- ") }

// readCases returns the archives of testdata by the names of their files without the extension.
func readCases(t testing.TB) map[string]*txtar.Archive {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(names), err)
	}
	cases := map[string]*txtar.Archive{}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		cases[strings.TrimSuffix(filepath.Base(name), ".txtar")] = archive
	}
	return cases
}

// splitCase returns the files that are generated from, and what is wanted.
func splitCase(archive *txtar.Archive) (inputs []txtar.File, want map[string]string) {
	want = map[string]string{}
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, idl.Extension) {
			inputs = append(inputs, f)
		} else {
			want[f.Name] = string(f.Data)
		}
	}
	return inputs, want
}

func writeCase(t *testing.T, name string, comment []byte, inputs []txtar.File, got map[string]string) {
	archive := &txtar.Archive{Comment: comment, Files: inputs}
	for _, file := range slices.Sorted(maps.Keys(got)) {
		archive.Files = append(archive.Files, txtar.File{Name: file, Data: []byte(got[file])})
	}
	if err := os.WriteFile(filepath.Join("testdata", name+".txtar"), txtar.Format(archive), 0o666); err != nil {
		t.Fatal(err)
	}
}

// generateCase returns the files of Go by their paths, or the diagnostics.
func generateCase(t testing.TB, name string, inputs []txtar.File) map[string]string {
	schema, err := load(inputs)
	if err == nil {
		err = gen.Check(schema).Err()
	}
	if err != nil {
		return map[string]string{"diagnostics": diagnostics(t, err)}
	}
	return generate(t, schema, "example.test/"+name)
}

// load returns the schema of all packages that the files make up.
func load(files []txtar.File) (*idl.Schema, error) {
	root := fstest.MapFS{}
	folders := map[string]bool{}
	for _, f := range files {
		root[f.Name] = &fstest.MapFile{Data: f.Data}
		folders[path.Dir(f.Name)] = true
	}
	return idl.Load(idl.Root{FS: root}, slices.Sorted(maps.Keys(folders))...)
}

func diagnostics(t testing.TB, err error) string {
	var mistakes syntax.ErrorList
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := mistakes.Print(&text); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// generate returns the Go of all packages, by the files' paths below the module.
func generate(t testing.TB, schema *idl.Schema, module string) map[string]string {
	all := map[string]string{}
	for _, pkg := range schema.Packages {
		importPath := func(p string) string { return module + "/" + p }
		files, err := gen.Generate(pkg, importPath)
		if err != nil {
			t.Fatal(err)
		}
		help, err := gen.GenerateHelp(pkg, importPath)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			all[path.Join(pkg.Path, f.Name)] = string(f.Content)
		}
		for _, f := range help {
			all[path.Join(pkg.Path, gen.HelpName(pkg), f.Name)] = string(f.Content)
		}
	}
	return all
}
