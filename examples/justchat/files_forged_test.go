package justchat_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestForgedOffers brings offers that are not as they should be, to a server and to another client.
func TestForgedOffers(t *testing.T) {
	c := newCluster(t, 1, 1)
	tony := c.join("Tony")
	mallory := c.forger("Mallory")
	_, err := collect(mallory.api.GetFile(t.Context(), make([]byte, 32), 0))
	wantError[*serverapi.NotConnected](t, "a file before ConnectionInit", err)
	wantError[*serverapi.NotConnected](t, "an offer before ConnectionInit", endOf(mallory.api.SendPublicFile(t.Context(), mallory.offer("", "a.txt", nil))))
	mallory.comesIn()
	robert := c.forger("Robert")
	direct, _ := mallory.dials("Tony")
	for what, lie := range map[string]func(*justchat.Offer){
		"a hash of 31 bytes": func(o *justchat.Offer) { o.SHA256 = o.SHA256[:31]; mallory.sign(o) },
		"no hash":            func(o *justchat.Offer) { o.SHA256 = nil; mallory.sign(o) },
		"a hash of a MiB":    func(o *justchat.Offer) { o.SHA256 = make([]byte, 1<<20); mallory.sign(o) },
		"beyond all disks":   func(o *justchat.Offer) { o.Size = math.MaxUint64; mallory.sign(o) },
		"negative":           func(o *justchat.Offer) { o.Size = 1 << 63; mallory.sign(o) },
		"number 0":           func(o *justchat.Offer) { o.Number = 0; mallory.sign(o) },
		"unsigned":           func(o *justchat.Offer) { o.Signature = nil },
		"no token":           func(o *justchat.Offer) { o.Token = nil },
		"another name":       func(o *justchat.Offer) { o.Name = "b.txt" },
		"another size":       func(o *justchat.Offer) { o.Size++ },
		"another's":          func(o *justchat.Offer) { *o = robert.offer(o.To, "a.txt", []byte("his")) },
		"another's name":     func(o *justchat.Offer) { o.From = "Robert"; mallory.sign(o) },
		"another's token":    func(o *justchat.Offer) { o.Token = robert.token(); mallory.sign(o) },
		"another's client": func(o *justchat.Offer) {
			posing := *mallory.key
			posing.Client = robert.key.Client
			posing.SignOffer(c.identity.Authority(), o)
		},
	} {
		private, public := mallory.offer("Tony", "a.txt", []byte("hers")), mallory.offer("", "a.txt", []byte("hers"))
		lie(&private)
		lie(&public)
		if err := endOf(mallory.api.RelayFile(t.Context(), private)); what != "number 0" || err == nil {
			refusedOrLarge(t, what+", relayed", err)
		}
		refusedOrLarge(t, what+", shared", endOf(mallory.api.SendPublicFile(t.Context(), public)))
		if what == "another's" {
			continue // it is his, and hers to bring
		}
		var bad *clientapi.BadSignature
		soon, cancel := context.WithTimeout(t.Context(), 5*time.Second) // not until the person has answered
		defer cancel()
		if err := endOf(direct.TransferFilePrivate(soon, private)); !errors.As(err, &bad) {
			refusedOrLarge(t, what+", direct", err)
		}
	}
	tony.wantFiles()
	tony.offeredNothing()
	mallory.wantUnasked()
}

// refusedOrLarge expects an offer to be refused for what it says, or since it does not fit in a call.
func refusedOrLarge(t *testing.T, what string, err error) {
	t.Helper()
	var refused *justchat.RefusedFile
	var much *justchat.TooMuch
	if !errors.As(err, &refused) && !errors.As(err, &much) && runtime.CodeOf(err) != runtime.CodeResourceExhausted {
		t.Errorf("%s: got %v, want it refused", what, err)
	}
}

