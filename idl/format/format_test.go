package format

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl/syntax"
)

var update = flag.Bool("update", false, "write the canonical forms into the cases of ../testdata/syntax")

// TestCases formats the cases of ../testdata/syntax that have a section format.
func TestCases(t *testing.T) {
	for _, path := range casePaths(t) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := &archive.Files[len(archive.Files)-1]
		if want.Name != "format" {
			continue // a case of diagnostics, which package syntax tests
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			got, err := Source("input.parley", archive.Files[0].Data)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				want.Data = got
				if err := os.WriteFile(path, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, want.Data) {
				t.Errorf("canonical form:\n%s\nwant:\n%s", got, want.Data)
			}
			checkFormat(t, archive.Files[0].Data)
		})
	}
}

func casePaths(t testing.TB) []string {
	paths, err := filepath.Glob("../testdata/syntax/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	return paths
}

// checkFormat checks what holds of every correct file: that its canonical form means the same, has the same comments,
// and is its own canonical form.
func checkFormat(t *testing.T, src []byte) {
	t.Helper()
	before, errs := syntax.Parse("input.parley", src)
	if len(errs) > 0 {
		t.Fatalf("input: %v", errs)
	}
	once := File(before)
	after, errs := syntax.Parse("once.parley", once)
	if len(errs) > 0 {
		t.Fatalf("the canonical form is not correct:\n%v\n%s", errs, once)
	}
	if got, want := outline(after), outline(before); got != want {
		t.Errorf("the canonical form says:\n%s\nwant:\n%s", got, want)
	}
	if got, want := comments(after), comments(before); got != want {
		t.Errorf("comments of the canonical form:\n%s\nwant:\n%s", got, want)
	}
	if twice := File(after); !bytes.Equal(twice, once) {
		t.Errorf("formatted twice:\n%s\nonce:\n%s", twice, once)
	}
}

func TestSourceOfMistakes(t *testing.T) {
	got, err := Source("room.parley", []byte("package room\nstruct {}\n"))
	if got != nil {
		t.Errorf("text %q, want none", got)
	}
	if want := `room.parley:2:8: expected the name of the struct, found "{"`; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if _, ok := err.(syntax.ErrorList); !ok {
		t.Errorf("error is a %T, want a syntax.ErrorList", err)
	}
}

// TestBytes formats what does not stand in a text file well.
func TestBytes(t *testing.T) {
	const want = "package room\n\nconst A = 1 // one\n"
	for name, src := range map[string]string{
		"CR LF":           "package room\r\n\r\nconst A = 1 // one\r\n",
		"byte order mark": "\ufeffpackage room\nconst A = 1 // one\n",
		"no line end":     "package room;const A=1// one",
		"blanks":          "\n\n \tpackage \t room \t\n\n\n\n const  A  =  1  // one \t \n\n\n",
	} {
		if got, err := Source("room.parley", []byte(src)); err != nil || string(got) != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
}

// TestLongLine sees to it that the memory that formatting takes grows with the text, not with its square.
func TestLongLine(t *testing.T) {
	const names, most = 20_000, 40 << 20 // bytes, which are nearly a gigabyte if each name copies those before it
	src := []byte("package p\n\nservice S = 1 {\n\t0: M(" + strings.Repeat("a, ", names) + "b string)\n}\n")
	f, errs := syntax.Parse("input.parley", src)
	if err := errs.Err(); err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := File(f)
	runtime.ReadMemStats(&after)
	if !bytes.Equal(got, src) {
		t.Error("a long line in canonical form is changed")
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > most {
		t.Errorf("took %d bytes for %d of source, want at most %d", taken, len(src), most)
	}
}
