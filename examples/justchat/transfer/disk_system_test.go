//go:build system && linux

package transfer

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSystemFullDisk receives on a disk of 4 MiB, which fills up. It needs root.
func TestSystemFullDisk(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Skipf("a disk of its own takes root: %v", err)
	}
	defer syscall.Unmount(dir, syscall.MNT_DETACH)
	f := openFolder(t, dir)
	data := content(3 << 20)
	_, err := f.Receive(infoOf("b", content(5<<20)))
	if disk := new(DiskError); !errors.As(err, &disk) {
		t.Errorf("more than there is: got %v, want a *DiskError", err)
	}
	in := begin(t, f, infoOf("a", data))
	filler := write(t, filepath.Join(dir, "filler"), content(2<<20))
	err = in.Append(pieces(data, nil))
	if disk := new(DiskError); !errors.As(err, &disk) || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want a *DiskError of a full disk", err)
	}
	if _, err := f.Receive(infoOf("b", content(1<<20))); err == nil {
		t.Error("got another begun, want no room for it")
	}
	in.Close()
	partial := filepath.Join(hidden, partialName(infoOf("", data).Sum))
	there, err := os.Stat(filepath.Join(dir, partial))
	if err != nil || there.Size() < in.Done() || in.Done() < 1<<20 { // the last of it may not have been said to be written
		t.Fatalf("got %v, %v, want %d bytes or a few more", there, err, in.Done())
	}
	wantFiles(t, dir, map[string][]byte{"filler": content(2 << 20), partial: data[:there.Size()]})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	if got := receive(t, f, "a", data); got != "a" {
		t.Errorf("got %q, want a", got)
	}
	wantFiles(t, dir, map[string][]byte{"a": data})
}
