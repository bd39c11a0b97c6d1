package parcels

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// TestOfferOverBrokenLines: an offer that is made again within a few seconds is the same to the person; later it comes
// back.
func TestOfferOverBrokenLines(t *testing.T) {
	for away, want := range map[time.Duration]string{
		time.Second:     "[offered x]",
		2 * carriedTime: "[offered x ended x (cancelled, or Elon cannot be reached) offered x]",
	} {
		synctest.Test(t, func(t *testing.T) {
			elon, tony, l := pair(t, usual)
			path := elon.file("x", 10)
			id := elon.sends("Tony", path)
			elon.offers(func(context.Context, *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
				return func(yield func(justchat.Transfer, error) bool) {
					yield(justchat.Transfer{}, &justchat.NotHere{User: "Tony"})
				}
			})
			l.cut()
			synctest.Wait()
			if got := elon.is(id).State; got != Waiting {
				t.Errorf("got %v, want waiting", got)
			}
			time.Sleep(away)
			connect(elon, tony)
			time.Sleep(maxPause)
			synctest.Wait()
			if got := fmt.Sprint(tony.told()); got != want {
				t.Errorf("away for %v: got %v, want %v", away, got, want)
			}
			tony.accepts(0)
			elon.becomes(id, Finished, "")
			tony.holds("x")
		})
	}
}

// TestResume: bytes that have come do not come again, over whatever line.
func TestResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		const pieces = 40
		path := elon.file("x", pieces*transfer.PieceSize)
		lines := []*line{l}
		l.limit = 10 * transfer.PieceSize
		elon.offers(func(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			l := lines[len(lines)-1]
			if l.ctx.Err() != nil {
				l = &line{from: elon, to: tony, limit: 10 * transfer.PieceSize}
				l.ctx, l.cut = context.WithCancel(t.Context())
				lines = append(lines, l)
			}
			return l.offer(ctx, o)
		})
		id := elon.sends("Tony", path)
		tony.accepts(0)
		elon.becomes(id, Finished, "")
		got := tony.becomes(1, Finished, "")
		tony.has(got.Path, "x", path)
		if len(lines) < 4 {
			t.Errorf("it took %d lines, want at least 4", len(lines))
		}
		var offsets []uint64
		for _, l := range lines {
			offsets = append(offsets, l.offsets...)
		}
		if !slices.IsSorted(offsets) || offsets[len(offsets)-1] < 20*transfer.PieceSize {
			t.Errorf("got bytes from %d on, want that to rise", offsets)
		}
	})
}

// TestReceivedIsNotLost: the line breaks after the file is there and before the sender hears of it.
func TestReceivedIsNotLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		calls := 0
		elon.offers(func(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			calls++
			return func(yield func(justchat.Transfer, error) bool) {
				for item, err := range l.offer(ctx, o) {
					if item.Have == o.Size && calls == 1 {
						yield(item, errBroken)
						return
					}
					if !yield(item, err) {
						return
					}
				}
			}
		})
		id := elon.sends("Tony", elon.file("x", 10))
		tony.accepts(0)
		elon.becomes(id, Finished, "")
		tony.holds("x")
		if calls != 2 || len(l.offsets) != 1 {
			t.Errorf("offered %d times and pulled %d times, want 2 and 1", calls, len(l.offsets))
		}
	})
}

// TestUnreached: both wait for so long, and what has come is of use when the file is offered anew.
func TestUnreached(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		path := elon.file("x", 20*transfer.PieceSize)
		l.limit = 10 * transfer.PieceSize
		began := time.Now()
		id := elon.sends("Tony", path)
		tony.accepts(0)
		elon.becomes(id, Broken, "Tony could not be reached for 10m0s; share it again when both of you are here")
		tony.becomes(1, Broken, "Elon could not be reached for 10m0s; have it offered again, and it goes on where it was")
		if took := time.Since(began); took < usual.Unreached || took > usual.Unreached+time.Minute {
			t.Errorf("took %v, want about %v", took, usual.Unreached)
		}
		next := connect(elon, tony)
		id = elon.sends("Tony", path)
		tony.accepts(0)
		elon.becomes(id, Finished, "")
		tony.holds("x")
		if next.offsets[0] != 10*transfer.PieceSize {
			t.Errorf("went on from %d, want 10 pieces", next.offsets[0])
		}
	})
}

// TestClose in the middle: what has come is kept, and goes on in the next run.
func TestClose(t *testing.T) {
	for _, who := range []string{"receiver", "sender"} {
		synctest.Test(t, func(t *testing.T) {
			elon, tony, l := pair(t, usual)
			path := elon.file("x", 20*transfer.PieceSize)
			reached := make(chan struct{})
			l.distort = func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					n := 0
					for piece, err := range pieces {
						if n++; n == 10 {
							close(reached)
							time.Sleep(time.Second)
						}
						if !yield(piece, err) {
							return
						}
					}
				}
			}
			elon.sends("Tony", path)
			tony.accepts(0)
			<-reached
			if who == "receiver" {
				tony.Set.Close()
			} else {
				elon.Set.Close()
				l.cut()
			}
			synctest.Wait()
			if who == "receiver" {
				tony.open(usual)
			} else {
				elon.open(usual)
			}
			if err := tony.Accept(0); err == nil {
				t.Error("there is an offer")
			}
			l = connect(elon, tony)
			if who == "sender" {
				if got := tony.is(1).State; got.Ended() {
					t.Errorf("got %v, want it to wait", got)
				}
				elon.sends("Tony", path) // the same bytes, by another number
				tony.accepts(0)
				elon.becomes(1, Finished, "")
				tony.becomes(1, Broken, ErrAnew.Error())
				tony.holds("x")
				if l.offsets[0] < 9*transfer.PieceSize {
					t.Errorf("went on from %d", l.offsets[0])
				}
				return
			}
			time.Sleep(maxPause)
			synctest.Wait()
			if len(tony.Offers()) != 1 {
				t.Fatal("the offer does not come back")
			}
			tony.accepts(0)
			elon.becomes(1, Finished, "")
			tony.holds("x")
			if l.offsets[0] < 9*transfer.PieceSize {
				t.Errorf("went on from %d", l.offsets[0])
			}
		})
	}
}

// TestSenderLeaves: her client ends, which ends the call and leaves the connection; what has come is kept.
func TestSenderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		l.direct = true
		path := elon.file("x", 20*transfer.PieceSize)
		l.distort = func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
			return func(yield func([]byte, error) bool) {
				for piece, err := range pieces {
					if !yield(piece, err) {
						return
					}
					time.Sleep(time.Second)
				}
			}
		}
		elon.sends("Tony", path)
		tony.accepts(0)
		time.Sleep(10 * time.Second)
		elon.Set.Close()
		tony.becomes(1, Broken, "Elon does not offer it any more: "+errLeave.Error())
		elon.open(usual)
		l = connect(elon, tony)
		elon.sends("Tony", path)
		tony.accepts(0)
		elon.becomes(1, Finished, "")
		tony.holds("x")
		if l.offsets[0] < 9*transfer.PieceSize {
			t.Errorf("went on from %d", l.offsets[0])
		}
	})
}