// TestReplayedOffers: who was offered a file can offer it to nobody else in its owner's name, and ask for no other.
func TestReplayedOffers(t *testing.T) {
	c := newCluster(t, 1, 1)
	offers := make(chan justchat.Offer, 10)
	elon, tony := c.join("Elon"), c.join("Tony")
	mallory := c.forger("Mallory")
	way := make(chan runtime.Caller, 10)
	mallory.TransferFilePrivateFunc = func(ctx context.Context, o justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			back, _ := runtime.CallerFrom(ctx)
			way <- back
			offers <- o
			yield(justchat.Transfer{}, nil)
			<-ctx.Done()
		}
	}
	mallory.listens()
	mallory.comesIn()
	direct, _ := mallory.dials("Tony")
	elon.offers("Mallory", c.file("for mallory.txt", 1000))
	offer := <-offers
	refusedOrForMe := endOf(direct.TransferFilePrivate(t.Context(), offer))
	wantError[*clientapi.NotForMe](t, "Mallory's offer, shown to Tony", refusedOrForMe)
	posing := offer
	posing.To = "Tony"
	wantError[*clientapi.BadSignature](t, "the same with another receiver", endOf(direct.TransferFilePrivate(t.Context(), posing)))
	refusedFile(t, "relayed", endOf(mallory.api.RelayFile(t.Context(), posing)))
	posing.To = ""
	refusedFile(t, "shared", endOf(mallory.api.SendPublicFile(t.Context(), posing)))

	elon.offers("Tony", c.file("for tony.txt", 1000))
	tony.isOffered("for tony.txt")
	back := clientapi.NewClientMessageServiceClient(<-way)
	for number := range uint64(5) {
		if number == offer.Number {
			continue
		}
		_, err := collect(back.GetFile(t.Context(), number, 0))
		wantError[*justchat.Withdrawn](t, fmt.Sprint("Mallory asks Elon for number ", number), err)
	}
	if content, err := collect(back.GetFile(t.Context(), offer.Number, 0)); err != nil || len(content) != 1000 {
		t.Errorf("Mallory asks Elon for what she was offered: got %d bytes and %v, want 1000", len(content), err)
	}
	for _, offset := range []uint64{1001, 1 << 40, 1 << 63, math.MaxUint64} {
		if content, err := collect(back.GetFile(t.Context(), offer.Number, offset)); err == nil || len(content) > 0 {
			t.Errorf("from offset %d: got %d bytes and %v, want an error", offset, len(content), err)
		}
	}
	elonsFace, _ := mallory.dials("Elon")
	if content, err := collect(elonsFace.GetFile(t.Context(), offer.Number, 0)); err == nil || len(content) > 0 {
		t.Errorf("Mallory dials Elon, who shows no files there: got %d bytes and %v", len(content), err)
	}
	if len(tony.offered) != 1 {
		t.Errorf("Tony was asked about %+v, want one file", tony.offered)
	}
}

// TestRelayedIsPrivate: the bytes of a private file that goes over servers are for its receiver alone, and only as long as
// it is offered.
func TestRelayedIsPrivate(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon", alone), c.join("Tony", alone)
	mallory := c.forger("Mallory")
	mallory.comesIn()
	id := elon.offers("Tony", c.file("secret.txt", 1000))
	tony.isOffered("secret.txt")
	steal := func(when string) {
		t.Helper()
		for number := range uint64(3) {
			content, err := collect(mallory.api.GetPrivateFile(t.Context(), elon.Key.Client, number, 0))
			if err == nil || len(content) > 0 {
				t.Errorf("%s: got %d bytes and %v, want an error", when, len(content), err)
			}
		}
	}
	steal("while Tony is asked")
	tony.finishes(tony.accepts("secret.txt"))
	elon.finishes(id)
	steal("afterwards")
	if _, err := collect(mallory.api.GetPrivateFile(t.Context(), nil, 1, 0)); err == nil {
		t.Error("got no error for a file of nobody")
	}
}

