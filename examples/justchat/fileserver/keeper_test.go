package fileserver

import (
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// TestCopied kills a holder: after a while, and not before, one other server has a copy, and the list knows.
func TestCopied(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		a, b, c := shared(t, w, data)
		d := w.start("d", t.TempDir())
		a.stop()
		later(c.Limits.CopyAfter - time.Second)
		c.wantHeld(data, false)
		d.wantHeld(data, false)
		later(3 * c.Limits.Every)
		_, there := c.Store.Has(sha256.Sum256(data))
		_, too := d.Store.Has(sha256.Sum256(data))
		if there == too {
			t.Errorf("got copies: %t and %t, want one", there, too)
		}
		if got := len(w.list.get("x").Holders); got != 3 {
			t.Errorf("got %d holders in the list, want 3 with the dead one", got)
		}
		if got := c.Stats().Copied + d.Stats().Copied; got != 1 {
			t.Errorf("got %d copied, want 1", got)
		}
		b.wantHeld(data, true)
		later(time.Hour)
		_, there = c.Store.Has(sha256.Sum256(data))
		_, too = d.Store.Has(sha256.Sum256(data))
		if there == too {
			t.Errorf("an hour later: got copies: %t and %t, want one", there, too)
		}
	})
}

// TestShortlyAway has a holder come back in time: nothing is copied.
func TestShortlyAway(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		a, _, c := shared(t, w, data)
		for range 3 {
			a.stop()
			later(c.Limits.CopyAfter - c.Limits.Every)
			a = w.start("a", a.dir)
			later(2 * c.Limits.Every)
		}
		c.wantHeld(data, false)
	})
}

// TestNextCopies has the server whose turn it is be full: the next one copies.
func TestNextCopies(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon := a.come("Elon")
		if _, err := elon.share(elon.offer("", "x", data)); err != nil {
			t.Fatal(err)
		}
		names := []string{"c", "d"}
		if first, second := rank("c", sha256.Sum256(data)), rank("d", sha256.Sum256(data)); string(first[:]) > string(second[:]) {
			names = []string{"d", "c"}
		}
		full, next := w.startQuota(names[0], t.TempDir(), 1000), w.start(names[1], t.TempDir())
		a.stop()
		later(2*b.Limits.CopyAfter - time.Second)
		next.wantHeld(data, false)
		later(3 * b.Limits.Every)
		full.wantHeld(data, false)
		next.wantHeld(data, true)
	})
}

// TestDeclared has a server that holds a file of which the list does not say so tell it, and one that has lost what the list says get it
// again.
func TestDeclared(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		a, b, _ := shared(t, w, data)
		w.list.set(func(l *list) {
			file := l.files["x"]
			file.Holders = []string{"b"}
			l.files["x"] = file
			file.Name, file.Holders = "y", nil
			l.files["y"] = file
			l.files["z"] = justchat.File{Name: "z", SHA256: []byte("no hash")} // is no reason to do nothing
		})
		later(2 * a.Limits.Every)
		w.wantHolders("x", "a", "b")
		w.wantHolders("y", "a", "b")
		if err := b.Store.Remove(sha256.Sum256(data)); err != nil {
			t.Fatal(err)
		}
		later(b.Limits.CopyAfter + 3*b.Limits.Every)
		b.wantHeld(data, true)
	})
}

// TestHoldRemoved has a server hold a file whose name was removed while it was copied: that stays removed.
func TestHoldRemoved(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon := a.come("Elon")
		if _, err := elon.share(elon.offer("", "x", random(1000))); err != nil {
			t.Fatal(err)
		}
		file := w.list.get("x")
		w.list.set(func(l *list) { delete(l.files, "x") })
		if err := b.hold(t.Context(), file); err != nil {
			t.Errorf("got error %v, want none: there is nothing to try again", err)
		}
		if got := w.list.get("x"); got.Name != "" {
			t.Errorf("got %v in the list again, want it gone", got)
		}
	})
}

// TestRemoved removes a name: its bytes go, unless another name stands for them.
func TestRemoved(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		sum := sha256.Sum256(data)
		a, b, _ := shared(t, w, data)
		elon := a.come("Elon")
		if _, err := elon.share(elon.offer("", "y", data)); err != nil {
			t.Fatal(err)
		}
		remove := func(name string) {
			t.Helper()
			w.list.set(func(l *list) { delete(l.files, name) })
			for _, s := range []*site{a, b} {
				if err := s.DeleteFile(t.Context(), sum[:]); err != nil {
					t.Errorf("%s: got %v, want no error", s.Name, err)
				}
			}
		}
		later(2 * bindGrace)
		remove("x")
		a.wantHeld(data, true)
		b.wantHeld(data, true)
		remove("y")
		a.wantHeld(data, false)
		b.wantHeld(data, false)
		a.wantLeft(0)
	})
}

