package main

import (
	"bufio"
	"bytes"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
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
	server, _, address := startServer(t, filepath.Join(bin, "server"))
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

// startServer starts a project's server, and returns its log behind the first line, which has the address.
func startServer(t *testing.T, binary string) (server *exec.Cmd, log *bufio.Reader, address string) {
	t.Helper()
	server = exec.Command(binary, "-address", "127.0.0.1:0")
	logged, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Process.Kill() }) // it has ended unless the test failed
	log = bufio.NewReader(logged)
	line, err := log.ReadString('\n')
	_, address, ok := strings.Cut(strings.TrimSpace(line), "listening on ")
	if !ok {
		t.Fatalf("the server logged %q, %v; want listening on its address", line, err)
	}
	return server, log, address
}

// TestNewServerHeedsSecondInterrupt has a call that does not end. The first interrupt waits for it, the second does not.
func TestNewServerHeedsSecondInterrupt(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds a project for some seconds")
	}
	newHello(t)
	code, err := os.ReadFile("server/server.go")
	if err != nil {
		t.Fatal(err)
	}
	endless := strings.Replace(string(code), `return "hello, " + name, nil`, "println(\"called\")\n\tselect {}", 1)
	if err := os.WriteFile("server/server.go", []byte(endless), 0o666); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(t.TempDir(), "server")
	goCommand(t, "build", "-o", binary, "./cmd/server")
	server, log, address := startServer(t, binary)
	call := converse(t.Context(), t, "call", address, "Hello.Greet", `{"name": "alice"}`)
	if line, err := log.ReadString('\n'); line != "called\n" {
		t.Fatalf("got %q, %v; want the call in the server", line, err)
	}
	server.Process.Signal(os.Interrupt)
	for err == nil { // until the server takes no more connections
		var conn net.Conn
		if conn, err = net.Dial("tcp", address); err == nil {
			conn.Close()
		}
	}
	server.Process.Signal(os.Interrupt)
	late := time.AfterFunc(10*time.Second, func() { server.Process.Kill() }) // or the test would wait on
	defer late.Stop()
	if err := server.Wait(); err == nil || err.Error() != "signal: interrupt" {
		t.Errorf("the server ended with %v, want signal: interrupt", err)
	}
	if err := <-call.done; err == nil {
		t.Error("the call has an answer, want none")
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
