package justchat_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// alone has other clients not dial this one, and this one dial none.
func alone(config *client.Config) { config.Direct = false }

// TestPrivateFile brings a file from one to another: directly, where the servers carry next to nothing, over the server
// where both are, and over two.
func TestPrivateFile(t *testing.T) {
	const size = 5 << 20
	for name, test := range map[string]struct {
		servers, hops int // of the bytes over the servers' wires
		with          func(*client.Config)
	}{
		"direct":              {2, 0, func(*client.Config) {}},
		"over one server":     {1, 2, alone},
		"over two servers":    {2, 3, alone},
		"the receiver is shy": {1, 2, func(config *client.Config) { config.Direct = config.User == "Elon" }},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, test.servers)
			elon, tony := c.join("Elon", test.with), c.join("Tony", test.with)
			if apart := elon.server() != tony.server(); apart != (test.servers == 2) {
				t.Fatalf("got Elon at %s and Tony at %s", elon.server(), tony.server())
			}
			path := c.file("plans.pdf", size)
			before := c.carried()
			id := elon.offers("tony", path)
			offer := tony.isOffered("plans.pdf")
			if !offer.Private || offer.From != "Elon" || offer.Size != size {
				t.Errorf("got %+v, want a private one of Elon's", offer)
			}
			elon.reaches(id, client.Asking)
			tony.accepts("plans.pdf")
			got := tony.finishes(offer.ID)
			sent := elon.finishes(id)
			if sent.With != "Tony" || got.With != "Elon" || sent.Public || got.Public || !sent.Sending || got.Sending {
				t.Errorf("got %+v and %+v, want Elon's to Tony", sent, got)
			}
			tony.wantDownloads(path)
			elon.wantDownloads()
			carried := c.carried() - before
			if low, high := int64(test.hops)*size, int64(test.hops)*size+size/2; carried < low || carried > high {
				t.Errorf("got %d bytes over the servers' wires, want %d to %d", carried, low, high)
			}
		})
	}
}

// TestProgress holds a relayed file up half way: both sides are told how far it is, and how it goes on.
func TestProgress(t *testing.T) {
	const size = 8 << 20
	c := newCluster(t, 1, 2)
	elon, tony := c.join("Elon", alone), c.join("Tony", alone)
	path := c.file("film.mkv", size)
	id := elon.offers("Tony", path)
	offer := tony.isOffered("film.mkv")
	wire := c.at(tony.server()).wire
	still := wire.holdAfter(size / 2)
	tony.accepts("film.mkv")
	standsStill(tony, still)
	half := func(p *person, id uint64) {
		t.Helper()
		p.wait("word of some bytes", func() bool {
			now := p.transfers[id]
			return now.State == client.Moving && now.Done > 0 && now.Done < size
		})
	}
	half(tony, offer.ID)
	wire.release()
	half(elon, id) // the last that she heard of may be that
	tony.finishes(offer.ID)
	elon.finishes(id)
	for _, seen := range [][]int64{tony.arrived[offer.ID], elon.arrived[id]} {
		if !slices.IsSorted(seen) {
			t.Errorf("got progress %d, want it to grow", seen)
		}
	}
	wantStates(t, elon.states[id], client.Hashing, client.Asking, client.Moving, client.Finished)
	wantStates(t, tony.states[offer.ID], client.Moving, client.Finished)
	tony.wantDownloads(path)
}

// wantStates expects a transfer to have had these states, in this order, perhaps with a wait between.
func wantStates(t *testing.T, got []client.TransferState, want ...client.TransferState) {
	t.Helper()
	had := slices.DeleteFunc(slices.Clone(got), func(s client.TransferState) bool { return s == client.Waiting })
	if !slices.Equal(slices.Compact(had), want) {
		t.Errorf("got the states %d, want %d", got, want)
	}
}

