package transport

import (
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// tickTime is how late a deadline may be noticed, so that many cost one tick together.
const tickTime = 10 * time.Millisecond

// longTime is the shortest timeout for which a tick is little.
const longTime = 100 * tickTime

// trimTime is how long a session keeps storage for the next call: at most twice as long.
const trimTime = 100 * time.Millisecond

// A clock is the one timer of a session: for the wait for HELLO, for keepalive, for
// the deadlines of calls, and what else each of the fields below is about. The session's lock guards it.
type clock struct {
	s       *Session
	timer   *time.Timer
	next    time.Time // when timer fires
	now     time.Time // at the first call since the last tick, or zero, see after
	helloBy time.Time
	timed   bool // there may be calls with deadlines
	errands bool // the reader may be on an errand
	trims   bool // there may be storage that an idle session does not need
	used    bool // something came since the last look at that
	leading bool // the reading may be a caller's, or nobody's

	// Keepalive.
	interval time.Duration // 0: none
	checkAt  time.Time
	heard    bool   // something came since the last check
	stalled  uint64 // the write that was under way at the last check, or 0

	// The PING under way, if answered is not nil.
	nonce    uint64
	answered chan struct{}
}

func (k *clock) begin(s *Session, helloTimeout time.Duration) {
	now := time.Now()
	k.s, k.interval = s, s.own.Keepalive
	k.helloBy, k.checkAt = now.Add(helloTimeout), now.Add(k.interval)
	k.next = k.helloBy
	if k.interval > 0 && k.checkAt.Before(k.next) {
		k.next = k.checkAt
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k.timer = time.AfterFunc(k.next.Sub(now), k.tick)
}

// watch makes sure that the clock ticks when a deadline is over.
func (k *clock) watch(deadline time.Time) {
	k.timed = true
	k.by(deadline)
}

func (k *clock) by(t time.Time) {
	if k.s.cause != nil {
		return
	}
	if k.next.IsZero() || t.Before(k.next) {
		k.next = t
		k.timer.Reset(time.Until(t))
	}
}

// after returns the time in d from now. If that is long it is up to a tick early: looking at the clock
// takes as long as much else of a call, so the calls of a tick share one look.
func (k *clock) after(d time.Duration) time.Time {
	if d < longTime {
		return time.Now().Add(d)
	}
	if k.now.IsZero() {
		k.now = time.Now()
		k.by(k.now.Add(tickTime))
	}
	return k.now.Add(d)
}

// stop is called once the session is broken.
func (k *clock) stop() { k.timer.Stop() }

func (k *clock) tick() {
	s := k.s
	s.mu.Lock()
	if s.cause != nil {
		s.mu.Unlock()
		return
	}
	now := time.Now()
	k.next, k.now = time.Time{}, time.Time{}
	k.hello(now)
	k.keepalive(now)
	k.lead(now)
	k.errand(now)
	k.trim(now)
	if k.timed {
		k.deadlines(now)
	}
	s.writeAside()
	endings := s.endings
	s.endings = nil
	s.mu.Unlock()
	s.run(endings)
}

func (k *clock) hello(now time.Time) {
	switch {
	case k.s.greeted:
	case now.Before(k.helloBy):
		k.by(k.helloBy)
	default:
		k.s.shut(frame.Broken("HELLO comes in time"), true)
	}
}

// keepalive checks once an interval that something came, and that no write stands still.
func (k *clock) keepalive(now time.Time) {
	if k.interval == 0 {
		return
	}
	if !now.Before(k.checkAt) {
		k.check()
		k.checkAt = now.Add(k.interval)
	}
	k.by(k.checkAt)
}

// hears notes that something came. So a session that is in use has a few ticks a second, and one
// that is not has none but for keepalive.
func (k *clock) hears() {
	k.heard, k.used = true, true
	if !k.trims {
		k.trims = true
		k.by(time.Now().Add(trimTime))
	}
}

// trim gives up storage once nothing has come for a while.
func (k *clock) trim(now time.Time) {
	switch {
	case !k.trims:
	case k.used:
		k.used = false
		k.by(now.Add(trimTime))
	default:
		k.trims = false
		k.s.trim()
	}
}

func (k *clock) check() {
	s := k.s
	stalled := uint64(0)
	if s.writing {
		stalled = s.writes
	}
	switch {
	case stalled != 0 && stalled == k.stalled:
		s.shut(fmt.Errorf("the peer has read nothing for %v", k.interval), false)
	case !k.heard && k.answered != nil:
		s.shut(fmt.Errorf("the peer was silent for %v and did not answer a PING", 2*k.interval), false)
	case !k.heard:
		k.ping()
	}
	k.heard, k.stalled = false, stalled
}

// ping sends a PING, if none is under way, and returns what is closed when it is answered.
func (k *clock) ping() <-chan struct{} {
	if k.answered == nil {
		k.nonce++
		k.answered = make(chan struct{})
		ping := frame.Header{Size: 8, Kind: frame.Ping, Flags: 0, Call: 0}.Append(make([]byte, 0, frame.HeaderSize+8))
		k.s.control(binary.BigEndian.AppendUint64(ping, k.nonce))
	}
	return k.answered
}

func (k *clock) pong(payload []byte) {
	if k.answered != nil && binary.BigEndian.Uint64(payload) == k.nonce {
		close(k.answered)
		k.answered = nil
	}
}

// deadlines ends the calls whose time is over, and finds out when to look again.
func (k *clock) deadlines(now time.Time) {
	s := k.s
	var next time.Time
	left := func(c *call) bool {
		if c.deadline.IsZero() || c.canceled != nil {
			return false
		}
		if !c.deadline.After(now) {
			return true
		}
		if next.IsZero() || c.deadline.Before(next) {
			next = c.deadline
		}
		return false
	}
	for c := range s.outgoing.all {
		if left(c) {
			s.abandon(c, context.DeadlineExceeded)
		}
	}
	for c := range s.incoming.all {
		if left(c) {
			s.cancel(c, context.DeadlineExceeded)
		}
	}
	k.timed = !next.IsZero()
	if k.timed && s.cause == nil {
		if earliest := now.Add(tickTime); next.Before(earliest) {
			next = earliest
		}
		k.by(next)
	}
}
