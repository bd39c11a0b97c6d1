package justchat_test

import (
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// TestCancel ends a private transfer at each state, from either side, directly and over servers. The other side is told,
// and nothing is left.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"direct", "relayed"} {
		for _, test := range []struct {
			name   string
			who    string
			moving bool
		}{
			{"the sender while it is asked", "Elon", false},
			{"the sender on the way", "Elon", true},
			{"the receiver on the way", "Tony", true},
		} {
			t.Run(way+" "+test.name, func(t *testing.T) {
				t.Parallel()
				c := newCluster(t, 1, 1)
				with := func(config *client.Config) { config.Direct = way == "direct" }
				elon, tony := c.join("Elon", with), c.join("Tony", with)
				size := big
				if way == "direct" {
					size = 64 << 20 // nobody can hold it up
				}
				id := elon.offers("Tony", c.file("plans.pdf", size))
				offer := tony.isOffered("plans.pdf")
				elon.reaches(id, client.Asking)
				if test.moving {
					c.servers[0].wire.holdAfter(int64(size) / 2)
					tony.accepts("plans.pdf")
					tony.wait("bytes", func() bool { return tony.transfers[offer.ID].Done > 0 })
				}
				who, number := elon, id
				if test.who == "Tony" {
					who, number = tony, offer.ID
				}
				if err := who.Cancel(number); err != nil {
					t.Fatal(err)
				}
				who.ends(number, client.Cancelled)
				c.servers[0].wire.release()
				if test.moving {
					told(t, elon, id, "Tony", test.who)
					told(t, tony, offer.ID, "Elon", test.who)
				} else {
					tony.wait("the offer's end", func() bool { return tony.withdrawn[offer.ID] != "" })
				}
				await(t, "nothing to be left", func() bool { return len(tony.lies()) == 0 })
			})
		}
	}
}

// told expects a transfer to have been cancelled, by either side.
func told(t *testing.T, p *person, id uint64, with, who string) {
	t.Helper()
	var got client.Transfer
	p.wait("the end of a transfer", func() bool { got = p.transfers[id]; return got.State.Ended() })
	said := p.name == who || got.Err != nil && strings.Contains(got.Err.Error(), "cancelled")
	if got.State != client.Cancelled && got.State != client.Declined || !said {
		t.Errorf("%s, whose transfer with %s was cancelled by %s: got %+v, want word of that", p.name, with, who, got)
	}
}

// TestBothGone: sender and receiver vanish half way. Nothing is there under the file's name; when they are back and the
// file is offered anew, it goes on from where it was.
func TestBothGone(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon", alone), c.join("Tony", alone)
	path := c.file("plans.pdf", big)
	elon.offers("Tony", path)
	wire := c.servers[0].wire
	tony.isOffered("plans.pdf")
	still := wire.holdAfter(big)
	tony.accepts("plans.pdf")
	standsStill(tony, still)
	elon.stop()
	tony.stop()
	tony.wantNothingVisible()
	wire.release()
	downloads := tony.downloads
	elon = c.join("Elon", alone)
	tony = c.join("Tony", alone, func(config *client.Config) { config.Downloads = downloads })
	id := elon.offers("Tony", path)
	tony.finishes(tony.accepts("plans.pdf"))
	elon.finishes(id)
	tony.wantDownloads(path)
	wantCarried(t, wire.carried(), 2, onWayToClient)
}

// TestSenderGone: a sender leaves while her file is under way, and while it is asked for. The other side waits a while,
// and is told.
func TestSenderGone(t *testing.T) {
	t.Parallel()
	for name, direct := range map[string]bool{"direct": true, "relayed": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, 1, 1)
			with := func(config *client.Config) {
				config.Direct, config.Limits.Unreached = direct, time.Second
			}
			elon, tony := c.join("Elon", with), c.join("Tony", with)
			elon.offers("Tony", c.file("asked.txt", 10))
			asked := tony.isOffered("asked.txt")
			elon.offers("Tony", c.file("film.mkv", 64<<20))
			tony.isOffered("film.mkv")
			c.servers[0].wire.holdAfter(32 << 20)
			taken := tony.accepts("film.mkv")
			tony.wait("bytes", func() bool { return tony.transfers[taken].Done > 0 })
			go elon.stop() // the cleanup waits
			c.servers[0].wire.release()
			tony.wait("the offer's end", func() bool { return tony.withdrawn[asked.ID] != "" })
			tony.wait("the end of a transfer", func() bool { return tony.transfers[taken].State.Ended() })
			if got := tony.transfers[taken]; got.State == client.Finished || got.Err == nil {
				t.Errorf("got %+v, want to be told that Elon has gone", got)
			}
			tony.wantNothingVisible()
		})
	}
}
