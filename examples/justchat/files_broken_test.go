package justchat_test

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
)

const (
	// big is a file that is still on its way when a test breaks something.
	big = 8 << 20
	// What may be sent twice on each hop after a break is what was on its way to whoever is lost or loses her line: one
	// stream's window, what a disk had not yet, and what TLS adds.
	onWayToServer = 3 << 19
	onWayToClient = 5 << 19
)

// wantCarried expects the wires to have carried so many bytes: those of the file for each hop, and little more.
func wantCarried(t *testing.T, got int64, hops, twice int64) {
	t.Helper()
	if low, high := hops*big, hops*(big+twice); got < low || got > high {
		t.Errorf("got %d bytes over the wires, want %d to %d: it goes on from where it was", got, low, high)
	}
}

// TestUploadServerDies: the server that is taking a public file dies half way. The sharer goes on at the other one, and as
// long as that is the only one there is one copy, which is said; once there is another server there are two.
func TestUploadServerDies(t *testing.T) {
	c := newCluster(t, 1, 0)
	c.limits.CopyAfter = 200 * time.Millisecond
	c.startServer(t.TempDir())
	c.startServer(t.TempDir())
	elon := c.join("Elon")
	path := c.file("film.mkv", big)
	took := c.at(elon.server())
	left := c.other(elon.server())
	still := took.wire.holdAfter(big / 2)
	id := elon.beginsToShare(path)
	standsStill(elon, still)
	took.stop()
	sent := elon.finishes(id)
	if sent.Copies != 1 {
		t.Errorf("got %d copies with one server left, want 1", sent.Copies)
	}
	wantCarried(t, left.wire.in.Load(), 1, onWayToServer)
	if files := elon.wantFiles("film.mkv"); len(files[0].Holders) != 1 || files[0].Holders[0] != left.Name() {
		t.Errorf("got the holders %q, want %q", files[0].Holders, left.Name())
	}
	another := c.startServer(t.TempDir())
	another.has(t, path, true)
	await(t, "the second holder to be known", func() bool {
		files, err := elon.Files(t.Context())
		return err == nil && len(files) == 1 && len(files[0].Holders) == 2
	})
	left.stop()
	tony := c.join("Tony")
	tony.gets("film.mkv")
	tony.wantDownloads(path)
}

// TestUploadGoesOn: a connection is cut, and then the only server is restarted, while a public file comes in. What was
// there is not sent again.
func TestUploadGoesOn(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon := c.join("Elon")
	path := c.file("film.mkv", big)
	first := c.servers[0]
	still := first.wire.holdAfter(big / 3)
	id := elon.beginsToShare(path)
	standsStill(elon, still)
	still = first.wire.holdAfter(big / 3)
	first.wire.cut()
	standsStill(elon, still)
	first.stop()
	second := c.startServer(first.dir)
	elon.finishes(id)
	wantCarried(t, first.wire.in.Load()+second.wire.in.Load(), 1, onWayToServer)
	second.has(t, path, true)
}

// TestNameComesLast: while the bytes of a public file are on one server only, and another is about to have them, nobody
// is told of it. If the first server dies then, the second goes on with what it has.
func TestNameComesLast(t *testing.T) {
	t.Parallel()
	for name, dies := range map[string]bool{"lives": false, "dies": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, 2)
			elon, tony := c.join("Elon"), c.join("Tony")
			path := c.file("film.mkv", big)
			took := c.at(elon.server())
			other := c.other(elon.server())
			still := took.wire.holdAfter(big * 3 / 2) // it has all, the other one half
			id := elon.beginsToShare(path)
			standsStill(elon, still)
			took.has(t, path, true)
			elon.wantFiles()
			if asked := tony.Offers(); len(asked) > 0 {
				t.Errorf("Tony was asked about %+v before two servers had it", asked)
			}
			if dies {
				took.stop()
			} else {
				took.wire.release()
			}
			sent := elon.finishes(id)
			if want := map[bool]int{false: 2, true: 1}[dies]; sent.Copies != want {
				t.Errorf("got %d copies, want %d", sent.Copies, want)
			}
			other.has(t, path, true)
			wantCarried(t, took.wire.carried()+other.wire.carried(), 2, onWayToServer)
			tony.finishes(tony.accepts("film.mkv"))
			tony.wantDownloads(path)
		})
	}
}

