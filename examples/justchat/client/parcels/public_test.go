package parcels

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// A server keeps public files, and pulls them from who shares them.
type server struct {
	mu    sync.Mutex
	files map[transfer.Sum][]byte
	users []*user // who are asked
	fails []error // the next calls of its users end so
}

func newServer(users ...*user) *server {
	s := &server{files: make(map[transfer.Sum][]byte), users: users}
	for _, u := range users {
		u.share = func(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			return func(yield func(justchat.Transfer, error) bool) { s.take(ctx, u, o, yield) }
		}
		u.fetch = s.give
	}
	return s
}

// failure takes the next of fails.
func (s *server) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.fails) == 0 {
		return nil
	}
	err := s.fails[0]
	s.fails = s.fails[1:]
	return err
}

func (s *server) take(ctx context.Context, from *user, o *justchat.Offer, yield func(justchat.Transfer, error) bool) {
	if err := s.failure(); err != nil {
		yield(justchat.Transfer{}, err)
		return
	}
	var data []byte
	for piece, err := range from.Pieces(ctx, o.Number, 0, func(o *justchat.Offer) bool { return o.To == "" }) {
		if err != nil {
			yield(justchat.Transfer{}, err)
			return
		}
		data = append(data, piece...)
		if !yield(justchat.Transfer{Taken: true, Have: uint64(len(data))}, nil) {
			return
		}
	}
	s.mu.Lock()
	s.files[transfer.Sum(o.SHA256)] = data
	s.mu.Unlock()
	yield(justchat.Transfer{Taken: true, Have: o.Size, Copies: 2}, nil)
	for _, u := range s.users {
		if u != from {
			u.ReceivePublic(ctx, o)
		}
	}
}

func (s *server) give(ctx context.Context, sum []byte, offset uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if err := s.failure(); err != nil {
			yield(nil, err)
			return
		}
		s.mu.Lock()
		data, there := s.files[transfer.Sum(sum)]
		s.mu.Unlock()
		if !there {
			yield(nil, &justchat.NoSuchFile{File: "it", Reason: "nobody has it"})
			return
		}
		for piece := range slices.Chunk(data[offset:], transfer.PieceSize) {
			if !yield(piece, ctx.Err()) {
				return
			}
		}
	}
}

func TestPublic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon, tony, robert := newUser(t, "Elon", usual), newUser(t, "Tony", usual), newUser(t, "Robert", usual)
		s := newServer(elon, tony, robert)
		s.fails = []error{errBroken, &justchat.TooFast{What: "offers", Wait: time.Second}, errBroken}
		path := elon.file("x", 3*transfer.PieceSize+1)
		id := elon.sends("", path)
		if got := elon.becomes(id, Finished, ""); got.Copies != 2 || !got.Public || got.With != "" {
			t.Errorf("got %+v", got)
		}
		tony.accepts(0)
		got := tony.becomes(1, Finished, "")
		tony.has(got.Path, "x", path)
		if !got.Public || got.With != "Elon" {
			t.Errorf("got %+v", got)
		}
		if err := robert.Decline(0); err != nil {
			t.Error(err)
		}
		if o := robert.Offers(); len(o) != 0 {
			t.Errorf("got the offers %v, want none", o)
		}
		info, from, found := robert.Find("x")
		if !found || from != "Elon" || info != infoOf(t, path) {
			t.Errorf("found %v by %s (%t)", info, from, found)
		}
		s.fails = []error{errBroken, errBroken}
		again, err := robert.Get(info, from)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := robert.Get(info, from); !errors.Is(err, transfer.ErrBusy) {
			t.Errorf("got it twice at once: %v, want ErrBusy", err)
		}
		got = robert.becomes(again, Finished, "")
		robert.has(got.Path, "x", path)
		again, _ = robert.Get(info, from)
		got = robert.becomes(again, Finished, "")
		robert.has(got.Path, "x (1)", path)
	})
}

// TestPublicOffersOnce however often a server brings them; one too many is not shown and can be found.
func TestPublicOffersOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := usual
		limits.Offers = 2
		tony := newUser(t, "Tony", limits)
		for range 3 {
			for n := range uint64(3) {
				o := offerOf("Elon", n+1, fmt.Sprint("file ", n))
				if err := tony.ReceivePublic(t.Context(), o); err != nil {
					t.Error(err)
				}
			}
			synctest.Wait()
		}
		if got, want := fmt.Sprint(tony.told()), "[offered file 0 offered file 1]"; got != want {
			t.Errorf("got %v, want %v", got, want)
		}
		if _, _, found := tony.Find("file 2"); !found {
			t.Error("what was not shown is not found")
		}
		time.Sleep(limits.OfferTime)
		synctest.Wait()
		if got := tony.Offers(); len(got) != 0 {
			t.Errorf("got %v, want no offer any more", got)
		}
	})
}

