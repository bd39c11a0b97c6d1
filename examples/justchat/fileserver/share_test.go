package fileserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
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

// TestResume breaks a share at each of its steps. It is made again, and no byte that had come travels twice.
func TestResume(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		dir := t.TempDir()
		a := w.start("a", dir)
		elon, tony := a.come("Elon"), a.come("Tony")
		data := random(1 << 20)
		offer := elon.offer("", "x", data)
		var from uint64
		elon.fault = func(_, offset uint64) (int, error) {
			if offset != from {
				t.Errorf("got %d asked for, want %d", offset, from)
			}
			from = min(offset+300_000, uint64(len(data)))
			if from == uint64(len(data)) {
				return len(data), nil
			}
			return int(from), errLine
		}
		for range 3 {
			if _, err := elon.share(offer); !errors.Is(err, errLine) {
				t.Fatalf("got %v, want the line broken", err)
			}
			a.stop() // what is there is found again
			a = w.start("a", dir)
			elon.move(a)
		}
		w.list.set(func(l *list) { l.fault = &justchat.NoQuorum{What: "a new file"} })
		_, err := elon.share(offer)
		wantAs[*justchat.NoQuorum](t, "no quorum", err, "a new file is not possible until the registry has its quorum again")
		elon.fault = func(uint64, uint64) (int, error) { t.Error("bytes are asked for"); return 0, nil }
		w.list.set(func(l *list) { l.fault = nil })
		tony.move(a)
		for range 2 {
			if _, err := elon.share(offer); err != nil {
				t.Errorf("got %v, want it shared", err)
			}
		}
		synctest.Wait()
		tony.wantAsked("x")
		a.wantLeft(1 << 20)
	})
}

// TestAtOnce has one offer made by several calls at once, at two servers: it is one file, and people are asked once.
func TestAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, tony, robert := a.come("Elon"), a.come("Tony"), b.come("Robert")
		data := random(1 << 20)
		offer := elon.offer("", "x", data)
		const calls = 6
		results := make(chan error, calls)
		for n := range calls {
			go func() {
				_, err := drain([]*site{a, b}[n%2].SendPublicFile(elon.context(), offer))
				results <- err
			}()
		}
		for range calls {
			if err := <-results; err != nil {
				t.Errorf("got %v, want it shared", err)
			}
		}
		synctest.Wait()
		w.wantHolders("x", "a", "b")
		tony.wantAsked("x")
		robert.wantAsked("x")
	})
}

// TestOwnerMoves has the owner go to another server in the middle, whose call at the first one hangs.
func TestOwnerMoves(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon := a.come("Elon")
		data := random(1 << 20)
		offer := elon.offer("", "x", data)
		elon.fault = func(uint64, uint64) (int, error) { return 1 << 19, context.Canceled }
		first := make(chan error, 1)
		go func() {
			_, err := drain(a.SendPublicFile(elon.context(), offer))
			first <- err
		}()
		synctest.Wait()
		elon.mu.Lock()
		elon.fault = nil
		elon.mu.Unlock()
		elon.move(b)
		began := time.Now()
		if got, err := elon.share(offer); got.Copies != 2 || err != nil {
			t.Errorf("got %v, %v, want it shared", got, err)
		}
		if err := <-first; runtime.CodeOf(err) != runtime.CodeUnavailable {
			t.Errorf("the first call: got %v, want it to have ended", err)
		}
		if took := time.Since(began); took > 2*a.Limits.Idle {
			t.Errorf("it took %v, want no more than it takes to see that nothing comes", took)
		}
		w.wantHolders("x", "a", "b")
	})
}

// TestKilledAfterBinding kills the sharer's server before anybody was asked: the next one gets the bytes from the other holder, and asks.
func TestKilledAfterBinding(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon := a.come("Elon")
		data := random(1 << 20)
		offer := elon.offer("", "x", data)
		if _, err := elon.share(offer); err != nil {
			t.Fatal(err)
		}
		a.stop()
		c := w.start("c", t.TempDir())
		tony, robert := c.come("Tony"), b.come("Robert")
		elon.fault = func(uint64, uint64) (int, error) { t.Error("bytes are asked for"); return 0, nil }
		elon.move(c)
		got, err := elon.share(offer)
		if want := (justchat.Transfer{Taken: true, Have: 1 << 20, Copies: 2}); got != want || err != nil {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
		synctest.Wait()
		tony.wantAsked("x")
		robert.wantAsked() // at b he came after it was offered there
		w.wantHolders("x", "a", "b", "c")
	})
}

// TestPoisoned has somebody leave wrong bytes for a file of somebody else, who can share it all the same.
func TestPoisoned(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		mallory, elon := a.come("Mallory"), a.come("Elon")
		data := random(1 << 20)
		bad := mallory.offer("", "y", data)
		mallory.files[bad.Number] = random(1 << 20)
		mallory.fault = func(uint64, uint64) (int, error) { return 1 << 19, errLine }
		if _, err := mallory.share(bad); !errors.Is(err, errLine) {
			t.Fatalf("got %v, want the line broken", err)
		}
		if _, err := elon.share(elon.offer("", "x", data)); err != nil {
			t.Errorf("got %v, want it shared", err)
		}
		a.wantHeld(data, true)
		a.wantLeft(1 << 20)
	})
}