// TestRemovedAtOnce removes a name as soon as it is bound: its bytes go once no list can be too old to have another one; and those
// that were stored and have no name yet, once it would have come.
func TestRemovedAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		sum := sha256.Sum256(data)
		a, b, c := shared(t, w, data)
		if _, err := drain(c.StoreFile(t.Context(), "a", w.list.get("x"))); err != nil {
			t.Fatal(err)
		}
		w.list.set(func(l *list) { delete(l.files, "x") })
		for _, s := range []*site{a, b, c} {
			began := time.Now()
			s.DeleteFile(t.Context(), sum[:])
			if took := time.Since(began); took > listGrace {
				t.Errorf("%s: it took %v, want at most %v", s.Name, took, listGrace)
			}
		}
		a.wantHeld(data, false)
		b.wantHeld(data, false)
		c.wantHeld(data, true)
		later(bindGrace + 2*c.Limits.Every)
		c.wantHeld(data, false)
	})
}

// TestNotRemoved keeps what is being shared, and what cannot be asked for, whoever says that it may go.
func TestNotRemoved(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		sum := sha256.Sum256(data)
		a, _, _ := shared(t, w, data)
		later(2 * bindGrace)
		a.DeleteFile(t.Context(), sum[:])
		a.wantHeld(data, true) // a name stands for it
		w.list.set(func(l *list) { l.fault = errLine })
		a.DeleteFile(t.Context(), sum[:])
		a.wantHeld(data, true) // nobody knows
		w.list.set(func(l *list) { delete(l.files, "x") })
		elon := a.come("Elon")
		done := make(chan error, 1)
		offer := elon.offer("", "y", data)
		go func() {
			_, err := elon.share(offer)
			done <- err
		}()
		later(time.Second)
		w.list.set(func(l *list) { l.fault = nil })
		a.DeleteFile(t.Context(), sum[:])
		a.wantHeld(data, true) // it is about to have another name
		if err := <-done; err != nil {
			t.Errorf("got %v, want it shared", err)
		}
		later(2 * a.Limits.ForgetAfter)
		a.wantHeld(data, true)
	})
}

// TestForgotten removes what no name has stood for for long enough; never while the list cannot be had, and not by a list that
// is empty.
func TestForgotten(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data, other := random(1000), random(1000)
		a, b, c := shared(t, w, data)
		elon := a.come("Elon")
		file := w.list.get("x")
		w.list.set(func(l *list) { delete(l.files, "x") })
		later(2 * a.Limits.ForgetAfter)
		a.wantHeld(data, true) // the list may be that of a load balancer that knows nothing
		if _, err := elon.share(elon.offer("", "y", other)); err != nil {
			t.Fatal(err)
		}
		w.list.set(func(l *list) { l.fault = errLine })
		later(2 * a.Limits.ForgetAfter)
		a.wantHeld(data, true) // nothing is known
		w.list.set(func(l *list) { l.files["x"], l.fault = file, nil })
		later(2 * a.Limits.Every)
		w.list.set(func(l *list) { delete(l.files, "x") })
		later(a.Limits.ForgetAfter - 2*a.Limits.Every)
		a.wantHeld(data, true) // it is not long enough
		later(4 * a.Limits.Every)
		for _, s := range []*site{a, b, c} {
			s.wantHeld(data, false)
		}
		a.wantHeld(other, true)
		if got := a.Stats().Forgotten; got != 1 {
			t.Errorf("got %d forgotten, want 1", got)
		}
	})
}

// TestLeftover breaks off a share whose owner does not come back: what has come of it goes in time.
func TestLeftover(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon := a.come("Elon")
		elon.fault = func(uint64, uint64) (int, error) { return transfer.PieceSize, errors.New("the line broke") }
		if _, err := elon.share(elon.offer("", "x", random(2*transfer.PieceSize))); err == nil {
			t.Fatal("got it shared, want it broken off")
		}
		a.wantLeft(transfer.PieceSize)
		partials, err := filepath.Glob(filepath.Join(a.dir, ".justchat", "*"))
		if err != nil || len(partials) != 1 {
			t.Fatalf("got %q, %v, want one file", partials, err)
		}
		if err := os.Chtimes(partials[0], time.Time{}, time.Now()); err != nil { // by the bubble's clock
			t.Fatal(err)
		}
		later(a.Limits.ForgetAfter - 2*a.Limits.Every)
		a.wantLeft(transfer.PieceSize)
		later(4 * a.Limits.Every)
		a.wantLeft(0)
	})
}

// TestStats counts.
func TestStats(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		a, b, _ := shared(t, w, data)
		natasha := a.come("Natasha")
		if _, err := natasha.get(data, 100); err != nil {
			t.Fatal(err)
		}
		_, err := natasha.share(natasha.sign(justchat.Offer{From: "Natasha", Number: 1, Name: ".", SHA256: make([]byte, 32)}))
		wantAs[*justchat.RefusedFile](t, "a bad name", err, "refused")
		synctest.Wait()
		got := a.Stats()
		if want := (Stats{Held: 1, Bytes: 1000, Quota: got.Quota, Shared: 1, Refused: 1, Served: 1900}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if got := b.Stats(); got.Held != 1 || got.Shared != 0 {
			t.Errorf("the other: got %+v, want one held and none shared", got)
		}
	})
}
