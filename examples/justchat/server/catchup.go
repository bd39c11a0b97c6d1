package server

import (
	"context"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

const (
	patience  = 200 * time.Millisecond // that a record may take to come by its origin's link
	pullBatch = 200                    // records that are brought to the disk at once
	pullQuiet = 5 * time.Second        // without a record, after which a pull is given up
)

// catchUp pulls what other servers have had for a while and we lack.
func (s *Server) catchUp(now time.Time) {
	s.eachLacking(func(l *link) {
		if l.lacking.IsZero() {
			l.lacking = now
		}
		if now.Sub(l.lacking) >= patience {
			s.pull(l)
		}
	})
}

// catchUpNow is catchUp without patience.
func (s *Server) catchUpNow() { s.eachLacking(s.pull) }

// eachLacking calls do, with the lock held, for the link to each server that has something we lack.
func (s *Server) eachLacking(do func(*link)) {
	names := s.room.lacking(s.seen())
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, l := range s.links {
		if slices.Contains(names, name) {
			do(l)
		} else {
			l.lacking = time.Time{}
		}
	}
}

// pull starts to get from a server what it has and we lack, unless that is under way. It is called with
// the lock held.
func (s *Server) pull(l *link) {
	if l.pulling || s.ctx.Err() != nil {
		return
	}
	l.pulling = true
	l.done.Go(func() { // the link's close waits
		if err := s.pullFrom(l); err != nil && s.ctx.Err() == nil {
			s.Logger.Debug("catching up broke", "server", l.node.Name, "reason", err)
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		l.pulling, l.lacking = false, time.Time{}
	})
}

func (s *Server) pullFrom(l *link) error {
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	watchdog := time.AfterFunc(pullQuiet, cancel)
	defer watchdog.Stop()
	var batch []*justchat.Record
	for missed, err := range l.peer.CatchUp(ctx, s.seen()) {
		if err != nil {
			return err
		}
		watchdog.Reset(pullQuiet)
		if err := s.skip(missed.Gone); err != nil {
			return err
		}
		if missed.Record == nil {
			continue
		}
		if batch = append(batch, missed.Record); len(batch) == pullBatch {
			if err := s.keep(batch); err != nil {
				return err
			}
			batch = nil
		}
	}
	s.stats.pulls.Add(1)
	return s.keep(batch)
}

// skip goes on without records that nobody keeps any more.
func (s *Server) skip(gone causal.Vector) error {
	if len(gone) == 0 || s.seen().Covers(gone) {
		return nil
	}
	s.Logger.Warn("what is missing in the log is not to be had any more", "gone", gone)
	if err := s.Log.Skip(gone); err != nil {
		return fullError(s.self.Name, err)
	}
	s.room.skip(gone, time.Now())
	return nil
}
