package fileserver

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// relay makes an offer at the server where the client is.
func (p *person) relay(o justchat.Offer) (last justchat.Transfer, err error) {
	return drain(p.at.RelayFile(p.context(), o))
}

// takes has the client take private files: each once it has come whole, by asking again where a line breaks.
func (p *person) takes(got *[]byte) {
	p.TransferFilePrivateFunc = func(ctx context.Context, o justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			if !yield(justchat.Transfer{}, nil) {
				return
			}
			for uint64(len(*got)) < o.Size && ctx.Err() == nil {
				data, err := collect(p.at.GetPrivateFile(p.context(), o.Client, o.Number, uint64(len(*got))))
				*got = append(*got, data...)
				var withdrawn *justchat.Withdrawn
				if errors.As(err, &withdrawn) || len(data) == 0 && err != nil {
					yield(justchat.Transfer{}, err)
					return
				}
				if !yield(justchat.Transfer{Taken: true, Have: uint64(len(*got))}, nil) {
					return
				}
			}
		}
	}
}

// answers has the client answer private offers with an error.
func (p *person) answers(err error) {
	p.TransferFilePrivateFunc = func(context.Context, justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) { yield(justchat.Transfer{}, err) }
	}
}

// TestRelay passes a private file on, to a client of the same server and of another one, over lines that break; nothing of
// it is kept, and the way is closed afterwards.
func TestRelay(t *testing.T) {
	for _, at := range []string{"a", "b"} {
		inBubble(t, func(t *testing.T, w *world) {
			sites := map[string]*site{"a": w.start("a", t.TempDir()), "b": w.start("b", t.TempDir())}
			elon, tony := sites["a"].come("Elon"), sites[at].come("Tony")
			var got []byte
			tony.takes(&got)
			sites["b"].cut = 300_000
			elon.fault = func(_, offset uint64) (int, error) { return int(min(offset+400_000, 1<<20)), cutError(offset) }
			data := random(1 << 20)
			offer := elon.offer("Tony", "x", data)
			last, err := elon.relay(offer)
			if want := (justchat.Transfer{Taken: true, Have: 1 << 20}); last != want || err != nil || !bytes.Equal(got, data) {
				t.Errorf("at %s: got %v, %v and %d bytes, want %v and the file", at, last, err, len(got), want)
			}
			for _, s := range sites {
				s.wantLeft(0)
				if len(s.relays.to) != 0 || len(s.relays.open) != 0 {
					t.Errorf("%s: got %d ways left, want none", s.Name, len(s.relays.to))
				}
			}
			if _, err := collect(sites[at].GetPrivateFile(tony.context(), offer.Client, offer.Number, 0)); runtime.CodeOf(err) != runtime.CodeUnavailable {
				t.Errorf("afterwards: got %v, want unavailable", err)
			}
			if got := sites["a"].Stats(); got.Relayed != 1 || got.RelayedBytes < 1<<20 {
				t.Errorf("got %+v, want one file relayed and its bytes", got)
			}
		})
	}
}

func cutError(offset uint64) error {
	if offset+400_000 < 1<<20 {
		return errLine
	}
	return nil
}

// TestRelayAnswers passes the receiver's errors on, as what the sender knows.
func TestRelayAnswers(t *testing.T) {
	for _, at := range []string{"a", "b"} {
		inBubble(t, func(t *testing.T, w *world) {
			sites := map[string]*site{"a": w.start("a", t.TempDir()), "b": w.start("b", t.TempDir())}
			elon, tony := sites["a"].come("Elon"), sites[at].come("Tony")
			offer := elon.offer("Tony", "x", random(10))
			answer := func(err error) error {
				tony.answers(err)
				_, got := elon.relay(offer)
				return got
			}
			wantAs[*justchat.Declined](t, "declined", answer(&justchat.Declined{User: "Tony", Name: "x", Reason: "no"}), "Tony declined x: no")
			wantAs[*justchat.RefusedFile](t, "refused", answer(&justchat.RefusedFile{Name: "x", Reason: "odd"}), "x is refused: odd")
			wantAs[*justchat.TooFast](t, "too many", answer(&justchat.TooFast{What: "files"}), "too many files")
			wantAs[*justchat.NotHere](t, "not for him", answer(&clientapi.NotForMe{To: "Tony", User: "Robert"}), "Tony is not here")
			wantAs[*justchat.RefusedFile](t, "not signed", answer(&clientapi.BadSignature{From: "Elon", Reason: "forged"}), "forged")
			if err := answer(errLine); !errors.Is(err, errLine) {
				t.Errorf("a broken line: got %v, want it", err)
			}
			_, err := elon.relay(elon.offer("Natasha", "x", nil))
			wantAs[*justchat.NotHere](t, "nobody", err, "Natasha is not here")
		})
	}
}

