//go:build system

package failures_test

import (
	"bytes"
	"crypto/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSystemPicture is the story of a picture: Elon shares it with all, Tony and Robert accept it in their panes, the server
// that took it dies, and Natasha, who comes later, finds it and gets it.
func TestSystemPicture(t *testing.T) {
	c, x := newCluster(t, 1, 3, 3), newTmux(t)
	elon := x.sit(seat{user: "Elon", addresses: c.addresses})
	folders := make(map[*screen]string)
	sit := func(user string) *screen {
		downloads := filepath.Join(t.TempDir(), "Downloads")
		s := x.sit(seat{user: user, addresses: c.addresses, downloads: downloads})
		folders[s] = downloads
		return s
	}
	tony, robert := sit("Tony"), sit("Robert")
	for _, s := range []*screen{elon, tony, robert} {
		s.sees(`3 here`)
	}
	picture, content := newPicture(t)
	elon.says("#share #" + picture)
	elon.sees(`SELDOM_2016\.png is shared with all \(2 copies\)`)
	for _, s := range []*screen{tony, robert} {
		s.sees(`SELDOM_2016\.png \(300 kB\) from Elon to all`)
		s.presses("F2", "y")
		s.sees(`SELDOM_2016\.png +received`)
	}

	took := elon.sees(`^-- connected to ([0-9a-f]+)`)[1]
	for _, n := range c.servers {
		if n.name == took {
			n.kill()
		}
	}
	natasha := sit("Natasha")
	natasha.sees(`4 here`)
	natasha.says("#available files")
	natasha.sees(`SELDOM_2016\.png \(300 kB, by Elon`)
	natasha.types("#get #sel")
	natasha.presses("Tab")
	natasha.sees(`^› #get #SELDOM_2016\.png$`)
	natasha.presses("Enter")
	natasha.sees(`SELDOM_2016\.png +received`)
	for s, folder := range folders {
		if got, err := os.ReadFile(filepath.Join(folder, "SELDOM_2016.png")); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: got %d bytes, %v, want the picture", s.name, len(got), err)
		}
	}
}

// newPicture makes a file, and returns its path and content.
func newPicture(t *testing.T) (path string, content []byte) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "SELDOM_2016.png")
	content = make([]byte, 300_000)
	rand.Read(content)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, content
}

// TestSystemOffer: an offer is a pane with its own keys, and what is accepted arrives; what is declined does not.
func TestSystemOffer(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	downloads := filepath.Join(t.TempDir(), "Downloads")
	tony := x.sit(seat{user: "Tony", addresses: addresses, downloads: downloads})
	elon.sees(`2 here`)
	picture, content := newPicture(t)
	tony.types("yes, no")
	elon.says("#share #Tony #" + picture)
	tony.sees(`(?s)^ Offers \(1\) .*SELDOM_2016\.png \(300 kB\) from Elon to you alone.*^› yes, no$`)
	tony.presses("F2", "y")
	tony.sees(`SELDOM_2016\.png.* received from Elon$`)
	elon.sees(`Received by Tony: SELDOM_2016\.png`)
	tony.sees(`^› yes, no$`)
	if got, err := os.ReadFile(filepath.Join(downloads, "SELDOM_2016.png")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("got %d bytes, %v, want the file", len(got), err)
	}

	tony.presses("Escape")
	elon.says("#share #" + picture)
	tony.sees(`SELDOM_2016\.png \(300 kB\) from Elon to all`)
	tony.presses("F2", "n")
	tony.await("no offer", func(shown string) bool { return !strings.Contains(shown, "Offers (") })
	if entries, err := os.ReadDir(downloads); err != nil || len(entries) > 2 { // a hidden folder among them
		t.Errorf("got %v, %v, want the one file", entries, err)
	}
}

// TestSystemTransfer sees a large file travel, and cancels it.
func TestSystemTransfer(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	tony := x.sit(seat{user: "Tony", addresses: addresses})
	elon.sees(`2 here`)
	large := filepath.Join(t.TempDir(), "large.bin")
	if out, err := exec.Command("truncate", "-s", "2G", large).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	elon.says("#share #Tony #" + large)
	elon.sees(`^ Transfers \(1\)`)
	elon.sees(`reading it, [5-9][0-9] %|asked, no answer yet`)
	tony.sees(`large\.bin \(2\.1 GB\) from Elon to you alone`)
	tony.presses("F2", "y")
	elon.sees(`↑ █*░+ large\.bin to Tony +[0-9]+ % of 2\.1 GB, .*/s`)
	tony.sees(`↓ █*░+ large\.bin from Elon +[0-9]+ % of 2\.1 GB`)
	elon.presses("F3", "c")
	elon.sees(`cancel it\?`)
	elon.presses("y")
	elon.sees(`large\.bin to Tony +cancelled`)
	tony.sees(`not received: large\.bin from Elon`)
}
