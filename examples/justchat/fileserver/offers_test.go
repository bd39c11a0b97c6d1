package fileserver

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// TestMovedClient is asked about what was offered of late, and only once for each time that it comes; a fresh one is not asked.
func TestMovedClient(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		share := func(name string) {
			t.Helper()
			if _, err := elon.share(elon.offer("", name, []byte(name))); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		share("old")
		tony.wantAsked("old")
		tony.gone()
		later(b.Limits.OfferAge)
		for n := range 3 {
			share(fmt.Sprint(n))
		}
		tony.enter(b, true)
		natasha := b.come("Natasha")
		synctest.Wait()
		tony.wantAsked("old", "0", "1", "2")
		natasha.wantAsked()
		elon.move(b)
		synctest.Wait()
		elon.wantAsked()
		share("3")
		tony.wantAsked("old", "0", "1", "2", "3")
		natasha.wantAsked("3")
	})
}

// TestManyOffers keeps so many of them and no more.
func TestManyOffers(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon, tony := a.come("Elon"), a.come("Tony")
		for n := range maxOffers + 20 {
			if err := a.Announced(elon.offer("", fmt.Sprint(n), nil)); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
		}
		if got := len(tony.asked); got != maxOffers+20 {
			t.Errorf("who was here: got asked %d times, want %d", got, maxOffers+20)
		}
		robert := a.come("Robert")
		robert.move(a)
		synctest.Wait()
		if got := len(robert.asked); got != maxOffers || robert.asked[0] != "20" {
			t.Errorf("who comes: got asked %d times, first about %s, want %d and 20", got, robert.asked[0], maxOffers)
		}
	})
}

// TestDeafClient has a client not answer an offer: it is cut off, and nobody else waits for it.
func TestDeafClient(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a := w.start("a", t.TempDir())
		elon, deaf, rude, tony := a.come("Elon"), a.come("Deaf"), a.come("Rude"), a.come("Tony")
		deaf.TransferFileFunc = func(ctx context.Context, _ justchat.Offer) error {
			<-ctx.Done()
			return runtime.NewError(runtime.CodeDeadlineExceeded, "no answer")
		}
		rude.TransferFileFunc = func(context.Context, justchat.Offer) error { return errors.New("not now") }
		for _, name := range []string{"x", "y"} {
			began := time.Now()
			if _, err := elon.share(elon.offer("", name, nil)); err != nil || time.Since(began) > time.Second {
				t.Errorf("got %v after %v, want it shared at once", err, time.Since(began))
			}
		}
		synctest.Wait()
		tony.wantAsked("x", "y")
		later(a.Limits.Receive + time.Second)
		for p, want := range map[*person]bool{deaf: true, rude: false, tony: false} {
			p.mu.Lock()
			if got := p.ended != nil; got != want {
				t.Errorf("%s: got cut off with %v, want it: %t", p.User, p.ended, want)
			}
			p.mu.Unlock()
		}
	})
}

// TestUnreachablePeer is told of an offer later, if it comes back within a minute.
func TestUnreachablePeer(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b, c := w.start("a", t.TempDir()), w.start("b", t.TempDir()), w.start("c", t.TempDir())
		elon, tony := a.come("Elon"), b.come("Tony")
		c.stop() // for good
		hang := make(chan struct{})
		b.mu.Lock()
		b.hang = hang
		b.mu.Unlock()
		began := time.Now()
		if _, err := elon.share(elon.offer("", "x", nil)); err != nil {
			t.Errorf("got %v, want it shared", err)
		}
		if took := time.Since(began); took > announceTry+time.Second {
			t.Errorf("it took %v, want no more than one try", took)
		}
		tony.wantAsked()
		close(hang)
		later(announceTry + announceRest)
		tony.wantAsked("x")
	})
}