// TestDeclined: the sender is told, directly and over servers.
func TestDeclined(t *testing.T) {
	for name, with := range map[string]func(*client.Config){"direct": func(*client.Config) {}, "relayed": alone} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, 2)
			elon, tony := c.join("Elon", with), c.join("Tony", with)
			id := elon.offers("Tony", c.file("spam.txt", 1000))
			offer := tony.isOffered("spam.txt")
			if err := tony.Decline(0); err != nil {
				t.Fatal(err)
			}
			why := wantError[*justchat.Declined](t, "Elon", elon.ends(id, client.Declined).Err)
			if why != nil && (why.User != "Tony" || why.Name != "spam.txt") {
				t.Errorf("got %+v, want Tony to decline spam.txt", why)
			}
			tony.wait("the offer's end", func() bool { _, ended := tony.withdrawn[offer.ID]; return ended })
			if left := tony.Offers(); len(left) > 0 {
				t.Errorf("got the offers %+v, want none", left)
			}
			tony.wantDownloads()
		})
	}
}

// TestSeveralAtOnce has six files go each way at once.
func TestSeveralAtOnce(t *testing.T) {
	for name, direct := range map[string]bool{"direct": true, "relayed": false} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, 2)
			with := func(config *client.Config) { config.Direct, config.Limits.Transfers = direct, 2 }
			people := []*person{c.join("Elon", with), c.join("Tony", with)}
			var paths [2][]string
			ids := make([][]uint64, 2)
			for from, p := range people {
				for _, file := range []string{"a", "b", "c", "d", "e", "f"} {
					path := c.file(p.name+" "+file, 1<<20)
					paths[from] = append(paths[from], path)
					ids[from] = append(ids[from], p.offers(people[1-from].name, path))
				}
			}
			for from, p := range people {
				for _, path := range paths[1-from] {
					ids[from] = append(ids[from], p.accepts(filepath.Base(path)))
				}
			}
			for at, p := range people {
				for _, id := range ids[at] {
					p.finishes(id)
				}
				p.wantDownloads(paths[1-at]...)
			}
		})
	}
}

// TestSomeAtOnce: of several files that somebody takes some move at once, and the others wait for them.
func TestSomeAtOnce(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon := c.join("Elon", alone)
	tony := c.join("Tony", alone, func(config *client.Config) { config.Limits.Transfers = 2 })
	var paths []string
	for n := range 5 {
		paths = append(paths, c.file(fmt.Sprint(n), 1<<20))
		elon.offers("Tony", paths[n])
		tony.isOffered(fmt.Sprint(n))
	}
	wire := c.at(tony.server()).wire
	wire.holdAfter(1 << 19)
	var ids []uint64
	for n := range paths {
		ids = append(ids, tony.accepts(fmt.Sprint(n)))
	}
	tony.wait("two files to move and three to wait", func() bool {
		count := make(map[client.TransferState]int)
		for _, one := range tony.transfers {
			count[one.State]++
		}
		return count[client.Moving] == 2 && count[client.Waiting] == 3
	})
	wire.release()
	for _, id := range ids {
		tony.finishes(id)
	}
	tony.wantDownloads(paths...)
}

// TestFourthFriend: three friends are asked about a public file, and take it or not; a fourth who comes later is not
// asked, finds it and gets it.
func TestFourthFriend(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon, tony, robert, pepper := c.join("Elon"), c.join("Tony"), c.join("Robert"), c.join("Pepper")
	path := c.picture()
	sent := elon.shares(path)
	if sent.Copies != 2 || !sent.Public || sent.With != "" {
		t.Errorf("got %+v, want a public one on two servers", sent)
	}
	for _, p := range []*person{tony, robert, pepper} {
		if offer := p.isOffered("SELDOM_2016.png"); offer.Private || offer.From != "Elon" {
			t.Errorf("%s: got %+v, want a public one of Elon's", p.name, offer)
		}
	}
	natasha := c.join("Natasha")
	natasha.wantFiles("SELDOM_2016.png")
	if err := pepper.Decline(pepper.offered[0].ID); err != nil {
		t.Fatal(err)
	}
	tony.finishes(tony.accepts("SELDOM_2016.png"))
	robert.finishes(robert.accepts("SELDOM_2016.png"))
	natasha.gets("SELDOM_2016.png")
	for _, p := range []*person{tony, robert, natasha} {
		p.wantDownloads(path)
	}
	pepper.wantDownloads()
	for _, p := range []*person{elon, natasha} {
		if asked := p.Offers(); len(asked) > 0 || len(p.offered) > 0 {
			t.Errorf("%s was asked about %+v, want nothing", p.name, p.offered)
		}
	}
}

