package fileserver

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestShare shares files of all sizes: another server holds them too, everyone but the owner is asked, and they can be had at
// every server.
func TestShare(t *testing.T) {
	for _, size := range []int{0, 1, 32<<10 - 1, 64 << 10, 3<<20 + 7} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				a, b, c := w.start("a", t.TempDir()), w.start("b", t.TempDir()), w.start("c", t.TempDir())
				elon, robert, tony := a.come("Elon"), a.come("Robert"), b.come("Tony")
				data := random(size)
				got, err := elon.share(elon.offer("", "SELDOM_2016.png", data))
				if want := (justchat.Transfer{Taken: true, Have: uint64(size), Copies: 2}); got != want || err != nil {
					t.Errorf("got %v, %v, want %v", got, err, want)
				}
				synctest.Wait()
				elon.wantAsked()
				robert.wantAsked("SELDOM_2016.png")
				tony.wantAsked("SELDOM_2016.png")
				if file := w.list.get("SELDOM_2016.png"); len(file.Holders) != 2 || file.Owner != "Elon" || file.Size != uint64(size) {
					t.Errorf("got %v bound, want two holders, Elon and %d bytes", file, size)
				}
				natasha := a.come("Natasha")
				for _, s := range []*site{a, b, c} {
					natasha.move(s)
					for _, offset := range []int{0, size / 2, size} {
						if got, err := natasha.get(data, uint64(offset)); !bytes.Equal(got, data[offset:]) || err != nil {
							t.Errorf("at %s from %d on: got %d bytes, %v, want the file", s.Name, offset, len(got), err)
						}
					}
					if _, err := natasha.get(data, uint64(size)+1); runtime.CodeOf(err) != runtime.CodeOutOfRange {
						t.Errorf("at %s beyond the end: got %v, want out_of_range", s.Name, err)
					}
				}
			})
		})
	}
}

// TestShareAlone has one server left: one copy, and said.
func TestShareAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		got, err := elon.share(elon.offer("", "x", random(100)))
		if got.Copies != 1 || err != nil {
			t.Errorf("got %v, %v, want one copy", got, err)
		}
		w.wantHolders("x", "a")
	})
}

// TestShareRefused offers what is not taken: nothing is asked for, and nothing is kept.
func TestShareRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.FileBytes = 1000
		a := w.start("a", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		for what, test := range map[string]struct {
			change func(*justchat.Offer)
			signed bool
			want   string
		}{
			"another's name":     {func(o *justchat.Offer) { o.From = "Tony" }, true, `it is offered by "Tony"`},
			"to one":             {func(o *justchat.Offer) { o.To = "Tony" }, true, "not for all"},
			"another client":     {func(o *justchat.Offer) { o.Client = tony.key.Client }, false, "another client process"},
			"no number":          {func(o *justchat.Offer) { o.Number = 0 }, true, "begin with 1"},
			"a path":             {func(o *justchat.Offer) { o.Name = "../x" }, true, "../x is refused"},
			"a hidden name":      {func(o *justchat.Offer) { o.Name = ".bashrc" }, true, ".bashrc is refused"},
			"an escape sequence": {func(o *justchat.Offer) { o.Name = "a\x1b[2Jb" }, true, "is refused"},
			"not NFC":            {func(o *justchat.Offer) { o.Name = "Zoe\u0308" }, true, "NFC"},
			"too large":          {func(o *justchat.Offer) { o.Size = 1001 }, true, "it has 1001 B, and a public file may have 1000 B"},
			"much too large":     {func(o *justchat.Offer) { o.Size = 1 << 63 }, true, "no file has"},
			"half a hash":        {func(o *justchat.Offer) { o.SHA256 = o.SHA256[:16] }, true, "this one 16"},
			"another hash":       {func(o *justchat.Offer) { o.SHA256[0] ^= 1 }, false, "signature"},
			"no token":           {func(o *justchat.Offer) { o.Token = nil }, false, "token"},
		} {
			offer := elon.offer("", "x", random(10))
			offer.SHA256 = slices.Clone(offer.SHA256)
			test.change(&offer)
			if test.signed {
				offer = elon.sign(offer)
			}
			_, err := elon.share(offer)
			wantAs[*justchat.RefusedFile](t, what, err, test.want)
			if runtime.CodeOf(a.Announced(offer)) != runtime.CodeInvalidArgument && !slices.Contains([]string{"another's name", "no number"}, what) {
				t.Errorf("%s, from another server: got it taken, want it refused", what)
			}
		}
		a.wantLeft(0)
		if _, err := drain(a.SendPublicFile(t.Context(), elon.offer("", "x", nil))); !errors.As(err, new(*api.NotConnected)) {
			t.Errorf("without ConnectionInit: got %v, want NotConnected", err)
		}
	})
}

// TestShareLimits slows down who shares too much, and has the muted share nothing.
func TestShareLimits(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.OpenOffers = 2
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		a.muted = time.Now().Add(time.Hour)
		_, err := elon.share(elon.offer("", "x", nil))
		wantAs[*api.Muted](t, "muted", err, "muted until")
		a.muted = time.Time{}
		a.wait = time.Second
		_, err = elon.share(elon.offer("", "x", nil))
		wantAs[*justchat.TooFast](t, "too fast", err, "try again in 1s")
		a.wait = 0

		again := make(chan struct{})
		elon.fault = func(uint64, uint64) (int, error) { <-again; return 10, nil }
		results := make(chan error, 2)
		for n := range 2 {
			offer := elon.offer("", fmt.Sprint(n), random(10))
			go func() {
				_, err := elon.share(offer)
				results <- err
			}()
		}
		synctest.Wait()
		third := elon.offer("", "third", nil)
		_, err = elon.share(third)
		wantAs[*justchat.TooFast](t, "the third at once", err, "too many files at once")
		tony := a.come("Tony")
		if _, err := tony.share(tony.offer("", "his", nil)); err != nil {
			t.Errorf("another user: got %v, want it shared", err)
		}
		close(again)
		for range 2 {
			if err := <-results; err != nil {
				t.Errorf("got %v, want it shared", err)
			}
		}
		if _, err := elon.share(third); err != nil {
			t.Errorf("the third, later: got %v, want it shared", err)
		}
	})
}

