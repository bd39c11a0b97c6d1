package syntax

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestBytes parses what does not stand in a text file well.
func TestBytes(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"nothing", "", "f:1:1: the file does not begin with a package clause"},
		{"byte order mark alone", "\ufeff", "f:1:1: the file does not begin with a package clause"},
		{"column behind a byte order mark", "\ufeffpackage 7", `f:1:9: expected the name of the package, found "7"`},
		{"byte order mark inside", "package a\n\ufeffconst A = 1", "f:2:1: a byte order mark stands at the beginning of a file only"},
		{"CR LF", "package a\r\nconst A = )\r\n", `f:2:11: expected a number, a string, true or false, found ")"`},
		{"CR alone", "package a\rconst A = 1\n", "f:1:10: control character U+000D"},
		{"NUL", "package a\nconst A = \"\x00\"", "f:2:12: control character U+0000"},
		{"escape in a comment", "package a // \x1b[31m\n", "f:1:14: control character U+001B"},
		{"broken UTF-8", "package a // \xe4\n", "f:1:14: byte 0xe4 is not UTF-8"},
		{"string at the end", "package a\nconst A = \"", "f:2:11: the string is not closed"},
		{"string that ends in a backslash", "package a\nconst A = \"\\", "f:2:11: the string is not closed"},
	} {
		_, errs := Parse("f", []byte(test.src))
		if got := errs.Error(); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestPrintHidesControls checks that nothing of a file can play with the terminal that shows its mistakes.
func TestPrintHidesControls(t *testing.T) {
	_, errs := Parse("f", []byte("package a\nconst \x1b[31m\xff = \x07"))
	var got strings.Builder
	errs.Print(&got)
	if !utf8.ValidString(got.String()) || strings.ContainsAny(got.String(), "\x1b\x07") {
		t.Errorf("printed %q", got.String())
	}
}

func TestErrorList(t *testing.T) {
	f, errs := Parse("b", []byte("package b\n"))
	if err := errs.Err(); err != nil {
		t.Errorf("Err of an empty list: %v, want nil", err)
	}
	g, _ := Parse("a", []byte("package a\n"))
	list := ErrorList{
		f.Diagnose(8, 9, "", "second of its line"),
		f.Diagnose(0, 7, "", "first of its line"),
		f.Diagnose(0, 7, "", "at the same place"),
		f.Diagnose(10, 10, "", "another line"),
		g.Diagnose(3, 90, "", "another file"),
	}
	list.Sort()
	const want = "a:1:4: another file\nb:1:1: first of its line\nb:2:1: another line"
	if got := fmt.Sprint(list.Err()); got != want {
		t.Errorf("sorted:\n%s\nwant:\n%s", got, want)
	}
	list[0].Rule = "enum-zero"
	list[1].Rule, list[1].Category = "field-type", "WIRE"
	const ruled = "a:1:4: another file [enum-zero]\nb:1:1: first of its line [WIRE field-type]\nb:2:1: another line"
	if got := list.Error(); got != ruled {
		t.Errorf("with rules:\n%s\nwant:\n%s", got, ruled)
	}
	if got, want := list[0].Width, len("kage a"); got != want {
		t.Errorf("width of what goes on behind the line: %d, want %d", got, want)
	}
}