// TestNoFileIsReplaced: one that comes under a name that is taken lies beside it, whoever's it is.
func TestNoFileIsReplaced(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon"), c.join("Tony")
	mine := filepath.Join(tony.downloads, "notes.txt")
	if err := os.MkdirAll(tony.downloads, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mine, []byte("my own"), 0o600); err != nil {
		t.Fatal(err)
	}
	path := c.file("notes.txt", 1000)
	elon.shares(path)
	for _, want := range []string{"notes (1).txt", "notes (2).txt"} {
		got := tony.gets("notes.txt")
		if got != filepath.Join(tony.downloads, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		wantSame(t, got, path)
	}
	if got := string(read(t, mine)); got != "my own" {
		t.Errorf("got %.100q in the file that was there, want what was in it", got)
	}
}

// TestNameTaken: a name stands for the same bytes for good. Who shares others by it is told to take another name; the same
// ones are the same file, also by another name.
func TestNameTaken(t *testing.T) {
	c := newCluster(t, 2, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("list.txt", 100_000)
	elon.shares(path)
	other := c.file("list.txt", 100_000)
	taken := breaks[*justchat.FileExists](tony, tony.beginsToShare(other))
	wantSentence(t, taken, "list.txt", "Elon", "another name")
	tony.shares(path)
	elon.shares(path)
	renamed := filepath.Join(t.TempDir(), "same.txt")
	if err := os.WriteFile(renamed, read(t, path), 0o600); err != nil {
		t.Fatal(err)
	}
	tony.shares(renamed)
	for _, f := range elon.wantFiles("list.txt", "same.txt") {
		if want := map[string]string{"list.txt": "Elon", "same.txt": "Tony"}[f.Name]; f.Owner != want {
			t.Errorf("got %s by %s, want it to be %s's, who shared it first", f.Name, f.Owner, want)
		}
	}
	for _, s := range c.servers {
		if used := s.blob.Used(); used != 100_000 {
			t.Errorf("%s keeps %d bytes, want the file once", s.Name(), used)
		}
	}
}

// TestRemove: the owner has a file be one no more, and nobody else can. The servers drop its bytes once no name stands
// for them, and the name is free.
func TestRemove(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 2, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("old.txt", 100_000)
	elon.shares(path)
	same := filepath.Join(t.TempDir(), "same.txt")
	if err := os.WriteFile(same, read(t, path), 0o600); err != nil {
		t.Fatal(err)
	}
	tony.shares(same)
	err := tony.Remove(t.Context(), "old.txt")
	refused := wantError[*lbapi.NotOwner](t, "Tony removes Elon's", err)
	wantSentence(t, refused, "old.txt", "Elon")
	wantError[*justchat.NoSuchFile](t, "removing what is not there", tony.Remove(t.Context(), "new.txt"))
	if err := elon.Remove(t.Context(), "old.txt"); err != nil {
		t.Fatal(err)
	}
	await(t, "the file to be gone", func() bool { files, err := tony.Files(t.Context()); return err == nil && len(files) == 1 })
	_, err = tony.Get(t.Context(), "old.txt")
	wantSentence(t, err, "old.txt", "#available files")
	tony.gets("same.txt") // another name stands for the bytes
	for _, s := range c.servers {
		s.has(t, path, true)
	}
	if err := tony.Remove(t.Context(), "same.txt"); err != nil {
		t.Fatal(err)
	}
	for _, s := range c.servers {
		s.has(t, path, false)
	}
	tony.shares(c.file("old.txt", 5)) // the name is free
	elon.wantFiles("old.txt")
}

// TestZeroBytes: a file may have none, whichever way it goes.
func TestZeroBytes(t *testing.T) {
	for name, with := range map[string]func(*client.Config){"direct": func(*client.Config) {}, "relayed": alone} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, 2)
			elon, tony := c.join("Elon", with), c.join("Tony", with)
			private, public := c.file("nothing.txt", 0), c.file("void", 0)
			id := elon.offers("Tony", private)
			tony.finishes(tony.accepts("nothing.txt"))
			elon.finishes(id)
			elon.shares(public)
			tony.finishes(tony.accepts("void"))
			tony.wantDownloads(private, public)
		})
	}
}
