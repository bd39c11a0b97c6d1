package from_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/cmd/parley/from"
	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/format"
)

var update = flag.Bool("update", false, "write what Convert gives into the cases")

// TestCases runs testdata/*.txtar. A case is a module of Go, a first line «from TARGET», and what comes of it: a
// section parley and one with the notes, or a section error.
func TestCases(t *testing.T) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("testdata/*.txtar: %d files, %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel() // the go command takes its time
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			target, inputs, want := unpack(t, archive, dir)
			got := convert(t, dir, target)
			if *update {
				archive.Files = append(inputs, got...)
				if err := os.WriteFile(name, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, f := range got {
				if string(f.Data) != want[f.Name] {
					t.Errorf("%s: got:\n%s\nwant:\n%s", f.Name, f.Data, want[f.Name])
				}
				delete(want, f.Name)
			}
			for section := range want {
				t.Errorf("there is no %s", section)
			}
		})
	}
}

// TestStandardLibrary makes definitions, which convert checks, of much Go that nobody wrote for that.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("it type-checks large packages")
	}
	for _, target := range []string{"net/http", "net.Conn", "go/ast", "go/types.Type", "encoding/json", "log/slog.Handler", "syscall", "maps",
		"net/http.RoundTripper", "io.ReadWriteCloser", "io.RuneScanner", "database/sql/driver.Conn", "strings"} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			if sections := convert(t, "", target); sections[0].Name != "parley" {
				t.Errorf("got %s, want a definition", sections[0].Data)
			}
		})
	}
}

// unpack writes the Go of a case to dir.
func unpack(t *testing.T, archive *txtar.Archive, dir string) (target string, inputs []txtar.File, want map[string]string) {
	t.Helper()
	line, _, _ := strings.Cut(string(archive.Comment), "\n")
	target, ok := strings.CutPrefix(line, "from ")
	if !ok {
		t.Fatalf("the first line is %q, want from TARGET", line)
	}
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	want = map[string]string{}
	for _, f := range archive.Files {
		if f.Name == "parley" || f.Name == "notes" || f.Name == "error" {
			want[f.Name] = string(f.Data)
			continue
		}
		inputs = append(inputs, f)
		write(t, dir, f.Name, string(f.Data))
	}
	return target, inputs, want
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}

// convert returns the sections that are made of a target. A definition must be right and canonical.
func convert(t *testing.T, dir, target string) []txtar.File {
	t.Helper()
	result, err := from.Convert(context.Background(), target, from.Options{Dir: dir, Number: 1})
	if err != nil {
		var wrong *from.TargetError
		text := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
		return []txtar.File{{Name: "error", Data: fmt.Appendf(nil, "target: %t\n%s\n", errors.As(err, &wrong), text)}}
	}
	file := result.Package + "/" + result.Package + ".parley"
	schema, err := idl.Load(idl.Root{FS: fstest.MapFS{file: {Data: result.Text}}}, result.Package)
	if err == nil {
		err = gen.Check(schema).Err()
	}
	if err != nil {
		t.Errorf("%v, in:\n%s", err, result.Text)
	}
	if again, err := format.Source(file, result.Text); err != nil || string(again) != string(result.Text) {
		t.Errorf("got %v, and not the canonical form:\n%s", err, result.Text)
	}
	var notes strings.Builder
	for _, n := range result.Notes {
		n.Position.Filename, _ = filepath.Rel(dir, n.Position.Filename)
		fmt.Fprintln(&notes, n)
	}
	files := []txtar.File{{Name: "parley", Data: result.Text}}
	if notes.Len() > 0 {
		files = append(files, txtar.File{Name: "notes", Data: []byte(notes.String())})
	}
	return files
}