// TestRelayRefused offers what is not passed on.
func TestRelayRefused(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.OpenOffers = 1
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, tony := a.come("Elon"), b.come("Tony")
		tony.TransferFilePrivateFunc = func(context.Context, justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			t.Error("he is asked")
			return func(func(justchat.Transfer, error) bool) {}
		}
		for what, test := range map[string]struct {
			change func(*justchat.Offer)
			signed bool
			want   string
		}{
			"to nobody":      {func(o *justchat.Offer) { o.To = "" }, true, "it is for nobody"},
			"another's name": {func(o *justchat.Offer) { o.From = "Robert" }, true, `it is offered by "Robert"`},
			"another client": {func(o *justchat.Offer) { o.Client = tony.key.Client }, false, "another client process"},
			"a path":         {func(o *justchat.Offer) { o.Name = "a/b" }, true, "a/b is refused"},
			"another name":   {func(o *justchat.Offer) { o.Name = "y" }, false, "signature"},
			"another to":     {func(o *justchat.Offer) { o.To = "Robert" }, false, "signature"},
		} {
			offer := elon.offer("Tony", "x", random(10))
			test.change(&offer)
			if test.signed {
				offer = elon.sign(offer)
			}
			_, err := elon.relay(offer)
			wantAs[*justchat.RefusedFile](t, what, err, test.want)
			if what == "another's name" || what == "another client" {
				continue
			}
			_, err = drain(b.Relayed(t.Context(), "a", offer))
			wantAs[*justchat.RefusedFile](t, what+", from another server", err, test.want)
		}
		offer := elon.offer("Tony", "x", nil)
		a.wait = time.Second
		_, err := elon.relay(offer)
		wantAs[*justchat.TooFast](t, "too fast", err, "try again in 1s")
		a.wait = 0
		_, err = drain(a.RelayFile(t.Context(), offer))
		wantAs[*api.NotConnected](t, "without ConnectionInit", err, "")
	})
}

// waits has the client show offers and never answer; it returns what is closed when it is told that an offer has ended.
func (p *person) waits() (ended chan struct{}) {
	ended = make(chan struct{}, 10)
	p.TransferFilePrivateFunc = func(ctx context.Context, _ justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			if yield(justchat.Transfer{}, nil) {
				<-ctx.Done()
				yield(justchat.Transfer{}, ctx.Err())
			}
			ended <- struct{}{}
		}
	}
	return ended
}

// TestWhoMayAsk lets only the receiver have the bytes, by the server that brought the offer, and only while it stands.
func TestWhoMayAsk(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b, c := w.start("a", t.TempDir()), w.start("b", t.TempDir()), w.start("c", t.TempDir())
		elon, tony, mallory, other := a.come("Elon"), b.come("Tony"), b.come("Mallory"), a.come("Mallory")
		ended := tony.waits()
		data := random(1000)
		offer := elon.offer("Tony", "x", data)
		ctx, cancel := context.WithCancel(elon.context())
		done := make(chan error, 1)
		go func() {
			_, err := drain(a.RelayFile(ctx, offer))
			done <- err
		}()
		synctest.Wait()
		if got, err := collect(b.GetPrivateFile(tony.context(), offer.Client, offer.Number, 500)); !bytes.Equal(got, data[500:]) || err != nil {
			t.Errorf("the receiver: got %d bytes, %v, want the rest", len(got), err)
		}
		for what, stream := range map[string]iter.Seq2[[]byte, error]{
			"another client there":     b.GetPrivateFile(mallory.context(), offer.Client, offer.Number, 0),
			"a client of the sender's": a.GetPrivateFile(other.context(), offer.Client, offer.Number, 0),
			"another number":           b.GetPrivateFile(tony.context(), offer.Client, offer.Number+1, 0),
			"another sender":           b.GetPrivateFile(tony.context(), mallory.ID, offer.Number, 0),
			"another server":           a.Forwarded(t.Context(), c.Name, offer.Client, offer.Number, 0),
			"a server, where it ends":  b.Forwarded(t.Context(), a.Name, offer.Client, offer.Number, 0),
		} {
			if got, err := collect(stream); len(got) > 0 || runtime.CodeOf(err) != runtime.CodeUnavailable {
				t.Errorf("%s: got %d bytes, %v, want unavailable", what, len(got), err)
			}
		}
		elon.mu.Lock()
		delete(elon.files, offer.Number)
		elon.mu.Unlock()
		_, err := collect(b.GetPrivateFile(tony.context(), offer.Client, offer.Number, 0))
		wantAs[*justchat.Withdrawn](t, "withdrawn", err, "not offered any more: cancelled")
		cancel()
		if err := <-done; err == nil {
			t.Error("got no error, want the call ended")
		}
		<-ended
	})
}