// TestBytesAtOnce has a client share as many bytes at once as one file may have, whose bytes do not come: room for more is not set aside
// for her, and others have theirs.
func TestBytesAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.FileBytes = 1000
		a := w.start("a", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		come := make(chan struct{})
		first := make(chan error)
		offer := elon.offer("", "first", random(600))
		second := elon.offer("", "second", random(401))
		elon.fault = func(number, _ uint64) (int, error) {
			if number == second.Number {
				return 401, nil
			}
			<-come
			return 600, nil
		}
		go func() {
			_, err := elon.share(offer)
			first <- err
		}()
		synctest.Wait()
		_, err := elon.share(second)
		wantAs[*justchat.TooFast](t, "more than 1000 bytes at once", err, "too many bytes of files at once")
		if _, err := tony.share(tony.offer("", "his", random(1000))); err != nil {
			t.Errorf("another user: got %v, want it shared", err)
		}
		close(come)
		if err := <-first; err != nil {
			t.Errorf("got %v, want it shared", err)
		}
		if _, err := elon.share(second); err != nil {
			t.Errorf("later: got %v, want it shared", err)
		}
	})
}

// TestRefusedLeavesNothing has a client offer files that are refused, for days: nothing is remembered of them.
func TestRefusedLeavesNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		if _, err := elon.share(elon.offer("", "x", random(10))); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			if _, err := elon.share(elon.offer("", "x", random(10))); !errors.As(err, new(*justchat.FileExists)) {
				t.Fatalf("got %v, want the name taken", err)
			}
			later(time.Hour)
		}
		a.Files.mu.Lock()
		defer a.Files.mu.Unlock()
		if got := len(a.wanted); got > 1 {
			t.Errorf("%d files are remembered, want the last at most", got)
		}
	})
}

// TestLies has clients send other bytes than they promised: the offer is refused, and nothing is kept of it.
func TestLies(t *testing.T) {
	const size = 200_000
	for what, sent := range map[string][]byte{
		"other bytes": random(size),
		"more":        random(size + 1),
		"many more":   random(3 * size),
		"fewer":       random(size - 1),
		"none":        nil,
	} {
		inBubble(t, func(t *testing.T, w *world) {
			a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
			elon, tony := a.come("Elon"), b.come("Tony")
			offer := elon.offer("", "x", random(size))
			elon.files[offer.Number] = sent
			_, err := elon.share(offer)
			wantAs[*justchat.RefusedFile](t, what, err, "its bytes are not those that were promised")
			synctest.Wait()
			tony.wantAsked()
			w.wantHolders("x")
			a.wantLeft(0)
			b.wantLeft(0)
		})
	}
	inBubble(t, func(t *testing.T, w *world) { // another size than that of bytes that are there
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		data := random(size)
		if _, err := elon.share(elon.offer("", "x", data)); err != nil {
			t.Fatal(err)
		}
		offer := elon.offer("", "y", data)
		offer.Size++
		_, err := elon.share(elon.sign(offer))
		wantAs[*justchat.RefusedFile](t, "another size", err, "not those that were promised")
		a.wantHeld(data, true)
	})
}

// TestNameTaken refuses a name that stands for other bytes before any bytes travel.
func TestNameTaken(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		if _, err := elon.share(elon.offer("", "x", random(10))); err != nil {
			t.Fatal(err)
		}
		tony.fault = func(uint64, uint64) (int, error) { t.Error("bytes are asked for"); return 0, nil }
		_, err := tony.share(tony.offer("", "x", random(10)))
		wantAs[*justchat.FileExists](t, "other bytes", err, "there is another file called x, by Elon; share yours under another name")
	})
}

// TestSameFile shares what is shared already, under the same name and under another one, by another user and by the same: no byte
// travels, and nobody is asked twice about another's file.
func TestSameFile(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, tony, robert := a.come("Elon"), b.come("Tony"), a.come("Robert")
		data := random(1 << 20)
		if _, err := elon.share(elon.offer("", "x", data)); err != nil {
			t.Fatal(err)
		}
		c := w.start("c", t.TempDir())
		tony.fault = func(uint64, uint64) (int, error) { t.Error("bytes are asked for"); return 0, nil }
		for _, s := range []*site{b, c, a} {
			tony.move(s)
			got, err := tony.share(tony.offer("", "x", data))
			if want := (justchat.Transfer{Taken: true, Have: 1 << 20, Copies: 2}); got != want || err != nil {
				t.Errorf("the same: got %v, %v, want %v", got, err, want)
			}
		}
		c.wantHeld(data, false)
		if got := w.list.get("x").Owner; got != "Elon" {
			t.Errorf("got %s's, want Elon's", got)
		}
		synctest.Wait()
		robert.wantAsked("x")
		if _, err := tony.share(tony.offer("", "y", data)); err != nil {
			t.Errorf("another name: got %v, want it shared", err)
		}
		synctest.Wait()
		robert.wantAsked("x", "y")
		if _, err := elon.share(elon.offer("", "x", data)); err != nil {
			t.Errorf("his own, again: got %v, want it shared", err)
		}
		synctest.Wait()
		robert.wantAsked("x", "y", "x")
	})
}
