package justchat_test

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// hostileNames are what nobody may call a file.
var hostileNames = []string{
	"", ".", "..", "../evil", "../../evil", "/etc/evil", "a/evil", "a/../../evil", `..\evil`, `a\evil`, `\\host\evil`,
	"C:evil", `C:\evil`, "evil:stream", "evil::$DATA", ".bashrc", ".ssh/authorized_keys", "...", "evil.", "evil ", " evil",
	"CON", "nul.txt", "com1", "LPT1.txt", "COM\u00b9", "CONIN$", "conout$", "aux.tar.gz",
	"evil\x00.txt", "evil\n.txt", "evil\r.txt", "evil\x7f", "\x1b[2Jevil", "\x1b]0;evil\aevil", "\u009b2Jevil",
	"\u202egnp.exe", "a\u2066b\u2069", "a\u200bb", "a\u200fb", "a\ufeffb", "a\u00adb", "a\u2028b", "\xff\xfe", "a #b",
	"a<b", "a>b", `a"b`, "a|b", "a?b", "a*b", strings.Repeat("x", 201), strings.Repeat("x", 1<<16),
}

// TestHostileNames brings files of names that are paths, devices, or drive a terminal: by a client that somebody else has
// written, to a server and to another client, and by a server that has the secret. None is ever offered to a person, kept,
// or bound.
func TestHostileNames(t *testing.T) {
	c := newCluster(t, 1, 1)
	tony := c.join("Tony")
	mallory := c.forger("Mallory")
	mallory.comesIn()
	direct, _ := mallory.dials("Tony")
	content := []byte("evil")
	for _, name := range hostileNames {
		what := fmt.Sprintf("%.30q", name)
		private, public := mallory.offer("Tony", name, content), mallory.offer("", name, content)
		for way, err := range map[string]error{
			"shared":  endOf(mallory.api.SendPublicFile(t.Context(), public)),
			"relayed": endOf(mallory.api.RelayFile(t.Context(), private)),
			"direct":  endOf(direct.TransferFilePrivate(t.Context(), private)),
		} {
			if utf8.ValidString(name) {
				refusedFile(t, what+" "+way, err)
			} else if err == nil { // it does not even travel
				t.Errorf("%s %s: got no error", what, way)
			}
		}
	}
	tony.offeredNothing()
	tony.wantFiles()
	if used := c.servers[0].blob.Used(); used != 0 {
		t.Errorf("the server keeps %d bytes, want none", used)
	}
	mallory.wantUnasked()
}

// TestHostileServer is TestHostileNames for a server with the cluster's secret: the load balancer binds no such name, and
// the client shows no such offer, and no offer twice.
func TestHostileServer(t *testing.T) {
	c := newCluster(t, 1, 0)
	s := c.forgedServer("forged", nil)
	tony := c.join("Tony")
	guest := s.guest()
	content := []byte("evil")
	for _, name := range hostileNames {
		if !utf8.ValidString(name) {
			continue
		}
		what := fmt.Sprintf("%.30q", name)
		public := c.offerOf("Elon", "", name, content)
		refusedFile(t, what+" bound", s.balance.NewFile(t.Context(), justchat.File{
			Name: name, Size: public.Size, SHA256: public.SHA256, Owner: "Elon", Holders: []string{"forged"},
		}))
		_ = guest.TransferFile(t.Context(), public) // what it says is the client's own business
		refusedFile(t, what+" offered", endOf(guest.TransferFilePrivate(t.Context(), c.offerOf("Elon", "Tony", name, content))))
	}
	tony.wantFiles()
	good := c.offerOf("Elon", "", "good.txt", content)
	for range 3 {
		if err := guest.TransferFile(t.Context(), good); err != nil {
			t.Fatal(err)
		}
	}
	tony.isOffered("good.txt")
	for _, lie := range []func(*justchat.Offer){
		func(o *justchat.Offer) { o.Signature = nil },
		func(o *justchat.Offer) { o.Name = "other.txt" },
		func(o *justchat.Offer) { o.Size++ },
		func(o *justchat.Offer) { o.SHA256 = make([]byte, 32) },
		func(o *justchat.Offer) { o.From = "Tony" },
		func(o *justchat.Offer) { o.To = "Robert" },
	} {
		forged := c.offerOf("Elon", "", "forged.txt", content)
		lie(&forged)
		_ = guest.TransferFile(t.Context(), forged)
	}
	if err := guest.TransferFile(t.Context(), c.offerOf("Elon", "", "last.txt", content)); err != nil {
		t.Fatal(err)
	}
	tony.isOffered("last.txt")
	if got := len(tony.offered); got != 2 {
		t.Errorf("Tony was asked about %+v, want the good one and the last one", tony.offered)
	}
}

