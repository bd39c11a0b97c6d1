package fileserver

import (
	"context"
	"errors"
	"iter"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// A server that has no room for a file lends it: another one that has room gets the bytes with GetFile from this one, which
// passes them on from the client and keeps none of them. The client knows nothing of that.

// lent returns where bytes come from that are lent, or nil.
func (f *Files) lent(sha256 []byte) source {
	if len(sha256) != len(transfer.Sum{}) {
		return nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if one := f.fetching[transfer.Sum(sha256)]; one != nil {
		return one.lent
	}
	return nil
}

// lend has one other server hold the bytes, unless one does. If none has room it fails with a *api.Full that says what can be done.
func (s *sharing) lend(ctx context.Context, full *api.Full) error {
	ends := make(chan error, 1)
	for len(s.elsewhere()) == 0 {
		other, mine := s.f.claim(s.blob.sum, s.noting(ends))
		if mine == nil {
			if err := other.wait(ctx, &s.progress); err != nil {
				return err
			}
			continue
		}
		err := s.place(ctx, full, mine, ends)
		s.f.unclaim(s.blob.sum, mine)
		return err
	}
	return nil
}

// noting returns where the client sends the bytes from; the first error with which they end is put into ends.
func (s *sharing) noting(ends chan<- error) source {
	return func(ctx context.Context, offset uint64) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece, err := range s.f.bytes(ctx, s.client, offset) {
				if err != nil && ctx.Err() == nil {
					select {
					case ends <- err:
					default:
					}
				}
				if !yield(piece, err) {
					return
				}
			}
		}
	}
}

// place is lend for the one who has claimed the blob.
func (s *sharing) place(ctx context.Context, full *api.Full, mine *fetching, ends <-chan error) error {
	come := func(have int64) {
		mine.have.Store(have)
		s.have.Store(have)
	}
	var failed error
	for _, peer := range ranked(s.f.Host.Peers(), s.blob.sum) {
		err := s.store(ctx, peer, come)
		switch {
		case err == nil:
			s.holders = []string{peer.Name}
			return nil
		case ctx.Err() != nil:
			return err
		case errors.As(err, new(*api.Full)):
			continue
		case runtime.CodeOf(err) == runtime.CodeInvalidArgument:
			return s.told(transfer.ErrWrong)
		}
		select {
		case err := <-ends:
			return s.told(err)
		default:
			failed = err
		}
	}
	if failed != nil { // it may have room, once it can be reached
		return runtime.Errorf(runtime.CodeUnavailable, "server %s has no room for %s, and another one did not get it: %v", s.f.Name, s.offer.Name, failed)
	}
	return &api.Full{Server: s.f.Name, Reason: full.Reason + s.advice()}
}

// advice says what can be done where no server has room.
func (s *sharing) advice() string {
	none := "; "
	if len(s.f.Host.Peers()) > 0 {
		none = ", and no other server has room; "
	}
	return none + "remove one of your files, share a smaller one, or ask who runs the room"
}
