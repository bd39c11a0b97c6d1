package parcels

import (
	"context"
	"errors"
	"iter"

	"github.com/parley-rpc/parley/generated/justchat"
)

// errWithdrawn ends the pieces of what is not sent any more; errNewer those that are asked for anew.
var (
	errWithdrawn = errors.New("it is not offered any more")
	errNewer     = errors.New("it is asked for anew")
)

// withdraw has no bytes of a file leave any more. mu is held.
func (s *Set) withdraw(p *parcel, reason string) {
	p.reason = reason
	if p.pull != nil {
		p.pull(errWithdrawn)
	}
}

// Pieces yields the bytes of a file of ours from an offset on, for a face to answer GetFile with. Allowed says whether
// who asks may have what the offer promises. It waits for one of Limits.Transfers; whoever asks again for the same
// file takes the place of who asked before. It fails with *justchat.Withdrawn, which bears the file's name only if
// there was such an offer and it does not stand any more.
func (s *Set) Pieces(ctx context.Context, number, offset uint64, allowed func(*justchat.Offer) bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		p, err := s.asked(number, offset, allowed, cancel)
		if err != nil {
			yield(nil, err)
			return
		}
		defer s.answered(p)
		defer context.AfterFunc(p.ctx, func() { cancel(errWithdrawn) })()
		err = s.slot(ctx, p)
		if err == nil {
			err = serve(ctx, p.source.Pieces(int64(offset)), yield)
			<-s.sending
		}
		if err != nil && !errors.Is(err, errLeft) {
			yield(nil, s.whyNot(ctx, p, err))
		}
	}
}

// asked returns the file that is asked for.
func (s *Set) asked(number, offset uint64, allowed func(*justchat.Offer) bool, cancel context.CancelCauseFunc) (*parcel, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parcels {
		switch {
		case p.offer == nil || p.offer.Number != number || !allowed(p.offer):
			continue
		case p.reason != "" || p.over:
			return nil, &justchat.Withdrawn{Name: p.offer.Name, Reason: p.reason}
		case offset > p.offer.Size:
			return nil, &justchat.Withdrawn{Name: p.offer.Name, Reason: "it has fewer bytes"}
		}
		if p.pull != nil {
			p.pull(errNewer)
		}
		p.pull = cancel
		p.pulls++
		return p, nil
	}
	return nil, &justchat.Withdrawn{Reason: "there is no such offer here"}
}

// answered is the end of Pieces that asked has begun.
func (s *Set) answered(p *parcel) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p.pulls--
}

// slot waits for one of Limits.Transfers.
func (s *Set) slot(ctx context.Context, p *parcel) error {
	select {
	case s.sending <- struct{}{}:
		return nil
	default:
	}
	s.mu.Lock()
	p.queued++
	if p.taken || p.is.Public {
		s.become(p, Waiting)
	}
	s.mu.Unlock()
	err := take(ctx, s.sending)
	s.mu.Lock()
	defer s.mu.Unlock()
	p.queued--
	if err == nil && p.is.State == Waiting {
		s.become(p, Moving)
	}
	return err
}

// errLeft is why serve ends if yield wants no more.
var errLeft = errors.New("nobody asks for more")

// serve yields pieces until they end or ctx does.
func serve(ctx context.Context, pieces iter.Seq2[[]byte, error], yield func([]byte, error) bool) error {
	for piece, err := range pieces {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			return err
		}
		if !yield(piece, nil) {
			return errLeft
		}
	}
	return nil
}

// whyNot returns what who asked for bytes is told, with Pieces' own ctx. What is wrong with the file itself ends the transfer.
func (s *Set) whyNot(ctx context.Context, p *parcel, err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() == nil:
		s.finish(p, Broken, err)
		s.withdraw(p, plain(err).Error())
		p.stop(err)
	case errors.Is(err, errNewer), p.reason == "": // or who asked is gone
		return again("the bytes were asked for anew, or the client ends")
	}
	return &justchat.Withdrawn{Name: p.offer.Name, Reason: p.reason}
}