// TestLyingHolder: a server that somebody gets a file from sends other bytes than she was promised. She is told that it
// is so, and there is nothing by the file's name.
func TestLyingHolder(t *testing.T) {
	content := noise("truth", 300_000)
	for name, send := range map[string]func(offset uint64) iter.Seq2[[]byte, error]{
		"other bytes": func(offset uint64) iter.Seq2[[]byte, error] { return pieces(noise("lie", len(content))[offset:]) },
		"too many":    func(offset uint64) iter.Seq2[[]byte, error] { return pieces(append(content, 0)[offset:]) },
		"endless":     endless,
		"again and again from the start": func(uint64) iter.Seq2[[]byte, error] {
			return pieces(content[:len(content)/2])
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, 0)
			s := c.forgedServer("forged", func(s *forgedServer) {
				s.GetFileFunc = func(_ context.Context, _ []byte, offset uint64) iter.Seq2[[]byte, error] { return send(offset) }
			})
			tony := c.join("Tony", func(config *client.Config) { config.Limits.Unreached = time.Second })
			guest := s.guest()
			if err := guest.TransferFile(t.Context(), c.offerOf("Elon", "", "truth.txt", content)); err != nil {
				t.Fatal(err)
			}
			got := tony.ends(tony.accepts("truth.txt"), client.Broken)
			wantIs(t, got.Err, transfer.ErrWrong)
			tony.wantDownloads()
		})
	}
}

// TestLyingOffers: what is sent is not what was offered. The receiver keeps nothing of it and is told why, and so is
// the sender; a server that was to keep it keeps nothing and binds no name.
func TestLyingOffers(t *testing.T) {
	t.Parallel()
	content := noise("truth", 300_000)
	all := func(offset uint64) iter.Seq2[[]byte, error] { return pieces(content[min(offset, 300_000):]) }
	for name, test := range map[string]struct {
		change func(*justchat.Offer)
		send   func(offset uint64) iter.Seq2[[]byte, error]
	}{
		"smaller than it is": {func(o *justchat.Offer) { o.Size-- }, all},
		"larger than it is":  {func(o *justchat.Offer) { o.Size++ }, all},
		"empty":              {func(o *justchat.Offer) { o.Size = 0 }, all},
		"another hash":       {func(o *justchat.Offer) { o.SHA256 = bytes.Repeat([]byte{7}, 32) }, all},
		"without end":        {func(*justchat.Offer) {}, endless},
		"one byte off": {func(*justchat.Offer) {}, func(offset uint64) iter.Seq2[[]byte, error] {
			other := bytes.Clone(content)
			other[200_000] ^= 1
			return pieces(other[offset:])
		}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t, 1, 1)
			tony := c.join("Tony", func(config *client.Config) { config.Limits.Unreached = 2 * time.Second })
			mallory := c.forger("Mallory")
			mallory.comesIn()
			direct, _ := mallory.dials("Tony")
			lie := func(to, name string) justchat.Offer {
				o := mallory.offer(to, name, content)
				test.change(&o)
				mallory.sign(&o)
				mallory.sends(o.Number, test.send)
				return o
			}
			for name, offer := range map[string]func(justchat.Offer) error{
				"direct.txt":  func(o justchat.Offer) error { return endOf(direct.TransferFilePrivate(t.Context(), o)) },
				"relayed.txt": func(o justchat.Offer) error { return endOf(mallory.api.RelayFile(t.Context(), o)) },
			} {
				ended := make(chan error, 1)
				o := lie("Tony", name)
				go func() { ended <- offer(o) }() // received below
				got := tony.ends(tony.accepts(name), client.Broken)
				wantIs(t, got.Err, transfer.ErrWrong)
				if declined := wantError[*justchat.Declined](t, name, <-ended); declined != nil {
					wantSentence(t, declined, "bytes")
				}
			}
			tony.wantDownloads()
			refusedFile(t, "shared", endOf(mallory.api.SendPublicFile(t.Context(), lie("", "shared.txt"))))
			if used := c.servers[0].blob.Used(); used != 0 {
				t.Errorf("the server keeps %d bytes, want none", used)
			}
			tony.wantFiles()
		})
	}
}

// TestHostileNamesOfOnesOwn: one's own client says what is wrong with a name before anything is sent.
func TestHostileNamesOfOnesOwn(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon := c.join("Elon")
	c.join("Tony")
	for _, name := range hostileNames {
		path := filepath.Join(t.TempDir(), name)
		if name == "" || strings.ContainsAny(name, "/\x00") || strings.Trim(name, ".") == "" || len(name) > 255 {
			continue // no file of this system has it
		}
		if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := elon.Share(t.Context(), path); err == nil {
			t.Errorf("%q is shared", name)
		}
		if _, err := elon.SharePrivate(t.Context(), "Tony", path); err == nil {
			t.Errorf("%q is offered", name)
		}
	}
}

// offeredNothing expects a person never to have been asked, and her folder to be empty.
func (p *person) offeredNothing() {
	p.t.Helper()
	p.say("still here")
	p.mu.Lock()
	asked := p.offered
	p.mu.Unlock()
	if len(asked) > 0 {
		p.t.Errorf("%s was asked about %+v, want nothing", p.name, asked)
	}
	p.wantDownloads()
}
