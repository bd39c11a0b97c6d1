package failures_test

import (
	"path/filepath"
	"testing"
)

// sentTwice is how many bytes of a file may be written twice when it goes on after a break.
const sentTwice = 8 << 20

// TestSoakPublicFile shares a large file, and kills the server that takes it half way; then somebody gets it, and
// her server is killed half way too. Both go on; nobody grows with the file.
func TestSoakPublicFile(t *testing.T) {
	c := newCluster(t, 1, 2, 3)
	elon, tony := c.sits("Elon"), c.sits("Tony")
	size := bigFile()
	path := writeFile(t, "film.mkv", size)
	weights := weigh(elon.process, tony.process, c.servers[0].process, c.servers[1].process, c.servers[2].process)
	first := c.whereIs(elon)
	before := stored(c.folder(first))
	elon.types("#share #" + path)
	c.halfWay(c.folder(first), before, size)
	c.servers[first].kill()
	elon.hears("film.mkv is shared with all (2 copies)")
	weights.wantLight(t, "shared")

	c.servers[first].again()
	c.settle()
	written := tony.written()
	tony.accepts("Elon", "film.mkv")
	c.halfWay(tony.downloads, 0, size)
	lost := c.whereIs(tony)
	c.servers[lost].kill()
	got := tony.received("film.mkv")
	wantSame(t, got, path)
	wantOnly(t, tony.downloads, "film.mkv")
	if most := size + sentTwice; tony.written()-written > most {
		t.Errorf("Tony has written %d bytes for a file of %d, want at most %d: it goes on from where it was", tony.written()-written, size, most)
	}
	weights.wantLight(t, "got")
}

// TestSoakRelayedFile offers a large file to one person over two servers, and kills hers half way.
func TestSoakRelayedFile(t *testing.T) {
	c := newCluster(t, 1, 2, 3)
	elon, tony := c.sits("Elon", "-no-direct"), c.sits("Tony", "-no-direct")
	size := bigFile()
	path := writeFile(t, "plans.pdf", size)
	weights := weigh(elon.process, tony.process, c.servers[0].process, c.servers[1].process, c.servers[2].process)
	elon.types("#share #Tony #" + path)
	written := tony.written()
	tony.accepts("Elon", "plans.pdf")
	c.halfWay(tony.downloads, 0, size)
	c.servers[c.whereIs(tony)].kill()
	wantSame(t, tony.received("plans.pdf"), path)
	elon.hears("Received by Tony: plans.pdf")
	wantOnly(t, tony.downloads, "plans.pdf")
	if most := size + sentTwice; tony.written()-written > most {
		t.Errorf("Tony has written %d bytes for a file of %d, want at most %d: it goes on from where it was", tony.written()-written, size, most)
	}
	weights.wantLight(t, "relayed")
}

// TestSoakDirectFile sends a large file from one to another, and kills all servers and load balancers half way: these
// two do not need them.
func TestSoakDirectFile(t *testing.T) {
	c := newCluster(t, 1, 1, 1)
	elon, tony := c.sits("Elon"), c.sits("Tony")
	size := bigFile()
	path := writeFile(t, "plans.pdf", size)
	weights := weigh(elon.process, tony.process, c.servers[0].process)
	elon.types("#share #Tony #" + path)
	tony.accepts("Elon", "plans.pdf")
	c.halfWay(tony.downloads, 0, size)
	weights.wantLight(t, "direct")
	c.servers[0].kill()
	c.balancers[0].kill()
	wantSame(t, tony.received("plans.pdf"), path)
	elon.hears("Received by Tony: plans.pdf")
	wantOnly(t, tony.downloads, "plans.pdf")
	weights.wantLight(t, "direct, without servers")
}

// TestSoakUploadGoesOn kills the only server while it takes a file, and starts it again: the sharer does not begin
// again.
func TestSoakUploadGoesOn(t *testing.T) {
	c := newCluster(t, 1, 1, 1)
	elon := c.sits("Elon")
	size := bigFile()
	path := writeFile(t, "film.mkv", size)
	before, written := stored(c.folder(0)), elon.written()
	elon.types("#share #" + path)
	c.halfWay(c.folder(0), before, size)
	c.servers[0].kill()
	c.servers[0].again()
	elon.hears("film.mkv is shared with all (1 copy)")
	if most := size + size/50 + sentTwice; elon.written()-written > most {
		t.Errorf("Elon has sent %d bytes for a file of %d, want at most %d: it goes on from where it was", elon.written()-written, size, most)
	}
	tony := c.sits("Tony")
	wantSame(t, tony.gets("film.mkv"), path)
}

// TestSoakReceiverKilled kills the receiver's client half way. Nothing lies under the file's name; when she is back and takes
// it anew, it goes on.
func TestSoakReceiverKilled(t *testing.T) {
	c := newCluster(t, 1, 1, 2)
	elon, tony := c.sits("Elon"), c.sits("Tony")
	size := bigFile()
	path := writeFile(t, "film.mkv", size)
	elon.shares(path, "2 copies")
	tony.accepts("Elon", "film.mkv")
	c.halfWay(tony.downloads, 0, size)
	tony.kill()
	if names, _ := filepath.Glob(filepath.Join(tony.downloads, "film*")); len(names) > 0 {
		t.Errorf("got %q after the receiver's death, want nothing by that name", names)
	}
	again := c.sitsIn("Tony", tony.downloads)
	written := again.written()
	wantSame(t, again.gets("film.mkv"), path)
	wantOnly(t, again.downloads, "film.mkv")
	if most := size/2 + sentTwice; again.written()-written > most {
		t.Errorf("Tony has written %d bytes for the second half of %d, want at most %d", again.written()-written, size, most)
	}
}
