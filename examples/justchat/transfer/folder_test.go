package transfer

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// TestNeverOver has names that are taken, by whatever, left alone.
func TestNeverOver(t *testing.T) {
	dir, outside := t.TempDir(), t.TempDir()
	f := openFolder(t, dir)
	mine := []byte("mine")
	for _, name := range []string{"a.png", "a (1).png", "b.tar.gz", "plain", "x.tar"} {
		if err := os.WriteFile(filepath.Join(dir, name), mine, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(outside, "victim"), filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 196) + ".png"
	data := content(10)
	for _, test := range []struct{ name, first, second, third string }{ // the third on a disk without hard links
		{"new", "new", "new (1)", "new (2)"},
		{"a.png", "a (2).png", "a (3).png", "a (4).png"},
		{"b.tar.gz", "b (1).tar.gz", "b (2).tar.gz", "b (3).tar.gz"},
		{"plain", "plain (1)", "plain (2)", "plain (3)"},
		{"x.tar", "x (1).tar", "x (2).tar", "x (3).tar"},
		{"link", "link (1)", "link (2)", "link (3)"},
		{"folder", "folder (1)", "folder (2)", "folder (3)"},
		{long, long, long[:196] + " (1).png", long[:196] + " (2).png"},
	} {
		f.link = f.root.Link
		for i, want := range []string{test.first, test.second, test.third} {
			if i == 2 {
				f.link = func(string, string) error { return errors.ErrUnsupported }
			}
			if got := receive(t, f, test.name, data); got != want {
				t.Errorf("%q: got %q, want %q", test.name, got, want)
			}
			if got, err := os.ReadFile(filepath.Join(dir, want)); err != nil || string(got) != string(data) {
				t.Errorf("%q: got %x, %v, want %x", want, got, err, data)
			}
		}
	}
	for _, name := range []string{"a.png", "a (1).png", "b.tar.gz", "plain", "x.tar"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || string(got) != "mine" {
			t.Errorf("%s: got %q, %v, want it as it was", name, got, err)
		}
	}
	if _, err := os.Lstat(filepath.Join(outside, "victim")); err == nil {
		t.Error("got a file outside, through a link")
	}
	if entries, err := os.ReadDir(filepath.Join(dir, hidden)); err != nil || len(entries) != 0 {
		t.Errorf("got %v, %v, want nothing left in the hidden folder", entries, err)
	}
}

func TestReceiveRefuses(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	for name, want := range map[string]string{"../evil": "begins with a dot", "a/b": "not a path", hidden: "begins with a dot", "a\x1b[2J": "U+001B", "": "empty"} {
		if _, err := f.Receive(infoOf(name, nil)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error with %q", name, err, want)
		}
	}
	if _, err := f.Receive(Info{Name: "a", Size: -1}); err == nil {
		t.Error("got less than nothing received")
	}
	for _, size := range []int64{1 << 60, 1<<63 - 1} {
		f.Reserve = 1<<60 - size>>3
		_, err := f.Receive(Info{Name: "a", Size: size})
		if disk := new(DiskError); !errors.As(err, &disk) || !strings.Contains(err.Error(), "MiB are free, too few") {
			t.Errorf("%d: got %v, want a *DiskError", size, err)
		}
	}
	f.Reserve = 1 << 60
	_, err := f.Receive(infoOf("a", content(1)))
	if disk := new(DiskError); !errors.As(err, &disk) {
		t.Errorf("with a reserve: got %v, want a *DiskError", err)
	}
	wantFiles(t, dir, nil)
}

// TestHostilePartial has something else lie where the bytes of a file are to be.
func TestHostilePartial(t *testing.T) {
	data := content(10_000)
	name := filepath.Join(hidden, partialName(infoOf("", data).Sum))
	for what, lay := range map[string]func(t *testing.T, path, victim string) error{
		"a link":          func(_ *testing.T, path, victim string) error { return os.Symlink(victim, path) },
		"a hard link":     func(_ *testing.T, path, victim string) error { return os.Link(victim, path) },
		"a dangling link": func(_ *testing.T, path, victim string) error { return os.Symlink(victim+"x", path) },
		"a folder":        func(_ *testing.T, path, _ string) error { return os.MkdirAll(filepath.Join(path, "x"), 0o700) },
		"too much":        func(_ *testing.T, path, _ string) error { return os.WriteFile(path, make([]byte, 10_001), 0o600) },
		"a pipe":          layPipe,
	} {
		t.Run(what, func(t *testing.T) {
			dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "victim")
			if err := os.WriteFile(victim, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			f := openFolder(t, dir)
			if err := lay(t, filepath.Join(dir, name), victim); err != nil {
				t.Fatal(err)
			}
			in := begin(t, f, infoOf("a", data))
			if got := in.Done(); got != 0 {
				t.Errorf("got %d bytes there, want none", got)
			}
			add(t, in, data)
			if _, err := in.Commit(); err != nil {
				t.Fatal(err)
			}
			wantFiles(t, dir, map[string][]byte{"a": data})
			if got, err := os.ReadFile(victim); err != nil || string(got) != "mine" {
				t.Errorf("got %q, %v, want the victim as it was", got, err)
			}
		})
	}
}

// TestHostileFolder has a link in the place of the hidden folder, and a file in the place of the folder.
func TestHostileFolder(t *testing.T) {
	dir := t.TempDir()
	for _, to := range []string{t.TempDir(), "elsewhere", "nowhere"} {
		if err := os.MkdirAll(filepath.Join(dir, "elsewhere"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(to, filepath.Join(dir, hidden)); err != nil {
			t.Fatal(err)
		}
		if f, err := OpenFolder(dir); err == nil || !strings.Contains(err.Error(), "remove") {
			t.Errorf("a link to %s: got %v, %v, want it refused", to, f, err)
		}
		if err := os.Remove(filepath.Join(dir, hidden)); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(file); err == nil {
		t.Error("got a file opened as a folder")
	}
}

// TestSweep has what is unfinished go after a week, and not before.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	old, young := content(100), content(200)
	for _, data := range [][]byte{old, young} {
		in := begin(t, f, infoOf("a", data))
		add(t, in, data[:50])
		in.Close()
	}
	if got, err := f.Unfinished(); got != 100 || err != nil {
		t.Errorf("got %d, %v, want 100", got, err)
	}
	weekAgo := time.Now().Add(-unfinished - time.Hour)
	if err := os.Chtimes(filepath.Join(dir, hidden, partialName(infoOf("", old).Sum)), weekAgo, weekAgo); err != nil {
		t.Fatal(err)
	}
	openFolder(t, dir)
	wantFiles(t, dir, map[string][]byte{filepath.Join(hidden, partialName(infoOf("", young).Sum)): young[:50]})
	in := begin(t, f, infoOf("a", young))
	f.Sweep(0)
	if got, err := f.Unfinished(); got != 0 || err != nil {
		t.Errorf("while it is received: got %d, %v, want 0", got, err)
	}
	add(t, in, young[50:])
	if _, err := in.Commit(); err != nil {
		t.Error(err)
	}
}

// TestRoom has what lies there unfinished make room, and what is being received not.
func TestRoom(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	in := begin(t, f, infoOf("a", content(100)))
	add(t, in, content(100)[:50])
	in.Close()
	f.Reserve = 1 << 60
	if _, err := f.Receive(infoOf("b", content(200))); err == nil {
		t.Error("got room, want none")
	}
	wantFiles(t, dir, nil)
}

// TestRoomForAll has what is being received, and has not come yet, count.
func TestRoomForAll(t *testing.T) {
	dir := t.TempDir()
	free, err := ondisk.Free(dir)
	if err != nil || free < 0 {
		t.Skipf("got %d bytes free, %v", free, err)
	}
	f := openFolder(t, dir)
	in := begin(t, f, Info{Name: "a", Size: free * 2 / 3})
	other := Info{Name: "b", Size: free * 2 / 3, Sum: Sum{1}}
	_, err = f.Receive(other)
	if disk := new(DiskError); !errors.As(err, &disk) {
		t.Errorf("got %v, want a *DiskError", err)
	}
	in.Close()
	begin(t, f, other)
}

// TestFolderGone has a file that cannot get its name said to be so.
func TestFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	in := begin(t, openFolder(t, dir), infoOf("a", content(10)))
	add(t, in, content(10))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	path, err := in.Commit()
	if disk := new(DiskError); !errors.As(err, &disk) || path != "" {
		t.Errorf("got %q, %v, want a *DiskError", path, err)
	}
}
