package gen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	_ "github.com/parley-rpc/parley/cmd/parley/remote" // with runtime: so that go test does not take an older result when it has changed
	_ "github.com/parley-rpc/parley/runtime"
)

// TestCasesCompile writes the Go of every case into one module and lets gofmt and go vet, which compiles it,
// look at it.
func TestCasesCompile(t *testing.T) {
	module := newModule(t)
	for name, archive := range readCases(t) {
		inputs, want := splitCase(archive)
		if _, bad := want["diagnostics"]; bad {
			continue
		}
		files := generateCase(t, name, inputs)
		for file, content := range files {
			checkGo(t, file, content)
		}
		module.write(name, files)
	}
	module.run("vet", "./...")
}

// TestKitchen runs the tests of testdata/kitchen against what is generated from its .parley files.
func TestKitchen(t *testing.T) {
	module := newModule(t)
	var inputs []txtar.File
	tests := map[string]string{}
	for _, pattern := range []string{"*/*.parley", "*_test.go"} {
		names, err := filepath.Glob(filepath.Join("testdata/kitchen", pattern))
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(names), err)
		}
		for _, name := range names {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			relative := strings.TrimPrefix(filepath.ToSlash(name), "testdata/kitchen/")
			if strings.HasSuffix(relative, ".go") {
				tests[relative] = string(data)
			} else {
				inputs = append(inputs, txtar.File{Name: relative, Data: data})
			}
		}
	}
	generated := generateCase(t, "kitchen", inputs)
	if mistakes := generated["diagnostics"]; mistakes != "" {
		t.Fatal(mistakes)
	}
	module.write("kitchen", generated)
	module.write("kitchen", tests)
	module.run("vet", "./...")
	module.run("test", "./...")
}

// A module is a Go module in a temporary folder that sees this one without a network.
type module struct {
	t   testing.TB
	dir string
}

func newModule(t testing.TB) *module {
	if testing.Short() {
		t.Skip("runs the go command")
	}
	here, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	m := &module{t, t.TempDir()}
	m.write("", map[string]string{
		"go.mod":  "module example.test\n\ngo 1.26\n",
		"go.work": "go 1.26.0\n\nuse (\n\t.\n\t" + here + "\n)\n",
	})
	return m
}

// write writes files below a folder of the module.
func (m *module) write(folder string, files map[string]string) {
	for name, content := range files {
		file := filepath.Join(m.dir, folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			m.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(content), 0o666); err != nil {
			m.t.Fatal(err)
		}
	}
}

// run runs the go command in the module, and fails the test with its output if it fails.
func (m *module) run(args ...string) {
	m.t.Helper()
	command := exec.Command("go", args...)
	command.Dir = m.dir
	command.Env = append(os.Environ(), "GOWORK="+filepath.Join(m.dir, "go.work"), "GOFLAGS=", "GOPROXY=off")
	if output, err := command.CombinedOutput(); err != nil {
		m.t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, output)
	}
}
