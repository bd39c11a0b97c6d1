package parcels

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A parcel is one transfer.
type parcel struct {
	ctx    context.Context // ends with it; its cause is why
	stop   context.CancelCauseFunc
	done   atomic.Int64 // as Transfer.Done
	source *transfer.Source
	info   transfer.Info
	from   *inbound  // the offer that brought it, or nil
	after  *parcel   // whose place it takes, or nil
	last   time.Time // when bytes came, or could have; of what is received, for its goroutine

	// The Set's mu guards these.
	is      Transfer
	meter   meter
	telling bool                    // news of it are queued
	over    bool                    // its goroutine has ended
	offer   *justchat.Offer         // ours, once it is signed
	taken   bool                    // the receiver has accepted
	pull    context.CancelCauseFunc // ends the latest Pieces of it
	pulls   int                     // Pieces of it that have not ended
	reason  string                  // why it is withdrawn, once it is
	queued  int                     // Pieces of it that wait for one of Limits.Transfers
}

// add begins a transfer, and has work do it. mu is held.
func (s *Set) add(p *parcel, work func()) error {
	if s.closed {
		return ErrClosed
	}
	if p.is.ID == 0 {
		s.id++
		p.is.ID = s.id
	}
	p.is.Left = -1
	p.ctx, p.stop = context.WithCancelCause(s.ctx)
	s.parcels = append(s.parcels, p)
	s.tell(p)
	if p.is.State == Hashing {
		s.beat()
	}
	s.work.Go(func() {
		work()
		p.stop(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		p.over = true
		s.forgetEnded()
		s.stir()
	})
	return nil
}

// forgetEnded forgets transfers that have ended, but for the last ones. mu is held.
func (s *Set) forgetEnded() {
	ended := 0
	for _, p := range s.parcels {
		if p.over {
			ended++
		}
	}
	s.parcels = slices.DeleteFunc(s.parcels, func(p *parcel) bool {
		if !p.over || ended <= maxEnded {
			return false
		}
		ended--
		return true
	})
}

// become sets the state of a transfer that has not ended. mu is held.
func (s *Set) become(p *parcel, state State) {
	if p.is.State.Ended() || p.is.State == state {
		return
	}
	p.is.State = state
	p.measure(time.Time{})
	p.is.Rate, p.is.Left, p.meter = 0, -1, meter{}
	if state == Moving {
		s.beat()
	}
	s.tell(p)
	s.stir()
}

// measure brings Done up to date, and with a time the rate. It reports whether that changed anything.
func (p *parcel) measure(now time.Time) bool {
	old := p.is
	p.is.Done = min(max(p.done.Load(), 0), p.is.Size)
	if !now.IsZero() {
		p.meter.add(now, p.is.Done)
		p.is.Rate, p.is.Left = p.meter.rate(), p.meter.left(p.is.Size)
	}
	return p.is.Done != old.Done || p.is.Rate != old.Rate
}

// finish ends a transfer for the person, if it has not ended. mu is held.
func (s *Set) finish(p *parcel, state State, err error) {
	if p.is.State.Ended() {
		return
	}
	p.is.Err = plain(err)
	s.become(p, state)
}

// tell queues news of a transfer. mu is held.
func (s *Set) tell(p *parcel) {
	if p.telling {
		return
	}
	p.telling = true
	s.Tell(func() News {
		s.mu.Lock()
		defer s.mu.Unlock()
		p.telling = false
		is := p.is
		return &is
	}, func() {})
}

// beat has a goroutine measure how fast bytes travel, as long as any do. mu is held.
func (s *Set) beat() {
	if s.beating || s.closed {
		return
	}
	s.beating = true
	s.work.Go(func() {
		ticker := time.NewTicker(beatTime)
		defer ticker.Stop()
		for s.measure() {
			select {
			case <-ticker.C:
			case <-s.ctx.Done():
			}
		}
	})
}

// measure measures what travels. It returns false if nothing does.
func (s *Set) measure() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.beating = false
	news := false
	for _, p := range s.parcels {
		if p.is.State != Moving && p.is.State != Hashing {
			continue
		}
		s.beating = true
		if p.measure(time.Now()) {
			news = true
			s.tell(p)
		}
	}
	if news {
		s.stir()
	}
	s.beating = s.beating && s.ctx.Err() == nil
	return s.beating
}
