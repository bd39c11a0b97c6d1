package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// bigSchema is a package with one service of that many methods, and that many structs of ten fields.
func bigSchema(methods, structs int) string {
	var text strings.Builder
	text.WriteString("// Package big is large.\npackage big\n\n// Service serves.\nservice Service = 1 {\n")
	for i := range methods {
		fmt.Fprintf(&text, "\t// Method%d takes and gives.\n\t%d: Method%d(a Struct%d, b string) (c Struct%d, d []uint64)\n", i, i, i, i, (i+1)%structs)
	}
	text.WriteString("}\n")
	types := []string{"string", "uint64", "bool", "bytes", "time", "[]string", "map[string]int32", "?float64", "duration", "[]bytes"}
	for i := range structs {
		fmt.Fprintf(&text, "\n// Struct%d holds ten fields.\nstruct Struct%d {\n", i, i)
		for j, t := range types {
			fmt.Fprintf(&text, "\tfield%d %s\n", j, t)
		}
		text.WriteString("}\n")
	}
	return text.String()
}

// newModule makes a module with the package big the working folder.
func newModule(tb testing.TB, schema string) {
	tb.Helper()
	tb.Chdir(tb.TempDir())
	for name, content := range map[string]string{"go.mod": "module example.com/m\n", "big/big.parley": schema} {
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			tb.Fatal(err)
		}
	}
}

func runGen(ctx context.Context, args ...string) (stderr string, err error) {
	var out, errs strings.Builder
	err = run(ctx, append([]string{"gen"}, args...), strings.NewReader(""), &out, &errs)
	return errs.String(), err
}

func TestLargePackageCompiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles for some seconds")
	}
	runScript(t, `
exec go mod edit -require=github.com/parley-rpc/parley@v0.0.0 -replace=github.com/parley-rpc/parley=$CHECKOUT
parley gen ./...
exec go build ./...
-- go.mod --
module example.com/talk

go 1.26
-- big/big.parley --
`+bigSchema(100, 200))
}

func TestGenStopsWhenCanceled(t *testing.T) {
	newModule(t, bigSchema(1, 1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stderr, err := runGen(ctx, "./...")
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v; it printed:\n%s", err, context.Canceled, stderr)
	}
	if _, err := os.Stat("big/big.parley.go"); err == nil {
		t.Error("it wrote big.parley.go, want nothing written")
	}
}

// BenchmarkGen writes the code of one service with 100 methods and of 200 structs of ten fields.
func BenchmarkGen(b *testing.B) {
	newModule(b, bigSchema(100, 200))
	for b.Loop() {
		if err := os.RemoveAll("out"); err != nil {
			b.Fatal(err)
		}
		if stderr, err := runGen(context.Background(), "-out", "out", "./..."); err != nil {
			b.Fatal(stderr)
		}
	}
}
