package parcels

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
)

// Transfers returns the transfers that have not ended, and the last few that have, the oldest first.
func (s *Set) Transfers() []Transfer { return s.list(func(*parcel) bool { return true }) }

// Settle waits until no transfer is under way, and those that offer files to us have been sent the answers that there
// are; or until ctx ends. It returns the transfers that are under way then.
func (s *Set) Settle(ctx context.Context) []Transfer {
	s.await(ctx, func() bool {
		return !slices.ContainsFunc(s.parcels, func(p *parcel) bool { return !p.over }) && !s.owesReply()
	})
	return s.list(func(p *parcel) bool { return !p.is.State.Ended() })
}

// owesReply reports whether an answer is on its way to who made the offer. mu is held.
func (s *Set) owesReply() bool {
	for _, key := range s.calls {
		if _, answered := s.answers[key]; answered {
			return true
		}
	}
	return false
}

func (s *Set) list(want func(*parcel) bool) (all []Transfer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parcels {
		if want(p) {
			all = append(all, p.is)
		}
	}
	slices.SortFunc(all, func(a, b Transfer) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

// Cancel ends a transfer, and tells the other side. An id of 0 is the only one that has not ended.
func (s *Set) Cancel(id uint64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found *parcel
	for _, p := range s.parcels {
		switch {
		case p.is.State.Ended() || id != 0 && p.is.ID != id:
		case found != nil:
			return errors.New("several files are under way: say which by its number, as in #cancel 3")
		default:
			found = p
		}
	}
	switch {
	case found == nil && id == 0:
		return errors.New("no file is under way")
	case found == nil:
		return fmt.Errorf("no file with the number %d is under way", id)
	}
	s.cancel(found)
	return nil
}

// cancel ends a transfer because the person wants it. mu is held.
func (s *Set) cancel(p *parcel) {
	s.finish(p, Cancelled, errCancelled)
	if !p.is.Sending || p.is.Public && p.pulls == 0 || !p.is.Public && !p.taken {
		p.stop(errCancelled)
		return
	}
	s.withdraw(p, cancelled) // who gets the bytes hears it from there, discards them, and ends the call; or it is given up
	s.work.Go(func() {
		pause(p.ctx, cancelTime)
		p.stop(errCancelled)
	})
}
