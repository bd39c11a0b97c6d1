package fileserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

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
