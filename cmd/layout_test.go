// Package cmd holds no code of its own, only the tests of the repository as a whole:
// the one place from which both the language's side and the runtime's side are seen.
package cmd

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

const module = "github.com/parley-rpc/parley/"

// TestArrows keeps the imports between the rooms of the house pointing one way.
func TestArrows(t *testing.T) {
	imports := directImports(t, "../...")
	anything := []string{""}
	rooms := []struct {
		room    string   // the packages at and below
		within  []string // the project's packages that they may import
		modules []string // what the paths begin with that they may import from other modules
	}{
		{"idl/syntax", nil, nil},
		{"idl/format", []string{"idl/syntax"}, nil},
		{"idl", []string{"idl"}, anything},
		{"gen", []string{"idl", "gen"}, anything},
		{"runtime/codec", nil, nil},
		{"runtime/transport/classic", nil, nil},
		{"runtime/transport/frame", nil, nil},
		{"runtime/transport/memory", nil, nil},
		{"runtime/transport", []string{"runtime/transport/frame"}, nil},
		{"runtime", []string{"runtime"}, nil}, // runtimetest too
		{"generated", []string{"runtime", "generated"}, nil},
		{"examples/screen", nil, []string{"golang.org/x/"}},
		{"examples/rpcchat", []string{"runtime", "generated/rpcchat", "examples/rpcchat", "examples/screen"}, []string{"golang.org/x/"}},
		{"examples/justchat", []string{"runtime", "generated/justchat", "examples/justchat", "examples/screen"}, []string{"golang.org/x/"}},
	}
	for pkg, paths := range imports {
		name := strings.TrimPrefix(pkg, module)
		if below(name, "cmd") {
			continue
		}
		known := false
		for _, r := range rooms {
			if !below(name, r.room) {
				continue
			}
			known = true
			for _, path := range paths {
				checkImport(t, name, path, r.within, r.modules)
			}
			break
		}
		if !known {
			t.Errorf("package %s stands in no room of the house: add its room to this test", name)
		}
	}
}

func checkImport(t *testing.T, from, path string, within, modules []string) {
	t.Helper()
	inner, ours := strings.CutPrefix(path, module)
	switch {
	case ours:
		for _, room := range within {
			if below(inner, room) {
				return
			}
		}
		t.Errorf("%s imports %s: arrows point the other way", from, inner)
	case strings.Contains(strings.Split(path, "/")[0], "."):
		for _, prefix := range modules {
			if strings.HasPrefix(path, prefix) {
				return
			}
		}
		t.Errorf("%s imports %s: only the standard library is allowed here, and %q", from, path, modules)
	}
}

// TestNestedModules keeps apart what brings many modules: it is not part of the root's module, and nothing in there imports it.
func TestNestedModules(t *testing.T) {
	work, err := os.ReadFile("../go.work")
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"cmd/justchat", "runtime/bench"} {
		mod, err := os.ReadFile("../" + dir + "/go.mod")
		if err != nil {
			t.Fatal(err)
		}
		if got, want := modfile.ModulePath(mod), module+dir; got != want {
			t.Errorf("%s/go.mod is of module %q, want %q", dir, got, want)
		}
		if !strings.Contains(string(work), "\t./"+dir+"\n") {
			t.Errorf("go.work does not use ./%s", dir)
		}
	}
	for pkg, paths := range directImports(t, "../cmd/justchat/...") {
		for _, path := range paths {
			if inner, ours := strings.CutPrefix(path, module); ours && (below(inner, "idl") || below(inner, "gen")) {
				t.Errorf("%s imports %s, which only the tool needs", pkg, path)
			}
		}
	}
}

// TestLightModule keeps what the root's go.mod requires to what stands here: even a module that is required and never imported
// raises the versions of those who use generated code. What brings more is a nested module.
func TestLightModule(t *testing.T) {
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	light := map[string]string{
		"github.com/creack/pty":           "tests at a terminal",
		"github.com/dave/jennifer":        "gen",
		"github.com/rogpeppe/go-internal": "tests of commands",
		"github.com/sourcegraph/jsonrpc2": "parley lsp",
		"github.com/spf13/cobra":          "parley",
		"github.com/spf13/pflag":          "parley",
	}
	for _, r := range mod.Require {
		if r.Indirect || strings.HasPrefix(r.Mod.Path, "golang.org/x/") {
			continue
		}
		if light[r.Mod.Path] == "" {
			t.Errorf("go.mod requires %s: let a nested module bring it, or say here what for", r.Mod.Path)
		}
	}
}

// TestLightDependencies keeps what a user of generated code takes on to the standard library.
func TestLightDependencies(t *testing.T) {
	for _, path := range strings.Fields(goList(t, "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", "../runtime/...", "../generated/...")) {
		if !strings.HasPrefix(path, module) {
			t.Errorf("generated code depends on %s", path)
		}
	}
}

func below(name, room string) bool { return name == room || strings.HasPrefix(name, room+"/") }

// directImports returns what each of the packages imports, its tests left out.
func directImports(t *testing.T, packages string) map[string][]string {
	imports := make(map[string][]string)
	for line := range strings.Lines(goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, packages)) {
		words := strings.Fields(line)
		imports[words[0]] = words[1:]
	}
	if len(imports) == 0 {
		t.Fatal("go list names no packages")
	}
	return imports
}

func goList(t *testing.T, args ...string) string {
	t.Helper()
	command := exec.Command("go", append([]string{"list"}, args...)...)
	var stderr strings.Builder
	command.Stderr = &stderr
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	return string(out)
}
