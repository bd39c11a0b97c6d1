package main

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"
)

var update = flag.Bool("update", false, "write what the commands print into the scripts that compare it")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"parley": main})
}

func TestScripts(t *testing.T) {
	params := scriptParams(t)
	params.UpdateScripts = *update
	params.Dir = filepath.Join("testdata", "script")
	testscript.Run(t, params)
}

// runScript runs one script that a test has put together.
func runScript(t *testing.T, script string) {
	file := filepath.Join(t.TempDir(), "script.txtar")
	if err := os.WriteFile(file, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	params := scriptParams(t)
	params.Files = []string{file}
	testscript.Run(t, params)
}

// scriptParams returns what all scripts need: the commands status, serve, deploy and record, the condition root, and a Go command that works
// offline, with this checkout as $CHECKOUT.
func scriptParams(t *testing.T) testscript.Params {
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	caches, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	folders := strings.Fields(string(caches))
	return testscript.Params{
		Setup: func(env *testscript.Env) error {
			env.Setenv("CHECKOUT", checkout)
			env.Setenv("GOCACHE", folders[0])
			env.Setenv("GOMODCACHE", folders[1])
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOSUMDB", "off")
			env.Setenv("GOFLAGS", "-mod=mod")
			env.Setenv("GOWORK", "off")
			env.Setenv("GOTOOLCHAIN", "local")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would have each command wait for a second
			return nil
		},
		Condition: func(name string) (bool, error) {
			if name == "root" {
				return os.Getuid() == 0, nil
			}
			return false, fmt.Errorf("unknown condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"status": status, "serve": serve, "deploy": deploy, "record": record},
	}
}

// status is the script command «status N COMMAND ARGS…»: it runs the command, which must exit with N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND ARGS…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// deploy is the script command «deploy NAME FOLDER SERVICE»: it starts a server that describes the packages below the folder,
// one service of which it says that it has, and sets $NAME to its address.
func deploy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: deploy NAME FOLDER SERVICE")
	}
	archive := &txtar.Archive{}
	root := os.DirFS(ts.MkAbs(args[1]))
	ts.Check(fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !idl.IsSource(entry) {
			return err
		}
		data, err := fs.ReadFile(root, name)
		archive.Files = append(archive.Files, txtar.File{Name: name, Data: data})
		return err
	}))
	server, served := runtime.NewServer(), make(chan error, 1)
	server.Register(runtime.Service{Name: args[2], Number: 1, Package: &runtime.Package{IDL: string(txtar.Format(archive))}})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	go func() { served <- server.Serve(listener) }()
	ts.Defer(func() {
		server.Close()
		<-served
	})
	ts.Setenv(args[0], listener.Addr().String())
}
