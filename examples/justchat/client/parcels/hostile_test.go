package parcels

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// offers makes an offer to Tony, and returns what that ends with, or nil if it lasts.
func offers(t *testing.T, tony *user, o *justchat.Offer) (ended error) {
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	done := make(chan error, 1)
	go func() {
		var last error
		for _, err := range tony.ReceivePrivate(ctx, o, "Tony", Carrier{}) {
			last = err
		}
		done <- last
	}()
	synctest.Wait()
	select {
	case err := <-done:
		return err
	default:
		return nil
	}
}

func privateOffer(number uint64, name string) *justchat.Offer {
	o := offerOf("Elon", number, name)
	o.To = "Tony"
	return o
}

// TestRefusedOffers: what makes no sense, or could do harm, is refused, and the person sees nothing of it.
func TestRefusedOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tony := newUser(t, "Tony", usual)
		var cases []*justchat.Offer
		for _, name := range []string{"../x", "/etc/passwd", `..\x`, "C:x", "CON", "a\x1b[31mb", "a\u202egpj.exe", "", ".ssh", "x\x00", strings.Repeat("x", 300)} {
			cases = append(cases, privateOffer(1, name))
		}
		for _, change := range []func(*justchat.Offer){
			func(o *justchat.Offer) { o.Size = math.MaxUint64 },
			func(o *justchat.Offer) { o.SHA256 = o.SHA256[1:] },
			func(o *justchat.Offer) { o.Client = nil },
		} {
			o := privateOffer(1, "x")
			change(o)
			cases = append(cases, o)
		}
		for _, o := range cases {
			var refused *justchat.RefusedFile
			if err := offers(t, tony, o); !errors.As(err, &refused) {
				t.Errorf("%q of %d bytes: %v, want RefusedFile", o.Name, o.Size, err)
			}
			o.To = ""
			if err := tony.ReceivePublic(t.Context(), o); !errors.As(err, &refused) {
				t.Errorf("%q of %d bytes to all: %v, want RefusedFile", o.Name, o.Size, err)
			}
		}
		if got := tony.told(); len(got) > 0 {
			t.Errorf("was told %q, want nothing", got)
		}
	})
}

// TestNumberTwice: one number is one file, before and after the answer.
func TestNumberTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tony := newUser(t, "Tony", usual)
		if err := offers(t, tony, privateOffer(7, "x")); err != nil {
			t.Fatal(err)
		}
		var refused *justchat.RefusedFile
		if err := offers(t, tony, privateOffer(7, "y")); !errors.As(err, &refused) {
			t.Errorf("another name: %v, want RefusedFile", err)
		}
		tony.Decline(0)
		var declined *justchat.Declined
		if err := offers(t, tony, privateOffer(7, "x")); !errors.As(err, &declined) {
			t.Errorf("made again: %v, want Declined", err)
		}
		other := privateOffer(7, "x")
		other.SHA256[0] = 1
		if err := offers(t, tony, other); !errors.As(err, &refused) {
			t.Errorf("other bytes: %v, want RefusedFile", err)
		}
	})
}

// TestFloodOfOffers: those that are too many are declined, and a person who looks at nothing has a bounded number of
// them waiting, however they come and go.
func TestFloodOfOffers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tony := newUser(t, "Tony", usual)
		tony.setBusy(true)
		declined := 0
		for n := range uint64(1000) {
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				for _, err := range tony.ReceivePrivate(ctx, privateOffer(n+1, fmt.Sprint("file ", n)), "Tony", Carrier{}) {
					if end := (*justchat.Declined)(nil); errors.As(err, &end) {
						declined++
					}
				}
			}()
			synctest.Wait()
			cancel()
			if n%100 == 0 {
				time.Sleep(2 * carriedTime)
			}
		}
		if tony.deepest > usual.Offers {
			t.Errorf("%d news waited, want at most %d", tony.deepest, usual.Offers)
		}
		if want := 1000 - usual.Offers; declined != want {
			t.Errorf("%d were declined, want %d", declined, want)
		}
		time.Sleep(2 * carriedTime)
		tony.setBusy(false)
		synctest.Wait()
		if got := tony.told(); len(got) != 0 {
			t.Errorf("was told %q of offers that were not made any more", got)
		}
		if err := offers(t, tony, privateOffer(5000, "last")); err != nil {
			t.Errorf("the next offer: %v, want it shown", err)
		}
	})
}

// TestSlowPerson: bytes do not wait for who looks at nothing, and of each transfer one event waits.
func TestSlowPerson(t *testing.T) {
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
		elon.setBusy(true)
		elon.sends("Tony", elon.file("x", 100*transfer.PieceSize))
		tony.accepts(0)
		tony.setBusy(true)
		before := len(tony.told())
		elon.becomes(1, Finished, "")
		tony.becomes(1, Finished, "")
		if elon.deepest != 1 || tony.deepest > 3 {
			t.Errorf("%d and %d events waited, want 1 and at most 3", elon.deepest, tony.deepest)
		}
		tony.setBusy(false)
		synctest.Wait()
		if got := tony.told()[before:]; len(got) == 0 || got[len(got)-1] != "finished" {
			t.Errorf("was told %q, want the end", got)
		}
	})
}