// TestRelayAgain makes an offer again while the first call hangs: that one ends, and the bytes come by the second.
func TestRelayAgain(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, tony := a.come("Elon"), b.come("Tony")
		ended := tony.waits()
		data := random(1000)
		offer := elon.offer("Tony", "x", data)
		first := make(chan error, 1)
		go func() {
			_, err := elon.relay(offer)
			first <- err
		}()
		synctest.Wait()
		var got []byte
		tony.takes(&got)
		if _, err := elon.relay(offer); err != nil || !bytes.Equal(got, data) {
			t.Errorf("again: got %v and %d bytes, want the file", err, len(got))
		}
		if err := <-first; !errors.Is(err, errAnew) {
			t.Errorf("the first call: got %v, want that it is made anew", err)
		}
		<-ended
	})
}

// TestRelayLimits bounds the private files of a user, and those between two servers.
func TestRelayLimits(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.OpenOffers, w.limits.Relays = 2, 3
		a, b := w.start("a", t.TempDir()), w.start("b", t.TempDir())
		elon, robert, tony := a.come("Elon"), a.come("Robert"), b.come("Tony")
		ended := tony.waits()
		ctx, cancel := context.WithCancel(context.Background())
		open := func(p *person) {
			offer := p.offer("Tony", "x", nil)
			go drain(a.RelayFile(context.WithValue(ctx, callerKey{}, p), offer))
			synctest.Wait()
		}
		open(elon)
		open(elon)
		_, err := elon.relay(elon.offer("Tony", "x", nil))
		wantAs[*justchat.TooFast](t, "the third of a user", err, "too many files at once")
		open(robert)
		_, err = robert.relay(robert.offer("Tony", "x", nil))
		wantAs[*justchat.TooFast](t, "the fourth between two servers", err, "too many private files at once between two servers")
		cancel()
		for range 3 {
			<-ended
		}
		synctest.Wait()
		tony.answers(&justchat.Declined{})
		_, err = elon.relay(elon.offer("Tony", "x", nil))
		wantAs[*justchat.Declined](t, "later", err, "declined")
	})
}

// TestReceiverMoves has the receiver's server die: the same offer goes on by the next one.
func TestReceiverMoves(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		a, b, c := w.start("a", t.TempDir()), w.start("b", t.TempDir()), w.start("c", t.TempDir())
		elon, tony := a.come("Elon"), b.come("Tony")
		data := random(1 << 20)
		var got []byte
		tony.takes(&got)
		elon.fault = func(uint64, uint64) (int, error) { return 400_000, context.Canceled }
		offer := elon.offer("Tony", "x", data)
		first := make(chan error, 1)
		go func() {
			_, err := elon.relay(offer)
			first <- err
		}()
		synctest.Wait()
		b.stop()
		if err := <-first; err == nil {
			t.Error("got no error, want the line broken")
		}
		if len(got) == 0 || len(got) == len(data) {
			t.Errorf("got %d bytes, want some", len(got))
		}
		elon.fault = func(_, offset uint64) (int, error) {
			if offset != uint64(len(got)) {
				t.Errorf("got %d asked for, want %d", offset, len(got))
			}
			return len(data), nil
		}
		tony.move(c)
		if _, err := elon.relay(offer); err != nil || !bytes.Equal(got, data) {
			t.Errorf("again: got %v and %d bytes, want the file", err, len(got))
		}
	})
}