// TestReplicationGoesOn: the server that copies a file from the only holder dies half way, and goes on when it is back.
func TestReplicationGoesOn(t *testing.T) {
	c := newCluster(t, 1, 0)
	c.limits.CopyAfter = 100 * time.Millisecond
	holder := c.startServer(t.TempDir())
	elon := c.join("Elon")
	path := c.file("film.mkv", big)
	if sent := elon.shares(path); sent.Copies != 1 {
		t.Errorf("got %d copies on one server, want 1", sent.Copies)
	}
	before := holder.wire.out.Load()
	still := holder.wire.holdAfter(big / 2)
	copies := c.startServer(t.TempDir())
	standsStill(elon, still)
	copies.stop()
	holder.wire.release()
	again := c.startServer(copies.dir)
	again.has(t, path, true)
	wantCarried(t, holder.wire.out.Load()-before, 1, onWayToServer)
}

// TestDownloadServerDies: the server from which somebody gets a file dies half way. She goes on at the other holder.
func TestDownloadServerDies(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("film.mkv", big)
	elon.shares(path)
	before := c.carried()
	still := c.at(tony.server()).wire.holdAfter(big / 2)
	id := tony.beginsToGet("film.mkv")
	standsStill(tony, still)
	c.at(tony.server()).stop()
	tony.finishes(id)
	tony.wantDownloads(path)
	wantCarried(t, c.carried()-before, 1, onWayToClient)
}

// TestAnyHolder: somebody is at a server that has not got the file, which gets it for her from one that has, and from
// the other one when that dies half way.
func TestAnyHolder(t *testing.T) {
	c := newCluster(t, 1, 3)
	people := []*person{c.join("Elon"), c.join("Tony"), c.join("Robert")}
	path := c.file("film.mkv", big)
	people[0].shares(path)
	sum := sha256.Sum256(read(t, path))
	lacks := func(s *testServer) bool { _, has := s.blob.Has(sum); return !has }
	at := slices.IndexFunc(people, func(p *person) bool { return lacks(c.at(p.server())) })
	if at < 0 {
		t.Fatal("nobody is at the server that lacks the file")
	}
	before := c.carried()
	still := make(map[*testServer]<-chan struct{})
	for _, s := range c.servers {
		if !lacks(s) {
			still[s] = s.wire.holdAfter(big / 2)
		}
	}
	id := people[at].beginsToGet("film.mkv")
	var asked *testServer
	await(t, "a holder to have sent half of it", func() bool {
		for s, still := range still {
			select {
			case <-still:
				asked = s
			default:
			}
		}
		return asked != nil
	})
	for s := range still {
		if s != asked {
			s.wire.release()
		}
	}
	asked.stop()
	people[at].finishes(id)
	people[at].wantDownloads(path)
	wantCarried(t, c.carried()-before, 2, onWayToClient)
}

// TestNoServerForAWhile: all servers die while somebody gets a file. She waits, is told so, and goes on once they are back.
func TestNoServerForAWhile(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("film.mkv", big)
	elon.shares(path)
	first := c.servers[0]
	before := first.wire.out.Load()
	still := first.wire.holdAfter(big / 2)
	id := tony.beginsToGet("film.mkv")
	standsStill(tony, still)
	first.stop()
	tony.reaches(id, client.Waiting)
	tony.wait("word that there is no server", func() bool { return tony.state.Kind == client.NoServer })
	tony.wantNothingVisible()
	again := c.startServer(first.dir)
	tony.finishes(id)
	tony.wantDownloads(path)
	wantCarried(t, first.wire.out.Load()-before+again.wire.out.Load(), 1, onWayToClient)
}