// TestEventsASecond: a person who looks at everything is told of a transfer at most five times a second.
func TestEventsASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, l := pair(t, usual)
		l.distort = func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
			return func(yield func([]byte, error) bool) {
				for piece, err := range pieces {
					time.Sleep(time.Millisecond)
					if !yield(piece, err) {
						return
					}
				}
			}
		}
		elon.sends("Tony", elon.file("x", 1000*transfer.PieceSize))
		began := time.Now()
		tony.accepts(0)
		tony.becomes(1, Finished, "")
		elon.becomes(1, Finished, "")
		took := time.Since(began).Seconds()
		for _, u := range []*user{elon, tony} {
			if most := int(5*took) + 6; len(u.news) > most {
				t.Errorf("%s was told %d times in %.1f s, want at most %d", u.name, len(u.news), took, most)
			}
		}
	})
}

// TestTransfersAtOnce: files beyond the limit wait, and have their turn; what waits is not given up for it.
func TestTransfersAtOnce(t *testing.T) {
	for _, limited := range []string{"sender", "receiver"} {
		synctest.Test(t, func(t *testing.T) {
			few := usual
			few.Transfers, few.Unreached = 1, time.Minute
			limits := map[string]Limits{"sender": usual, "receiver": usual}
			limits[limited] = few
			elon, tony := newUser(t, "Elon", limits["sender"]), newUser(t, "Tony", limits["receiver"])
			l := connect(elon, tony)
			l.distort = func(_ uint64, pieces iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
				return func(yield func([]byte, error) bool) {
					for piece, err := range pieces {
						time.Sleep(30 * time.Second)
						if !yield(piece, err) {
							return
						}
					}
				}
			}
			for n := range 4 {
				elon.sends("Tony", elon.file(fmt.Sprint(n), 4*transfer.PieceSize))
				tony.accepts(0)
			}
			time.Sleep(time.Minute)
			moving := 0
			for _, is := range tony.Transfers() {
				if is.State == Moving {
					moving++
				}
			}
			if moving != 1 {
				t.Errorf("limited %s: %d files move at once, want 1", limited, moving)
			}
			if left := elon.Cancel(0); left == nil {
				t.Error("cancelled one of several without saying which")
			}
			if left := elon.Settle(t.Context()); len(left) > 0 {
				t.Errorf("left are %v", left)
			}
			tony.Settle(t.Context())
			tony.holds("0", "1", "2", "3")
		})
	}
}

// TestPieces: who may have a file's bytes, and who not.
func TestPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, _ := pair(t, usual)
		elon.sends("Tony", elon.file("x", 10))
		all := func(*justchat.Offer) bool { return true }
		none := func(*justchat.Offer) bool { return false }
		for what, test := range map[string]struct {
			number, offset uint64
			allowed        func(*justchat.Offer) bool
			name           string
		}{
			"another number": {2, 0, all, ""},
			"not allowed":    {1, 0, none, ""},
			"past the end":   {1, 11, all, "x"},
			"far past it":    {1, math.MaxUint64, all, "x"},
		} {
			for _, err := range elon.Pieces(t.Context(), test.number, test.offset, test.allowed) {
				var gone *justchat.Withdrawn
				if !errors.As(err, &gone) || gone.Name != test.name {
					t.Errorf("%s: %v, want Withdrawn of %q", what, err, test.name)
				}
			}
		}
		tony.accepts(0)
		elon.becomes(1, Finished, "")
		for _, err := range elon.Pieces(t.Context(), 1, 0, all) {
			if err == nil {
				t.Error("its bytes are to be had although it is done")
			}
		}
	})
}

// TestTextsAreMadePrintable before anybody shows them, and are not endless.
func TestTextsAreMadePrintable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon := newUser(t, "Elon", usual)
		elon.offers(func(context.Context, *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			return func(yield func(justchat.Transfer, error) bool) {
				yield(justchat.Transfer{}, &justchat.Declined{User: "T\x1b[2J", Name: "x", Reason: strings.Repeat("\x07y", 5000)})
			}
		})
		id := elon.sends("T\x1b[2Jony", elon.file("x", 10))
		elon.Settle(t.Context())
		got := elon.is(id)
		if text := got.Err.Error(); got.State != Declined || text != names.Printable(text, false) || len(text) > 2*longestReason {
			t.Errorf("got %v, %q", got.State, text)
		}
		if got.With != "Tony" {
			t.Errorf("got %q, want Tony", got.With)
		}
	})
}

// TestProgressLies: a receiver that says it has more than there is moves nothing past the end.
func TestProgressLies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon := newUser(t, "Elon", usual)
		elon.offers(func(ctx context.Context, _ *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			return func(yield func(justchat.Transfer, error) bool) {
				yield(justchat.Transfer{Taken: true, Have: math.MaxUint64}, nil)
				<-ctx.Done()
				yield(justchat.Transfer{}, ctx.Err())
			}
		})
		id := elon.sends("Tony", elon.file("x", 10))
		time.Sleep(time.Second)
		if got := elon.is(id); got.Done != 10 || got.State != Moving {
			t.Errorf("got %+v, want 10 bytes", got)
		}
	})
}

func TestMeter(t *testing.T) {
	var m meter
	at := time.Unix(0, 0)
	if m.rate() != 0 || m.left(10) >= 0 {
		t.Error("it knows a rate from nothing")
	}
	for n := range int64(100) {
		m.add(at, n*1000)
		at = at.Add(beatTime)
	}
	if got, left := m.rate(), m.left(99_000+8000); got != 4000 || left != 2*time.Second {
		t.Errorf("got %d bytes a second and %v, want 4000 and 2s", got, left)
	}
	for range window {
		m.add(at, 99_000)
		at = at.Add(beatTime)
	}
	if got, left := m.rate(), m.left(1<<40); got != 0 || left >= 0 {
		t.Errorf("got %d bytes a second and %v although nothing comes", got, left)
	}
}
