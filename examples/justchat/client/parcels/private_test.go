package parcels

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// pair makes two users of whom the first is connected to the second.
func pair(t *testing.T, limits Limits) (elon, tony *user, l *line) {
	elon, tony = newUser(t, "Elon", limits), newUser(t, "Tony", limits)
	return elon, tony, connect(elon, tony)
}

func TestPrivate(t *testing.T) {
	for _, size := range []int{0, 1, transfer.PieceSize, 5*transfer.PieceSize + 7} {
		synctest.Test(t, func(t *testing.T) {
			elon, tony, _ := pair(t, usual)
			path := elon.file("a b.png", size)
			id := elon.sends("Tony", path)
			if got := elon.is(id).State; got != Asking {
				t.Errorf("got %v, want asking", got)
			}
			offers := tony.Offers()
			if len(offers) != 1 || offers[0].From != "Elon" || offers[0].Name != "a b.png" || offers[0].Size != int64(size) || !offers[0].Private {
				t.Fatalf("got the offers %+v", offers)
			}
			tony.accepts(0)
			sent := elon.becomes(id, Finished, "")
			got := tony.becomes(offers[0].ID, Finished, "")
			if sent.Done != int64(size) || got.Done != int64(size) || got.With != "Elon" || got.Sending || got.Public {
				t.Errorf("got %+v and %+v", sent, got)
			}
			tony.has(got.Path, "a b.png", path)
			tony.holds("a b.png")
			if left := len(tony.Offers()); left != 0 {
				t.Errorf("%d offers are left", left)
			}
			news := tony.told()
			if got, want := fmt.Sprint(news[0], " ", news[len(news)-1]), "offered a b.png finished"; got != want {
				t.Errorf("was told %q, want it to begin and end with %q", news, want)
			}
			if !slices.Contains(news, "ended a b.png ()") {
				t.Errorf("was told %q, want that the offer has ended", news)
			}
		})
	}
}

// TestNotAccepted: how an offer ends that is not accepted.
func TestNotAccepted(t *testing.T) {
	for name, test := range map[string]struct {
		do     func(elon, tony *user, id uint64)
		state  State
		says   string
		reason string
	}{
		"declined": {func(_, tony *user, _ uint64) { tony.Decline(0) }, Declined, "Tony declined x: no, thank you", ""},
		"late":     {func(*user, *user, uint64) { time.Sleep(usual.OfferTime) }, Declined, "Tony declined x: nobody has answered", "nobody has answered it"},
		"withdrawn": {func(elon, _ *user, id uint64) { elon.Cancel(id); time.Sleep(carriedTime) },
			Cancelled, "you have cancelled it", "cancelled, or Elon cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				elon, tony, _ := pair(t, usual)
				id := elon.sends("Tony", elon.file("x", 10))
				test.do(elon, tony, id)
				elon.becomes(id, test.state, test.says)
				if got, want := fmt.Sprint(tony.told()), fmt.Sprintf("[offered x ended x (%s)]", test.reason); got != want {
					t.Errorf("got %v, want %v", got, want)
				}
				if err := tony.Accept(0); err == nil {
					t.Error("it can still be accepted")
				}
				if got := elon.Cancel(id); got == nil {
					t.Error("it can still be cancelled")
				}
			})
		})
	}
}

// TestWithdrawnDirectly: who made the offer over a connection of her own has ended it when she ends the call.
func TestWithdrawnDirectly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		l.direct = true
		elon.sends("Tony", elon.file("x", 10))
		elon.Cancel(0)
		synctest.Wait()
		if got, want := fmt.Sprint(tony.told()), "[offered x ended x (cancelled by Elon)]"; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

// TestLies: what is not what was promised is refused, and nothing is left of it.
func TestLies(t *testing.T) {
	more := func(offset uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece, err := range pieces {
				if !yield(piece, err) {
					return
				}
			}
			yield([]byte("and more"), nil)
		}
	}
	fewer := func(offset uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece, err := range pieces {
				if offset == 0 {
					yield(piece, err)
				}
				return
			}
		}
	}
	other := func(offset uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece, err := range pieces {
				piece[0] ^= 1
				if !yield(piece, err) {
					return
				}
			}
		}
	}
	for name, distort := range map[string]func(uint64, iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error]{"more": more, "fewer": fewer, "other": other} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				elon, tony, l := pair(t, usual)
				l.distort = distort
				id := elon.sends("Tony", elon.file("x", 3*transfer.PieceSize))
				tony.accepts(0)
				elon.becomes(id, Declined, "Tony declined x: its bytes are not those that were promised")
				tony.becomes(1, Broken, "its bytes are not those that were promised")
				tony.holds()
			})
		})
	}
}

