//go:build system

package justchat_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// disk mounts a disk of that many bytes, and returns the folder. It goes with the test.
func disk(t *testing.T, size int) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", fmt.Sprint("size=", size), "tmpfs", dir).CombinedOutput(); err != nil {
		t.Fatalf("mount: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v\n%s", err, out)
		}
	})
	return dir
}

// fill leaves no room on a disk.
func fill(t *testing.T, dir string) {
	t.Helper()
	file, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = file.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
}

// empty makes room again.
func empty(t *testing.T, dir string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, "filler")); err != nil {
		t.Fatal(err)
	}
}

// TestSystemFullPrivate: the receiver's disk is too small for a private file, or is filled up while one comes. She is told so, and so
// is the sender; nothing of the file is left; and once there is room she can have it.
func TestSystemFullPrivate(t *testing.T) {
	c := newCluster(t, 1, 1)
	folder := disk(t, 2*big)
	elon, tony := c.join("Elon", alone), c.joinAtDisk("Tony", folder)
	fails := func(sent, taken uint64) {
		t.Helper()
		tony.isFull(taken)
		wantError[*justchat.Declined](t, "Elon", elon.ends(sent, client.Declined).Err)
	}
	sent := elon.offers("Tony", c.file("huge.mkv", 3*big))
	fails(sent, tony.accepts("huge.mkv"))
	path := c.file("film.mkv", big)
	still := c.servers[0].wire.holdAfter(big)
	sent = elon.offers("Tony", path)
	taken := tony.accepts("film.mkv")
	standsStill(tony, still)
	fill(t, folder)
	c.servers[0].wire.release()
	fails(sent, taken)
	empty(t, folder)
	id := elon.offers("Tony", path)
	tony.wait("the second offer", func() bool { return len(tony.offered) == 3 })
	tony.finishes(tony.accepts("film.mkv"))
	elon.finishes(id)
	tony.wantDownloads(path)
}

// TestSystemFullPublic is TestSystemFullPrivate for a public file.
func TestSystemFullPublic(t *testing.T) {
	c := newCluster(t, 1, 1)
	folder := disk(t, 2*big)
	elon, tony := c.join("Elon"), c.joinAtDisk("Tony", folder)
	elon.shares(c.file("huge.mkv", 3*big))
	tony.isFull(tony.accepts("huge.mkv"))
	path := c.file("film.mkv", big)
	elon.shares(path)
	still := c.servers[0].wire.holdAfter(big / 2)
	taken := tony.accepts("film.mkv")
	standsStill(tony, still)
	fill(t, folder)
	c.servers[0].wire.release()
	tony.isFull(taken)
	empty(t, folder)
	tony.gets("film.mkv")
	tony.wantDownloads(path)
}

// joinAtDisk has a person join whose files arrive on that disk, by servers only.
func (c *cluster) joinAtDisk(name, disk string) *person {
	c.t.Helper()
	return c.join(name, alone, func(config *client.Config) { config.Downloads = filepath.Join(disk, "Downloads") })
}

// isFull expects a transfer to be given up since the disk is full, and nothing to be there by the file's name.
func (p *person) isFull(id uint64) {
	p.t.Helper()
	broken := p.ends(id, client.Broken)
	wantError[*transfer.DiskError](p.t, p.name, broken.Err)
	p.t.Logf("she is told: %v", broken.Err)
	p.wantNothingVisible()
}

// TestSystemFullServer: the disk of a server is full while a public file comes to it. Another one takes the file; if all are full
// the sharer is told.
func TestSystemFullServer(t *testing.T) {
	c := newCluster(t, 1, 0)
	c.blobs.Reserve = 1 << 20
	full := disk(t, big/2)
	c.startServer(full)
	c.settle()
	elon := c.join("Elon")
	broken := elon.ends(elon.beginsToShare(c.file("first.mkv", big)), client.Broken)
	t.Logf("she is told: %v", broken.Err)
	wantSentence(t, broken.Err, "takes nothing more")
	c.startServer(t.TempDir())
	c.settle()
	tony := c.join("Tony")
	if tony.server() != c.servers[1].Name() {
		t.Fatalf("got Tony at %s, want him where nobody is", tony.server())
	}
	if sent := tony.shares(c.file("second.mkv", big)); sent.Copies != 1 {
		t.Errorf("got %d copies, want 1: the other server is full", sent.Copies)
	}
	elon.gets("second.mkv")
}
