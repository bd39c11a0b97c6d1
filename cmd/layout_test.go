// Package cmd holds no code of its own, only the tests of the repository as a whole:
// the one place from which both the language's side and the runtime's side are seen.
package cmd

import (
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/parley-rpc/parley/"

// TestArrows keeps the imports between the rooms of the house pointing one way.
func TestArrows(t *testing.T) {
	imports := directImports(t)
	rooms := []struct {
		room    string   // the packages at and below
		within  []string // the project's packages that they may import
		modules bool     // whether they may import other modules
	}{
		{"idl/syntax", nil, false},
		{"idl/format", []string{"idl/syntax"}, false},
		{"idl", []string{"idl"}, true},
		{"gen", []string{"idl", "gen"}, true},
		{"runtime/codec", nil, false},
		{"runtime/transport/classic", nil, false},
		{"runtime/transport/frame", nil, false},
		{"runtime/transport/memory", nil, false},
		{"runtime/transport", []string{"runtime/transport/frame"}, false},
		{"runtime", []string{"runtime"}, false}, // runtimetest too
		{"generated", []string{"runtime", "generated"}, false},
		{"examples", []string{"runtime", "generated", "examples"}, true},
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

func checkImport(t *testing.T, from, path string, within []string, modules bool) {
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
	case !modules && strings.Contains(strings.Split(path, "/")[0], "."):
		t.Errorf("%s imports %s: only the standard library is allowed here", from, path)
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

// directImports returns what each package of the module imports, its tests left out.
func directImports(t *testing.T) map[string][]string {
	imports := make(map[string][]string)
	for line := range strings.Lines(goList(t, "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, "../...")) {
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
