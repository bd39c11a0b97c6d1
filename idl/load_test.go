package idl_test

import (
	"bytes"
	"errors"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

var update = flag.Bool("update", false, "write what Load gives into the cases")

// TestCases runs testdata/check. A case is a txtar archive: the files of a root, all of whose folders are loaded,
// unless the archive's comment has a line «load: PATHS»; then a section diagnostics, what is to be printed,
// or a section schema, the good result as dump writes it.
func TestCases(t *testing.T) {
	for _, file := range caseFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			section, got := loadCase(t, archive)
			i := slices.IndexFunc(archive.Files, isExpectation)
			if *update {
				if i >= 0 {
					archive.Files = slices.Delete(archive.Files, i, i+1)
				}
				archive.Files = append(archive.Files, txtar.File{Name: section, Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if i < 0 {
				t.Fatalf("%s has no section diagnostics or schema; run with -update", file)
			}
			if name := archive.Files[i].Name; section != name {
				t.Fatalf("got %s:\n%s\nwant %s", section, got, name)
			}
			if want := string(archive.Files[i].Data); got != want {
				t.Errorf("got:\n%s\nwant:\n%s", got, want)
			}
		})
	}
}

func caseFiles(t testing.TB) []string {
	files, err := filepath.Glob("testdata/check/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("testdata/check/*.txtar: %d files, %v", len(files), err)
	}
	return files
}

func isExpectation(f txtar.File) bool { return f.Name == "diagnostics" || f.Name == "schema" }

// loadCase loads what the archive holds and returns the section that the result belongs into.
func loadCase(t *testing.T, archive *txtar.Archive) (section, result string) {
	root := fstest.MapFS{}
	folders := map[string]bool{}
	for _, f := range archive.Files {
		if !isExpectation(f) {
			root[f.Name] = &fstest.MapFile{Data: f.Data}
			folders[path.Dir(f.Name)] = true
		}
	}
	var paths []string
	for folder := range folders {
		paths = append(paths, folder)
	}
	for line := range strings.Lines(string(archive.Comment)) {
		if list, ok := strings.CutPrefix(line, "load:"); ok {
			paths = strings.Fields(list)
		}
	}
	schema, err := idl.Load(idl.Root{FS: root}, paths...)
	if err != nil {
		return "diagnostics", printed(t, err)
	}
	return "schema", dump(schema)
}

// printed returns what a person gets to see of err.
func printed(t *testing.T, err error) string {
	var list syntax.ErrorList
	if !errors.As(err, &list) {
		return err.Error() + "\n"
	}
	if len(list) == 0 {
		t.Error("got an empty ErrorList as an error")
	}
	var out bytes.Buffer
	list.Print(&out)
	return out.String()
}

func TestLoadFromFolder(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "room"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "room", "room.parley"), []byte("package room\n\nstruct Line {\n\ttext strin\n}\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := idl.Load(idl.Root{FS: os.DirFS(dir), Name: "examples"}, "room")
	want := `examples/room/room.parley:4:7: "strin" is not declared`
	if err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
	_, err = idl.Load(idl.Root{FS: os.DirFS(dir)}, "romo")
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got error %v for a folder that is not there, want fs.ErrNotExist in it", err)
	}
}

// A brokenFS has a file that cannot be read.
type brokenFS struct{ files fstest.MapFS }

func (b brokenFS) Open(name string) (fs.File, error) {
	if strings.HasSuffix(name, "secret.parley") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return b.files.Open(name)
}

func TestUnreadableFile(t *testing.T) {
	root := brokenFS{fstest.MapFS{
		"room/room.parley":    {Data: []byte("package room\n\nimport \"vault\"\n")},
		"vault/secret.parley": {},
	}}
	for _, dir := range []string{"vault", "room"} {
		schema, err := idl.Load(idl.Root{FS: root}, dir)
		if !errors.Is(err, fs.ErrPermission) || schema != nil {
			t.Errorf("Load of %s: got %v, %v, want no schema and fs.ErrPermission", dir, schema, err)
		}
	}
}

func TestControlCharacterInFileName(t *testing.T) {
	root := fstest.MapFS{"room/a\nb.parley": {Data: []byte("package room\n")}}
	_, err := idl.Load(idl.Root{FS: root}, "room")
	if want := `package "room": the file name "a\nb.parley" has a control character`; err == nil || err.Error() != want {
		t.Errorf("got error %v, want %s", err, want)
	}
}

func TestPipeIsNoSource(t *testing.T) {
	root := fstest.MapFS{
		"room/room.parley": {Data: []byte("package room\n")},
		"room/pipe.parley": {Data: []byte("what a pipe gives"), Mode: fs.ModeNamedPipe},
	}
	if _, err := idl.Load(idl.Root{FS: root}, "room"); err != nil {
		t.Errorf("got %v, want a package without what is no file", err)
	}
}

func TestServiceOfRuntime(t *testing.T) {
	root := fstest.MapFS{"runtime/runtime.parley": {Data: []byte("package runtime\n\nservice Meta = 255 {\n\t0: Ping()\n}\n")}}
	schema, err := idl.Load(idl.Root{FS: root, Runtime: "runtime"}, "runtime")
	if err != nil {
		t.Fatal(err)
	}
	meta := schema.Package("runtime").Lookup("Meta").(*idl.Service)
	if got := meta.Methods[0].WireType(); got != 0xFF00 {
		t.Errorf("got type %#04x of its first method, want 0xff00", got)
	}
	if _, err := idl.Load(idl.Root{FS: root, Runtime: "other/runtime"}, "runtime"); err == nil {
		t.Error("got no error for service 255 in a package that is not the runtime's own")
	}
}

func TestLookup(t *testing.T) {
	root := fstest.MapFS{
		"room/room.parley":     {Data: []byte("package room\n\nimport \"member\"\n\nstruct Line {\n\tby member.Member\n}\n")},
		"member/member.parley": {Data: []byte("package member\n\nstruct Member {\n\tname string\n}\n")},
	}
	schema, err := idl.Load(idl.Root{FS: root}, "room")
	if err != nil {
		t.Fatal(err)
	}
	room, member := schema.Package("room"), schema.Package("member")
	if room == nil || !room.Named || member == nil || member.Named {
		t.Fatalf("got packages %+v and %+v, want room, which was named to Load, and member, which was not", room, member)
	}
	line, ok := room.Lookup("Line").(*idl.Struct)
	if !ok {
		t.Fatalf("got %v, want the struct Line", room.Lookup("Line"))
	}
	if got, want := line.Fields[0].Type.Decl, member.Lookup("Member"); got != want {
		t.Errorf("got %v as the type of by, want %v", got, want)
	}
	if got := room.Lookup("Member"); got != nil {
		t.Errorf("got %v for a name of another package, want nil", got)
	}
	if got := schema.Package("lobby"); got != nil {
		t.Errorf("got %v for a package that was not loaded, want nil", got)
	}
}
