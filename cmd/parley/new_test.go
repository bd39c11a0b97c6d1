package main

import (
	"bufio"
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// newHello makes the project hello in an empty folder, and makes it the working folder.
func newHello(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOWORK", "off")
	var stdout, stderr bytes.Buffer
	if err := run(context.Background(), []string{"new", "hello"}, strings.NewReader(""), &stdout, &stderr); err != nil {
		t.Fatalf("%v\n%s", err, &stderr)
	}
	t.Chdir("hello")
}

// goCommand runs the go command, which must succeed.
func goCommand(t *testing.T, args ...string) {
	t.Helper()
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestNewProjectWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a project for some seconds")
	}
	newHello(t)
	goCommand(t, "build", "./...")
	goCommand(t, "vet", "./...")
	goCommand(t, "test", "./...")
	goCommand(t, "generate", "./...")
	goCommand(t, "tool", "parley", "gen", "-check", "./...")
	if out, err := exec.Command("gofmt", "-l", ".").CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt -l: got %q, %v; want nothing", out, err)
	}
}

// TestNewServerAndClientTalk runs the two programs of a project.
func TestNewServerAndClientTalk(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a project for some seconds")
	}
	newHello(t)
	bin := t.TempDir()
	goCommand(t, "build", "-o", bin+string(filepath.Separator), "./cmd/...")
	server := exec.Command(filepath.Join(bin, "server"), "-address", "127.0.0.1:0")
	logged, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill() }) // it has ended unless the test failed
	line, err := bufio.NewReader(logged).ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the server logged %q, %v; want listening on its address", line, err)
	}
	got, err := exec.Command(filepath.Join(bin, "client"), "-address", address, "-name", "alice").CombinedOutput()
	if want := "hello, alice\n1\n2\n3\n"; string(got) != want || err != nil {
		t.Errorf("the client printed %q, %v; want %q", got, err, want)
	}
	if err := server.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("the interrupted server: %v, want exit status 0", err)
	}
	client := exec.Command(filepath.Join(bin, "client"), "-address", address)
	if got, _ := client.CombinedOutput(); client.ProcessState.ExitCode() != 1 {
		t.Errorf("the client without a server: %v, printed %q; want exit status 1", client.ProcessState, got)
	}
}

// TestReservedPackagesAreAll compares the names that a project's package cannot have with those that the templates use.
func TestReservedPackagesAreAll(t *testing.T) {
	p := &project{Name: "hello", Module: "example.com/hello", Package: "hello", Service: "Hello", Runtime: parleyModule + "/runtime"}
	for _, tmpl := range templates.Templates() {
		if !strings.HasSuffix(tmpl.Name(), ".go.tmpl") {
			continue
		}
		content, err := p.render(tmpl.Name())
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), tmpl.Name(), content, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if ok && projectName.MatchString(id.Name) && id.Name != p.Package && id.Name != p.Package+"test" &&
				types.Universe.Lookup(id.Name) == nil && !slices.Contains(reservedPackages, id.Name) {
				t.Errorf("%s calls something %s, which reservedPackages lacks", tmpl.Name(), id.Name)
			}
			return true
		})
	}
}
