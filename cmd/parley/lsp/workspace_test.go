package lsp

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

const lines = "package room\n\nimport \"member\"\n\nstruct Line { by member.Member }\n"

func TestFilesThatChangeOnDisk(t *testing.T) {
	c := startClient(t, map[string]string{"room/room.parley": lines})
	c.start()
	c.open("room/room.parley", lines)
	c.want("room/room.parley", "there is no folder \"member\" below the schema root")

	c.write("member/member.parley", "package member\n\nstruct Member { name string }\n")
	c.notify("workspace/didChangeWatchedFiles", map[string]any{"changes": []any{}})
	c.want("room/room.parley")

	c.write("member/member.parley", "package member\n\nstruct Person { name string }\n")
	c.notify("textDocument/didSave", documentParams{textDocument{URI: c.uri("room/room.parley")}})
	c.want("room/room.parley", "package \"member\" declares no \"Member\"")
}

func TestNewFilesThatNobodySaved(t *testing.T) {
	c := startClient(t, map[string]string{"room/room.parley": lines})
	c.start()
	c.open("member/member.parley", "package member\n\nstruct Member { name string }\n")
	c.want("member/member.parley")
	c.open("room/room.parley", lines)
	c.want("room/room.parley")
	c.open("member/more.parley", "package member\n\nstruct Member { name string }\n")
	c.want("member/more.parley", "\"Member\" is declared twice, first on member.parley:3")
}

func TestWhatIsNoPackage(t *testing.T) {
	c := startClient(t, map[string]string{"top.parley": "package top\n", "room/room.parley": "package room\n"})
	c.start()
	c.open("top.parley", "package top\n")
	c.want("top.parley", "the root itself cannot be a package: move its files to a folder with a name")
	c.open("bad name/x.parley", "package x\n")
	c.want("bad name/x.parley", `"bad name" is not a path below the schema root, like "justchat/room"`)
	c.open("room/room.parley", "package rom\n")
	c.want("room/room.parley", "package \"rom\" does not bear the name of its folder, \"room\"\nwrite: package room")
	c.open("room/_draft.parley", "struct")
	c.want("room/_draft.parley") // no file of the package
}

func TestTheRuntimesOwnPackage(t *testing.T) {
	service := func(name string) string { return "package " + name + "\n\nservice Meta = 255 {}\n" }
	c := startClient(t, map[string]string{"own/own.parley": service("own")})
	c.start()
	c.open("own/own.parley", service("own"))
	c.want("own/own.parley")
	c.open("room/room.parley", service("room"))
	c.want("room/room.parley", "service number 255 is the runtime's own\na service has a number from 0 to 254")
}

func TestWithoutARoot(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "room")
	options := testOptions(t, "")
	options.Root = func(string) (string, error) { return "", errors.New("no root") }
	s := newServer(options)
	s.opened(documentParams{textDocument{URI: uriOf(filepath.Join(folder, "room.parley")), Text: "package room\nstruct A { b B }\n"}})
	got := s.snapshot().check()[filepath.Join(folder, "room.parley")]
	if len(got) != 2 || got[0].Message != "no root" || !strings.HasPrefix(got[1].Message, `"B" is not declared`) {
		t.Errorf("got %+v, want the missing root and the missing type", got)
	}
}

func TestSkippedFolders(t *testing.T) {
	member := "package member\n\nstruct Member { name string }\n"
	c := startClient(t, map[string]string{
		"member/member.parley":         member,
		"testdata/other/other.parley":  "package other\n\nimport \"member\"\n\nstruct A { m member.Member }\n",
		"testdata/other/second.parley": "package other\n\nstruct B { a A }\n",
	})
	c.start()
	c.open("member/member.parley", member)
	c.want("member/member.parley")
	symbols, err := c.call("workspace/symbol", symbolParams{Query: ""})
	if err != nil || strings.Contains(string(symbols), "testdata") {
		t.Errorf("got %s, %v, want nothing of testdata", symbols, err)
	}
	second := "package other\n\nstruct B { a A; c C }\n" // it is open, so it is worked on
	c.open("testdata/other/second.parley", second)
	c.want("testdata/other/second.parley", "\"C\" is not declared\ndid you mean A?")
}

func TestOverlay(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a/one.parley": "on disk", "a/two.parley": "2", "b/three.parley": "3"} {
		if err := errors.Join(os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777), os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	o := overlay{os.DirFS(dir), map[string][]byte{"a/one.parley": []byte("open"), "a/new.parley": []byte("n"), "c/d/e.parley": []byte("e")}}
	for name, want := range map[string]string{"a/one.parley": "open", "a/two.parley": "2", "a/new.parley": "n", "c/d/e.parley": "e"} {
		if got, err := fs.ReadFile(o, name); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
		if info, err := fs.Stat(o, name); err != nil || info.Size() != int64(len(want)) || info.IsDir() {
			t.Errorf("%s: got %v, %v, want a file of %d bytes", name, info, err, len(want))
		}
	}
	for folder, want := range map[string]string{"a": "new.parley one.parley two.parley", "c": "d", "c/d": "e.parley", ".": "a b c"} {
		var names []string
		entries, err := fs.ReadDir(o, folder)
		for _, entry := range entries {
			names = append(names, entry.Name())
		}
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", folder, got, err, want)
		}
		if info, err := fs.Stat(o, folder); err != nil || !info.IsDir() {
			t.Errorf("%s: got %v, %v, want a folder", folder, info, err)
		}
	}
	if _, err := fs.Stat(o, "nowhere"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
	only := overlay{os.DirFS(dir), map[string][]byte{"a/one.parley": []byte("open")}}
	if err := fstest.TestFS(only, "a/two.parley", "b/three.parley"); err != nil && !strings.Contains(err.Error(), "one.parley") {
		t.Error(err)
	}
}
