package fileserver

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestLendOnce has one other server with room: there is one copy, and said. Where the file is there already, the
// client's bytes are not asked for.
func TestLendOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		full, other := w.startQuota("full", t.TempDir(), 1000), w.start("other", t.TempDir())
		elon, tony := full.come("Elon"), full.come("Tony")
		data := random(1 << 20)
		if got, err := elon.share(elon.offer("", "x", data)); got.Copies != 1 || err != nil {
			t.Errorf("got %v, %v, want one copy", got, err)
		}
		w.wantHolders("x", "other")
		other.wantHeld(data, true)
		full.wantLeft(0)
		tony.fault = func(uint64, uint64) (int, error) {
			t.Error("got the bytes asked for that other holds, want them left alone")
			return 0, nil
		}
		if got, err := tony.share(tony.offer("", "x", data)); got.Copies != 1 || err != nil {
			t.Errorf("the same again: got %v, %v, want one copy", got, err)
		}
	})
}

// TestLendNowhere has no server with room: that is said, with figures and what to do.
func TestLendNowhere(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.startQuota("a", t.TempDir(), 1000)
		elon := a.come("Elon")
		large := elon.offer("", "x", random(5_900_000))
		_, err := elon.share(large)
		wantAs[*api.Full](t, "alone", err, "server a takes nothing more: its room for files is used up: the file has 5.9 MB, and of 1.0 kB there are 1.0 kB left; "+
			"remove one of your files, share a smaller one, or ask who runs the room")
		b := w.startQuota("b", t.TempDir(), 1000)
		w.startQuota("c", t.TempDir(), -1)
		_, err = elon.share(large)
		wantAs[*api.Full](t, "among full ones", err, "there are 1.0 kB left, and no other server has room; remove one of your files")
		a.wantLeft(0)
		b.wantLeft(0)
	})
}

// TestLendBroken breaks off what is lent: it goes on where it was, at whichever server has its beginning.
func TestLendBroken(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		full, other := w.startQuota("full", t.TempDir(), -1), w.start("other", t.TempDir())
		elon := full.come("Elon")
		other.cut = 300_000
		data := random(1 << 20)
		offer := elon.offer("", "x", data)
		_, err := elon.share(offer)
		if runtime.CodeOf(err) != runtime.CodeUnavailable {
			t.Errorf("got %v, want it to be tried again", err)
		}
		other.mu.Lock()
		other.cut = 0
		other.mu.Unlock()
		from := uint64(0)
		elon.fault = func(_, offset uint64) (int, error) { from = offset; return len(data), nil }
		if _, err := elon.share(offer); err != nil {
			t.Errorf("again: got %v, want it shared", err)
		}
		if from == 0 {
			t.Error("again: got it from its beginning, want it from where it was")
		}
		other.wantHeld(data, true)
	})
}

// TestLendBad lends what its owner takes back, does not send, or has lied about: she is told as if it were kept here.
func TestLendBad(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		full, other := w.startQuota("full", t.TempDir(), -1), w.start("other", t.TempDir())
		elon := full.come("Elon")
		data := random(1 << 20)
		lie := elon.offer("", "x", data)
		elon.files[lie.Number] = random(1 << 20)
		_, err := elon.share(lie)
		wantAs[*justchat.RefusedFile](t, "other bytes", err, "its bytes are not those that were promised")
		other.wantLeft(0)
		elon.fault = func(uint64, uint64) (int, error) {
			return 1 << 19, &justchat.Withdrawn{Name: "x", Reason: "cancelled"}
		}
		_, err = elon.share(elon.offer("", "x", data))
		wantAs[*justchat.RefusedFile](t, "taken back", err, "it is not offered any more: cancelled")
		other.wantHeld(data, false)
	})
}

// TestLendEachOther has two servers without room lend the same bytes to each other: neither waits for the other.
func TestLendEachOther(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.startQuota("a", t.TempDir(), 1000), w.startQuota("b", t.TempDir(), 1000)
		w.startQuota("c", t.TempDir(), 1000)
		elon, tony := a.come("Elon"), b.come("Tony")
		data := random(2000)
		results := make(chan error, 2)
		for _, p := range []*person{elon, tony} {
			offer := p.offer("", "x", data)
			go func() {
				_, err := p.share(offer)
				results <- err
			}()
		}
		synctest.Wait()
		began := time.Now()
		for range 2 {
			wantAs[*api.Full](t, "at once", <-results, "no other server has room")
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("got the answers after %v, want them at once", took)
		}
	})
}
