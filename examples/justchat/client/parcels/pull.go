package parcels

import (
	"context"
	"iter"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transfer"
)

// pull makes one attempt to get what is missing. The time that it waits for one of Limits.Transfers does not count.
func (s *Set) pull(in *transfer.Incoming, p *parcel) error {
	s.mu.Lock()
	s.become(p, Waiting)
	s.mu.Unlock()
	carrier, err := s.source(p)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := take(p.ctx, s.coming); err != nil {
		return err
	}
	defer func() { <-s.coming }()
	p.last = p.last.Add(time.Since(began))
	ctx, cancel := context.WithCancelCause(p.ctx)
	defer cancel(nil)
	s.mu.Lock()
	newer := p.from != nil && p.from.carrier != carrier
	p.pull = cancel
	s.mu.Unlock()
	if newer {
		return errNewer
	}
	late := time.AfterFunc(time.Until(p.last.Add(s.Limits.Unreached)), func() { cancel(errUnreached) })
	defer late.Stop()
	var pieces iter.Seq2[[]byte, error]
	if carrier != nil {
		pieces = carrier.Pull(ctx, uint64(in.Done()))
	} else {
		pieces = s.Network.Fetch(ctx, p.info.Sum[:], uint64(in.Done()))
	}
	err = in.Append(s.counted(in, p, pieces, late))
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// source waits for a call that carries a private offer; a public file needs none.
func (s *Set) source(p *parcel) (carrier *Carrier, err error) {
	if p.from == nil {
		return nil, nil
	}
	ctx, cancel := context.WithDeadlineCause(p.ctx, p.last.Add(s.Limits.Unreached), errUnreached)
	defer cancel()
	if !s.await(ctx, func() bool { carrier = p.from.carrier; return carrier != nil }) {
		return nil, context.Cause(ctx)
	}
	return carrier, nil
}

// counted yields pieces, and notes how far the file is.
func (s *Set) counted(in *transfer.Incoming, p *parcel, pieces iter.Seq2[[]byte, error], late *time.Timer) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		moving := false
		for piece, err := range pieces {
			if err == nil && !moving {
				moving = true
				s.mu.Lock()
				s.become(p, Moving)
				s.mu.Unlock()
			}
			late.Reset(s.Limits.Unreached)
			if !yield(piece, err) {
				return
			}
			p.done.Store(in.Done())
		}
	}
}