// TestOffsets asks a server for public files from where there are no bytes, and for what is no hash.
func TestOffsets(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon := c.join("Elon")
	path := c.file("a.bin", 200_000)
	elon.shares(path)
	mallory := c.forger("Mallory")
	mallory.comesIn()
	content := read(t, path)
	o := mallory.offer("", "a.bin", content)
	for _, offset := range []int{0, 1, 65_536, 199_999, 200_000} {
		got, err := collect(mallory.api.GetFile(t.Context(), o.SHA256, uint64(offset)))
		if err != nil || !bytes.Equal(got, content[offset:]) {
			t.Errorf("from %d: got %d bytes and %v, want %d", offset, len(got), err, len(content)-offset)
		}
	}
	for _, offset := range []uint64{200_001, 1 << 40, 1 << 63, math.MaxUint64} {
		if got, err := collect(mallory.api.GetFile(t.Context(), o.SHA256, offset)); err == nil || len(got) > 0 {
			t.Errorf("from %d: got %d bytes and %v, want an error", offset, len(got), err)
		}
	}
	for _, sum := range [][]byte{nil, o.SHA256[:31], append(bytes.Clone(o.SHA256), 0), make([]byte, 1<<20), []byte("../../../../../../etc/passwd....")} {
		_, err := collect(mallory.api.GetFile(t.Context(), sum, 0))
		if err == nil {
			t.Errorf("a hash of %d bytes: got no error", len(sum))
		}
	}
	_, err := collect(mallory.api.GetFile(t.Context(), make([]byte, 32), 0))
	wantError[*justchat.NoSuchFile](t, "a file that is not there", err)
}

// TestNeverReadsFiles: somebody asks for a file many times at once and reads nothing of it. What the server holds for her is
// bounded, and others get theirs.
func TestNeverReadsFiles(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon"), c.join("Tony")
	path := c.file("film.mkv", big)
	elon.shares(path)
	mallory := c.forger("Mallory")
	mallory.comesIn()
	o := mallory.offer("", "film.mkv", read(t, path))
	before := memory()
	for range 60 {
		next, stop := iter.Pull2(mallory.api.GetFile(t.Context(), o.SHA256, 0))
		t.Cleanup(stop)
		next()
	}
	tony.gets("film.mkv")
	if grown := int64(memory()) - int64(before); grown > 60*(1<<20) {
		t.Errorf("the process has grown by %d KiB for 60 streams of %d KiB, want a window for each on either side", grown>>10, big>>10)
	}
	tony.wantDownloads(path)
}

// TestManyOffers: somebody offers more than a person can want, and shares more at once than the server takes.
func TestManyOffers(t *testing.T) {
	c := newCluster(t, 1, 1)
	tony := c.join("Tony")
	mallory := c.forger("Mallory")
	mallory.comesIn()
	direct, _ := mallory.dials("Tony")
	ended := make(chan error, 200)
	for n := range 100 {
		relayed, straight := mallory.offer("Tony", fmt.Sprint("r", n), nil), mallory.offer("Tony", fmt.Sprint("d", n), nil)
		go func() { ended <- endOf(mallory.api.RelayFile(t.Context(), relayed)) }() // they end with the test, at the latest
		go func() { ended <- endOf(direct.TransferFilePrivate(t.Context(), straight)) }()
	}
	for range 190 {
		select {
		case err := <-ended:
			if err == nil {
				t.Error("an offer was taken that nobody was asked about")
			}
		case <-time.After(patience):
			t.Fatal("more offers wait than Tony is asked about")
		}
	}
	if asked := len(tony.Offers()); asked > 10 {
		t.Errorf("Tony is asked about %d files at once, want at most 10", asked)
	}
}

// wantUnasked expects nobody to have asked her for bytes.
func (f *forger) wantUnasked() {
	f.c.t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.asked) > 0 {
		f.c.t.Errorf("%s was asked for %+v, want nothing", f.user, f.asked)
	}
}