// offerOf makes an offer that nobody has a file for.
// TestCancelPublic: a server that gets the bytes hears that the file is withdrawn, so that it keeps none of them.
func TestCancelPublic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		elon := newUser(t, "Elon", usual)
		var end error
		elon.share = func(ctx context.Context, o *justchat.Offer) iter.Seq2[justchat.Transfer, error] {
			return func(yield func(justchat.Transfer, error) bool) {
				for _, err := range elon.Pieces(ctx, o.Number, 0, func(*justchat.Offer) bool { return true }) {
					end = err
					time.Sleep(time.Second)
				}
				yield(justchat.Transfer{}, &justchat.RefusedFile{Name: o.Name, Reason: "it is not offered any more"})
			}
		}
		id := elon.sends("", elon.file("x", 100*transfer.PieceSize))
		time.Sleep(5 * time.Second)
		if err := elon.Cancel(id); err != nil {
			t.Fatal(err)
		}
		elon.becomes(id, Cancelled, "you have cancelled it")
		if gone := (*justchat.Withdrawn)(nil); !errors.As(end, &gone) || gone.Reason != cancelled {
			t.Errorf("the server got %v, want it withdrawn since it is cancelled", end)
		}
	})
}

// TestOffersOfBothKinds: offers to all that nobody answers do not keep out one to the user alone.
func TestOffersOfBothKinds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tony := newUser(t, "Tony", usual)
		for n := range uint64(usual.Offers) + 1 {
			if err := tony.ReceivePublic(t.Context(), offerOf("Elon", n+1, fmt.Sprint("file ", n))); err != nil {
				t.Error(err)
			}
		}
		if err := offers(t, tony, privateOffer(1000, "mine")); err != nil {
			t.Errorf("got %v, want it shown", err)
		}
		if got := len(tony.Offers()); got != usual.Offers+1 {
			t.Errorf("got %d offers, want %d", got, usual.Offers+1)
		}
	})
}

func offerOf(from string, number uint64, name string) *justchat.Offer {
	return &justchat.Offer{From: from, Client: clientOf(from), Number: number, Name: name, Size: 10, SHA256: make([]byte, 32)}
}

// TestNobodyHasIt: what no server has may be back soon, but is not waited for long.
func TestNobodyHasIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tony := newUser(t, "Tony", usual)
		newServer(tony)
		began := time.Now()
		id, _ := tony.Get(transfer.Info{Name: "x", Size: 10}, "Elon")
		tony.becomes(id, Broken, "it is not to be had: nobody has it")
		if took := time.Since(began); took < time.Second || took > 10*time.Second {
			t.Errorf("took %v, want a few seconds", took)
		}
	})
}

// TestRefused: what the room does not take ends the transfer with its words.
func TestRefused(t *testing.T) {
	for _, err := range []error{
		&justchat.FileExists{Name: "x", Owner: "Tony"}, &justchat.TooMuch{Name: "x", Limit: "100 files"},
		&justchat.NoQuorum{What: "sharing"}, &justchat.RefusedFile{Name: "x", Reason: "no"},
		runtime.NewError(runtime.CodeUnavailable, "x"),
	} {
		synctest.Test(t, func(t *testing.T) {
			elon := newUser(t, "Elon", usual)
			newServer(elon).fails = []error{err}
			id := elon.sends("", elon.file("x", 10))
			if runtime.CodeOf(err) == runtime.CodeUnavailable && err.Error() == "unavailable: x" {
				elon.becomes(id, Finished, "")
				return
			}
			elon.becomes(id, Broken, err.Error())
		})
	}
}

// TestSendRefusals: what is no file that others would take is said at once.
func TestSendRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limits := usual
		limits.Sharing = 1
		elon := newUser(t, "Elon", limits)
		folder := t.TempDir()
		none := filepath.Join(folder, "none")
		for path, want := range map[string]struct {
			is   error
			says string
		}{
			folder:     {transfer.ErrFolder, folder + " is a folder; pack it first, as with zip or tar, and share that"},
			none:       {os.ErrNotExist, "there is no file " + none},
			os.DevNull: {transfer.ErrNoFile, os.DevNull + " is no regular file; save what it says in one, and share that"},
		} {
			if _, err := elon.Send("Tony", path); !errors.Is(err, want.is) || err.Error() != want.says {
				t.Errorf("%s: got %v, want %s", path, err, want.says)
			}
		}
		if _, err := elon.Send("", elon.file(".hidden", 1)); err == nil || !strings.Contains(err.Error(), "give the file another") {
			t.Errorf("a hidden name: %v", err)
		}
		elon.sign = func(ctx context.Context, _ *justchat.Offer) error { <-ctx.Done(); return ctx.Err() }
		elon.sends("Tony", elon.file("x", 1))
		if _, err := elon.Send("Tony", elon.file("y", 1)); err == nil || !strings.Contains(err.Error(), "1 of your files are not done") {
			t.Errorf("one too many: %v", err)
		}
		if err := elon.Cancel(0); err != nil {
			t.Error(err)
		}
		elon.becomes(1, Cancelled, "you have cancelled it")
	})
}
