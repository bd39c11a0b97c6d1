package main

import (
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
)

// The room fills the screen where there is one.
func TestFillsScreen(t *testing.T) {
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	defer out.Close()
	all := func(int) bool { return true }
	only := func(file *os.File) func(int) bool {
		return func(descriptor int) bool { return descriptor == int(file.Fd()) }
	}
	for _, test := range []struct {
		what     string
		stdin    io.Reader
		stdout   io.Writer
		name     string
		terminal func(int) bool
		want     bool
	}{
		{"a terminal", in, out, "xterm-256color", all, true},
		{"a terminal without a name, as on Windows alone", in, out, "", all, runtime.GOOS == "windows"},
		{"a dumb terminal", in, out, "dumb", all, false},
		{"a pipe to read from", in, out, "xterm", only(out), false},
		{"a pipe to write to", in, out, "xterm", only(in), false},
		{"no files at all", strings.NewReader(""), io.Discard, "xterm", all, false},
	} {
		if got := fillsScreen(test.stdin, test.stdout, test.name, test.terminal); got != test.want {
			t.Errorf("%s: got %v, want %v", test.what, got, test.want)
		}
	}
}

func TestNotices(t *testing.T) {
	var screen strings.Builder
	n := &notices{to: &screen, held: true}
	io.WriteString(n, "first ")
	if got := screen.String(); got != "" {
		t.Errorf("got %q on the full screen, want nothing", got)
	}
	n.release()
	io.WriteString(n, "second")
	if got, want := screen.String(), "first second"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