// TestCancel by either side, in each state that lasts.
func TestCancel(t *testing.T) {
	stall := func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			n := 0
			for piece, err := range pieces {
				if err == nil {
					n++
					time.Sleep(time.Second)
				}
				if !yield(piece, err) {
					return
				}
			}
		}
	}
	for _, by := range []string{"sender", "receiver"} {
		for _, state := range []State{Moving, Waiting} {
			t.Run(fmt.Sprint(by, " ", state), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					elon, tony, l := pair(t, usual)
					l.distort = stall
					id := elon.sends("Tony", elon.file("x", 1000*transfer.PieceSize))
					tony.accepts(0)
					time.Sleep(3 * time.Second)
					if state == Waiting {
						old := l
						l = connect(elon, tony)
						l.cut()
						old.cut()
						time.Sleep(3 * time.Second)
					}
					synctest.Wait()
					if got := tony.is(1); got.State != state || got.Done == 0 {
						t.Errorf("got %+v, want %v", got, state)
					}
					mine, theirs := "you have cancelled it", ""
					if by == "sender" {
						theirs = "cancelled by Elon"
						elon.Cancel(0)
					} else {
						theirs = "cancelled by Tony"
						tony.Cancel(0)
					}
					if state == Waiting {
						time.Sleep(2 * cancelTime)
						if by == "receiver" {
							connect(elon, tony)
						}
					}
					switch {
					case by == "receiver":
						tony.becomes(1, Cancelled, mine)
						elon.becomes(id, Cancelled, theirs)
					case state == Moving:
						elon.becomes(id, Cancelled, mine)
						tony.becomes(1, Cancelled, theirs)
					default: // nobody can tell him
						elon.becomes(id, Cancelled, mine)
						tony.Cancel(0)
						tony.becomes(1, Cancelled, mine)
					}
					tony.holds()
				})
			})
		}
	}
}

// TestAskedAgain: the receiver's client is started anew while the file comes, so she is asked again, and that is what the
// sender's state says.
func TestAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		l.distort = func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
			return func(yield func([]byte, error) bool) {
				for piece, err := range pieces {
					time.Sleep(time.Second)
					if !yield(piece, err) {
						return
					}
				}
			}
		}
		id := elon.sends("Tony", elon.file("x", 20*transfer.PieceSize))
		tony.accepts(0)
		time.Sleep(5 * time.Second)
		if got := elon.is(id); got.State != Moving {
			t.Errorf("got %v once she has taken it, want %v", got.State, Moving)
		}
		tony.Set.Close()
		l.cut()
		tony.open(usual)
		connect(elon, tony)
		time.Sleep(5 * time.Second)
		if got := elon.is(id); got.State != Asking {
			t.Errorf("got %v while she is asked again, want %v", got.State, Asking)
		}
		tony.accepts(0)
		elon.becomes(id, Finished, "")
		tony.holds("x")
	})
}

// TestChanged: a file that is changed after it was offered reaches nobody, and both are told.
func TestChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, _ := pair(t, usual)
		path := elon.file("x", 10)
		id := elon.sends("Tony", path)
		if err := os.WriteFile(path, []byte("something else"), 0o600); err != nil {
			t.Fatal(err)
		}
		tony.accepts(0)
		elon.becomes(id, Broken, transfer.ErrChanged.Error())
		tony.becomes(1, Broken, "Elon does not offer it any more: "+transfer.ErrChanged.Error())
		tony.holds()
	})
}

// TestGone: who is not here at all is not waited for.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon := newUser(t, "Elon", usual)
		elon.sign = func(context.Context, *justchat.Offer) error { return &justchat.NotHere{User: "Tony"} }
		id := elon.sends("Tony", elon.file("x", 10))
		got := elon.becomes(id, Broken, "Tony is not here")
		var away *justchat.NotHere
		if !errors.As(got.Err, &away) {
			t.Errorf("got %v, want NotHere", got.Err)
		}
	})
}

// TestNoRoom: a file for which the disk has no room is not begun, and both are told.
func TestNoRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		elon.offers(func(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			huge := *o
			huge.Size = 1 << 60
			return l.offer(ctx, &huge)
		})
		id := elon.sends("Tony", elon.file("x", 10))
		tony.accepts(0)
		elon.becomes(id, Declined, "Tony declined x: the disk of the receiver takes nothing more")
		tony.Settle(t.Context())
		got := tony.is(1)
		if got.State != Broken || !strings.Contains(got.Err.Error(), "MiB are free") {
			t.Errorf("got %v %v, want it Broken for want of room", got.State, got.Err)
		}
		tony.holds()
	})
}
