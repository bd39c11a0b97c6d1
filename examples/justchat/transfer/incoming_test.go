package transfer

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestReceive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	f := openFolder(t, dir)
	want := make(map[string][]byte)
	for name, size := range map[string]int{"none": 0, "one": 1, "piece": PieceSize, "more": 3*PieceSize + 7, "many.bin": 5 << 20} {
		want[name] = content(size)
		in := begin(t, f, infoOf(name, want[name]))
		add(t, in, want[name])
		path, err := in.Commit()
		if err != nil || path != filepath.Join(dir, name) {
			t.Errorf("got %q, %v, want %s in %s", path, err, name, dir)
		}
		if got := in.Done(); got != int64(size) {
			t.Errorf("%s: got %d done, want %d", name, got, size)
		}
	}
	wantFiles(t, dir, want)
	info, err := os.Stat(filepath.Join(dir, "one"))
	if err != nil || info.Mode().Perm()&^0o644 != 0 || info.Mode().Perm()&0o600 != 0o600 {
		t.Errorf("got the mode %v, %v, want at most -rw-r--r--", info.Mode(), err)
	}
	if info, err = os.Stat(filepath.Join(dir, hidden)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("got the mode %v of the hidden folder, %v, want 0700", info.Mode(), err)
	}
}

// TestResume has a file broken off in various ways, and more of it come each time.
func TestResume(t *testing.T) {
	dir := t.TempDir()
	data := content(1 << 20)
	info := infoOf("a", data)
	f := openFolder(t, dir)
	in := begin(t, f, info)
	broken := errors.New("the line broke")
	if err := in.Append(pieces(data[:100_000], broken)); !errors.Is(err, broken) {
		t.Fatalf("got %v, want %v", err, broken)
	}
	if err := in.Append(pieces(data[in.Done():200_000], broken)); !errors.Is(err, broken) { // and goes on
		t.Fatalf("got %v, want %v", err, broken)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	in = begin(t, f, info) // the same process
	if got := in.Done(); got != 200_000 {
		t.Fatalf("got %d, want 200000", got)
	}
	add(t, in, data[200_000:300_000])
	in.Close()
	f.Close()
	f = openFolder(t, dir) // the next
	wantFiles(t, dir, map[string][]byte{filepath.Join(hidden, partialName(info.Sum)): data[:300_000]})
	in = begin(t, f, info)
	if got := in.Done(); got != 300_000 {
		t.Fatalf("got %d, want 300000", got)
	}
	add(t, in, data[300_000:])
	if _, err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string][]byte{"a": data})
}

// TestWrong has files that are not what was promised leave nothing.
func TestWrong(t *testing.T) {
	data := content(10_000)
	other := append([]byte{data[0] ^ 1}, data[1:]...)
	for _, test := range []struct {
		what  string
		bytes []byte
	}{
		{"other bytes", other},
		{"fewer", data[:9_999]},
		{"none", nil},
		{"more", append(data[:10_000:10_000], 0)},
	} {
		dir := t.TempDir()
		in := begin(t, openFolder(t, dir), infoOf("a", data))
		err := in.Append(pieces(test.bytes, nil))
		if test.what == "more" != errors.Is(err, ErrWrong) {
			t.Errorf("%s: got %v from Append", test.what, err)
		}
		if path, err := in.Commit(); !errors.Is(err, ErrWrong) || path != "" {
			t.Errorf("%s: got %q, %v, want %v", test.what, path, err, ErrWrong)
		}
		if err := in.Append(pieces(data, nil)); err == nil {
			t.Errorf("%s: got more of it taken", test.what)
		}
		wantFiles(t, dir, nil)
	}
}

// TestStale has one sender leave bytes that are not of the file for the next sender of it.
func TestStale(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	data := content(10_000)
	in := begin(t, f, infoOf("evil", data))
	add(t, in, make([]byte, 5_000))
	in.Close()
	in = begin(t, f, infoOf("good", data))
	add(t, in, data[in.Done():])
	if _, err := in.Commit(); !errors.Is(err, ErrStale) {
		t.Errorf("got %v, want %v", err, ErrStale)
	}
	wantFiles(t, dir, nil)
	if got := receive(t, f, "good", data); got != "good" {
		t.Errorf("got %q, want good", got)
	}
	wantFiles(t, dir, map[string][]byte{"good": data})
}

func TestBusy(t *testing.T) {
	dir := t.TempDir()
	f, same := openFolder(t, dir), openFolder(t, dir)
	data := content(100)
	in := begin(t, f, infoOf("a", data))
	for _, folder := range []*Folder{f, same} {
		if _, err := folder.Receive(infoOf("b", data)); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v, want %v", err, ErrBusy)
		}
		if err := folder.Sweep(0); err != nil {
			t.Error(err)
		}
	}
	receive(t, same, "c", content(101)) // another file
	add(t, in, data)
	if _, err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	receive(t, same, "b", data)
	wantFiles(t, dir, map[string][]byte{"a": data, "b": data, "c": content(101)})
}

func TestDiscard(t *testing.T) {
	dir := t.TempDir()
	f := openFolder(t, dir)
	data := content(100_000)
	in := begin(t, f, infoOf("a", data))
	add(t, in, data[:50_000])
	for range 2 {
		if err := in.Discard(); err != nil {
			t.Error(err)
		}
	}
	if _, err := in.Commit(); err == nil {
		t.Error("got it committed, want it gone")
	}
	begin(t, f, infoOf("a", data)).Close() // nothing came
	wantFiles(t, dir, nil)
}

// A fullDisk takes so many bytes more.
type fullDisk struct {
	io.WriterAt
	room int
}

func (d *fullDisk) WriteAt(data []byte, at int64) (int, error) {
	if len(data) <= d.room {
		d.room -= len(data)
		return d.WriterAt.WriteAt(data, at)
	}
	n, _ := d.WriterAt.WriteAt(data[:d.room], at)
	d.room = 0
	return n, &os.PathError{Op: "write", Path: "secret", Err: errors.New("no space left on device")}
}

func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	data := content(100_000)
	in := begin(t, openFolder(t, dir), infoOf("a", data))
	in.out = &fullDisk{in.out, 50_001}
	err := in.Append(pieces(data, nil))
	if disk := new(DiskError); !errors.As(err, &disk) || err.Error() != "the disk does not take it: no space left on device" {
		t.Errorf("got %v, want a *DiskError", err)
	}
	if got := in.Done(); got != 50_001 {
		t.Errorf("got %d, want all that there was room for, 50001", got)
	}
	in.out = in.file // somebody made room
	add(t, in, data[in.Done():])
	if _, err := in.Commit(); err != nil {
		t.Fatal(err)
	}
	wantFiles(t, dir, map[string][]byte{"a": data})
}

// TestBounded has memory not grow with the size of the file.
func TestBounded(t *testing.T) {
	const size = 64 << 20
	piece := make([]byte, PieceSize)
	in := begin(t, openFolder(t, t.TempDir()), Info{Name: "a", Size: size})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	err := in.Append(func(yield func([]byte, error) bool) {
		for range size / PieceSize {
			if !yield(piece, nil) {
				return
			}
		}
	})
	if runtime.ReadMemStats(&after); after.TotalAlloc-before.TotalAlloc > 1<<20 {
		t.Errorf("got %d bytes of memory for a file of %d, want less than a MiB", after.TotalAlloc-before.TotalAlloc, size)
	}
	if _, wrong := in.Commit(); err != nil || !errors.Is(wrong, ErrWrong) {
		t.Errorf("got %v, %v, want it taken, and found to be wrong", err, wrong)
	}
}
