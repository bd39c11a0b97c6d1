package transport

import (
	"errors"
	"os"
	"time"
)

// The role of the reader belongs to one goroutine at a time. A caller that waits may
// have it, which saves a lone caller the switch to another goroutine and back; the
// session's own goroutine has it when there is more to do than to wait for one answer.
//
//	            one REPLY came,                      CALL sent
//	            nothing is open
//	background ─────────────────► free ──────────────────────────────► caller
//	    ▲  ▲                      │  ▲                                   │
//	    │  └──────────────────────┘  └───────────────────────────────────┤
//	    │    leadTime is over, or       answered, nothing is open        │
//	    │    somebody waits for                                          │
//	    │    what is no answer                                           │
//	    └────────────────────────────────────────────────────────────────┘
//	                      answered or given up, something is open
//
// Once the peer has made a call, free is not entered: who calls at any time must be heard.
type role uint8

const (
	roleBackground role = iota
	roleFree
	roleCaller
)

// leadTime is how long nobody may read: after that the end of the connection, a PING,
// or a first call of the peer is noticed.
const leadTime = 50 * time.Millisecond

// canLead reports whether c may read itself: the role is free, and waiting for c can be ended
// by its answer or its deadline alone.
func (s *Session) canLead(c *call, done <-chan struct{}) bool {
	return s.role == roleFree && done == nil && c.state == stateWaiting && s.cause == nil
}

// lead reads until c is answered or abandoned. It is called with the lock held, and
// returns without.
func (s *Session) lead(c *call) {
	s.role, s.leader = roleCaller, c
	s.mu.Unlock()
	for {
		s.reader.fill(s.conn)
		if !s.digest(c) {
			return
		}
	}
}

// interrupt makes the caller c return from its reading, if it is the reader.
func (s *Session) interrupt(c *call) {
	if s.role == roleCaller && s.leader == c {
		s.poked = true
		s.conn.SetReadDeadline(time.Unix(1, 0))
	}
}

// resume takes back an interrupt, by the one who was interrupted.
func (s *Session) resume() {
	s.poked = false
	s.conn.SetReadDeadline(time.Time{})
	if errors.Is(s.reader.err, os.ErrDeadlineExceeded) {
		s.reader.err = nil
	}
}

// listen has the session's goroutine read, if nobody does.
func (s *Session) listen() {
	if s.role == roleFree {
		s.role = roleBackground
		signal(s.hear)
	}
}

// quietNow reports whether nothing is expected from the peer but by who calls next.
func (s *Session) quietNow() bool {
	return s.outgoing.n+s.incoming.n == 0 && s.lastIn == 0 && s.departed == nil && s.idle == nil && s.clock.answered == nil
}

// passOn says who reads next, at the end of a batch of frames that leader, or the
// session's goroutine if that is nil, has digested. It reports whether that is the same.
func (s *Session) passOn(leader *call, frames int) bool {
	switch {
	case s.cause != nil:
		return false
	case leader == nil:
		if frames != 1 || !s.answered || !s.quietNow() {
			return true
		}
	case leader.state == stateWaiting:
		return true
	}
	s.leader, s.role = nil, roleFree
	if leader != nil && !s.quietNow() {
		s.listen()
	} else if !s.clock.leading {
		s.clock.leading = true
		s.clock.by(time.Now().Add(leadTime))
	}
	return false
}

// lead is the clock's part: a role that is free goes to the session's goroutine.
func (k *clock) lead(now time.Time) {
	if !k.leading {
		return
	}
	k.s.listen()
	if k.leading = k.s.role == roleCaller; k.leading {
		k.by(now.Add(leadTime))
	}
}