// TestSilent has a client send nothing more, and another one next to nothing: both are given up.
func TestSilent(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		elon.fault = func(uint64, uint64) (int, error) { return 1 << 19, context.Canceled }
		began := time.Now()
		_, err := elon.share(elon.offer("", "x", random(1<<20)))
		if took := time.Since(began); runtime.CodeOf(err) != runtime.CodeUnavailable || !strings.Contains(err.Error(), "the bytes of x do not come") ||
			took > a.Limits.Idle+time.Second {
			t.Errorf("silent: got %v after %v, want it given up", err, took)
		}
		elon.fault = nil
		elon.GetFileFunc = trickle
		began = time.Now()
		_, err = elon.share(elon.offer("", "y", random(1<<20)))
		if took := time.Since(began); runtime.CodeOf(err) != runtime.CodeUnavailable || took > a.Limits.Idle+time.Second {
			t.Errorf("slow: got %v after %v, want it given up", err, took)
		}
	})
}

// trickle sends a byte a second.
func trickle(ctx context.Context, _, _ uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for {
			if pause(ctx, time.Second); ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			if !yield([]byte{1}, nil) {
				return
			}
		}
	}
}

// TestWithdrawn has the owner cancel while the server gets the bytes.
func TestWithdrawn(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		elon.fault = func(uint64, uint64) (int, error) {
			return 1 << 19, &justchat.Withdrawn{Name: "x", Reason: "cancelled"}
		}
		_, err := elon.share(elon.offer("", "x", random(1<<20)))
		wantAs[*justchat.RefusedFile](t, "withdrawn", err, "it is not offered any more: cancelled")
		a.wantLeft(0)
	})
}

// TestFull has servers' quotas met: another one is passed over, and the sharer's own has those that have room take the file.
func TestFull(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		sum := sha256.Sum256(data)
		names := []string{"a", "b"}
		slices.SortFunc(names, func(x, y string) int {
			one, other := rank(x, sum), rank(y, sum)
			return bytes.Compare(one[:], other[:])
		})
		full := w.startQuota(names[0], t.TempDir(), 1000) // the one that would be asked first
		other := w.start(names[1], t.TempDir())
		s := w.start("s", t.TempDir())
		elon := s.come("Elon")
		if got, err := elon.share(elon.offer("", "x", data)); got.Copies != 2 || err != nil {
			t.Errorf("got %v, %v, want two copies", got, err)
		}
		full.wantHeld(data, false)
		other.wantHeld(data, true)
		elon.move(full)
		large := random(1001)
		want := justchat.Transfer{Taken: true, Have: 1001, Copies: 2}
		if got, err := elon.share(elon.offer("", "y", large)); got != want || err != nil {
			t.Errorf("over the quota of her server: got %v, %v, want %v", got, err, want)
		}
		full.wantHeld(large, false)
		full.wantLeft(0)
		w.wantHolders("y", slices.Sorted(slices.Values([]string{other.Name, s.Name}))...)
		if got, err := elon.get(large, 7); !bytes.Equal(got, large[7:]) || err != nil {
			t.Errorf("got %d bytes, %v, want the file", len(got), err)
		}
	})
}

// TestPeerDies kills the server that is to have the second copy in the middle: there is one copy, and said.
func TestPeerDies(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		b.cut = 300_000
		elon := a.come("Elon")
		data := random(1 << 20)
		if got, err := elon.share(elon.offer("", "x", data)); got.Copies != 1 || err != nil {
			t.Errorf("got %v, %v, want one copy", got, err)
		}
		w.wantHolders("x", "a")
		b.mu.Lock()
		b.cut = 0
		b.mu.Unlock()
		later(a.Limits.CopyAfter + 3*a.Limits.Every)
		w.wantHolders("x", "a", "b")
		b.wantHeld(data, true)
	})
}

// TestNoQuorum has the load balancer wait for a registry that does not answer, and says so then: that is what the sharer is told.
func TestNoQuorum(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		w.list.slow = 3*time.Second + 100*time.Millisecond
		_, err := elon.share(elon.offer("", "x", random(10)))
		wantAs[*justchat.NoQuorum](t, "without quorum", err, "until the registry has its quorum again")
	})
}

// TestNoBalancer shares while no load balancer can be reached: what is done goes on as soon as one can, or ends with a
// sentence.
func TestNoBalancer(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		w.list.set(func(l *list) { l.fault = errLine })
		offer := elon.offer("", "x", random(1000))
		_, err := elon.share(offer)
		if runtime.CodeOf(err) != runtime.CodeUnavailable || !strings.Contains(err.Error(), "no load balancer can be reached that binds the name x") {
			t.Errorf("got %v, want it to say that none can be reached", err)
		}
		shared := make(chan error, 1)
		go func() {
			_, err := elon.share(offer)
			shared <- err
		}()
		later(bindTime / 2)
		w.list.set(func(l *list) { l.fault = nil })
		if err := <-shared; err != nil {
			t.Errorf("got %v, want it shared", err)
		}
		synctest.Wait()
		tony.wantAsked("x")
	})
}

// TestCloseWhileSharing closes the server in the middle: the call ends, and nothing touches the store afterwards.
func TestCloseWhileSharing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		elon.fault = func(uint64, uint64) (int, error) { return 1 << 19, context.Canceled }
		offer := elon.offer("", "x", random(1<<20))
		shared := make(chan error, 1)
		go func() {
			_, err := elon.share(offer)
			shared <- err
		}()
		synctest.Wait()
		a.stop()
		if err := <-shared; err == nil {
			t.Error("got no error, want the call ended")
		}
		_, err := elon.share(offer)
		if runtime.CodeOf(err) != runtime.CodeUnavailable || !strings.Contains(err.Error(), "server a is stopping") {
			t.Errorf("afterwards: got %v, want that it is stopping", err)
		}
	})
}