// TestRelayDies: a private file goes over two servers, and the sender's, or the receiver's, dies half way.
func TestRelayDies(t *testing.T) {
	t.Parallel()
	for _, whose := range []string{"Elon", "Tony"} {
		t.Run(whose, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, 3)
			elon, tony := c.join("Elon", alone), c.join("Tony", alone)
			path := c.file("plans.pdf", big)
			id := elon.offers("Tony", path)
			tony.isOffered("plans.pdf")
			loses := map[string]*person{"Elon": elon, "Tony": tony}[whose]
			lost := c.at(loses.server())
			still := lost.wire.holdAfter(big)
			taken := tony.accepts("plans.pdf")
			standsStill(tony, still)
			lost.stop()
			tony.finishes(taken)
			elon.finishes(id)
			tony.wantDownloads(path)
			if len(tony.offered) != 1 {
				t.Errorf("Tony was asked %d times, want once", len(tony.offered))
			}
			wantCarried(t, c.carried(), 3, onWayToClient)
		})
	}
}

// TestAskedAcrossADeath: the server over which an offer came dies before it is answered. The person is not asked twice,
// and her answer counts.
func TestAskedAcrossADeath(t *testing.T) {
	c := newCluster(t, 1, 3)
	elon, tony := c.join("Elon", alone), c.join("Tony", alone)
	path := c.file("plans.pdf", 1000)
	id := elon.offers("Tony", path)
	offer := tony.isOffered("plans.pdf")
	c.at(tony.server()).stop()
	if err := tony.Accept(offer.ID); err != nil {
		t.Fatal(err)
	}
	tony.finishes(offer.ID)
	elon.finishes(id)
	tony.wantDownloads(path)
}

// TestAskedAfterMoving: a public file is shared while somebody has just lost her server. She is asked all the same, and
// once.
func TestAskedAfterMoving(t *testing.T) {
	c := newCluster(t, 1, 3)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("late.txt", 1000)
	c.at(tony.server()).stop()
	elon.shares(path)
	tony.finishes(tony.accepts("late.txt"))
	tony.say("I have it")
	if len(tony.offered) != 1 {
		t.Errorf("Tony was asked %d times, want once", len(tony.offered))
	}
}

// TestBalancersDie: load balancers die while a file comes in and while one is got, the last one too.
func TestBalancersDie(t *testing.T) {
	c := newCluster(t, 2, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	path, old := c.file("film.mkv", big), c.file("old.mkv", big)
	elon.shares(old)
	tony.finishes(tony.accepts("old.mkv"))
	wire := c.at(elon.server()).wire
	still := wire.holdAfter(big / 2)
	id := elon.beginsToShare(path)
	standsStill(elon, still)
	c.balancers[0].Close()
	wire.release()
	elon.finishes(id)
	tony.isOffered("film.mkv")
	wire = c.at(tony.server()).wire
	still = wire.holdAfter(big / 2)
	taken := tony.accepts("film.mkv")
	standsStill(tony, still)
	c.balancers[1].Close()
	wire.release()
	tony.finishes(taken)
	tony.wantDownloads(path, old)
	wantSame(t, tony.gets("film.mkv"), path) // she was asked about it, so nobody else need be
}

// TestFilesWithoutQuorum: the registry has no quorum. New names are refused with a plain sentence; what is there can be had,
// from a holder that is left too.
func TestFilesWithoutQuorum(t *testing.T) {
	c := newCluster(t, 2, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("old.txt", 100_000)
	elon.shares(path)
	c.registry.SetQuorum(false)
	refused := breaks[*justchat.NoQuorum](elon, elon.beginsToShare(c.file("new.txt", 10)))
	wantSentence(t, refused, "quorum", "go on")
	wantError[*justchat.NoQuorum](t, "removing without a quorum", elon.Remove(t.Context(), "old.txt"))
	private := c.file("private.txt", 10)
	id := elon.offers("Tony", private)
	tony.finishes(tony.accepts("private.txt"))
	elon.finishes(id)
	c.at(tony.server()).stop()
	tony.wantFiles("old.txt")
	tony.gets("old.txt")
	tony.wantDownloads(path, private)
	c.registry.SetQuorum(true)
	elon.shares(c.file("newer.txt", 10))
	tony.wantFiles("newer.txt", "old.txt")
}
