package transport

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// receive does what a frame says. It is called with the lock held and does not wait. An
// error is the rule that the frame breaks.
func (s *Session) receive(h header, payload []byte) error {
	switch h.kind {
	case kindHello:
		return s.receiveHello(payload)
	case kindCall:
		return s.receiveCall(h, payload)
	case kindReply:
		return s.receiveReply(h, payload)
	case kindItem:
		return s.receiveItem(h, payload)
	case kindCancel:
		return s.receiveCancel(h, payload)
	case kindCredit:
		return s.receiveCredit(h, binary.BigEndian.Uint32(payload))
	case kindPing:
		s.receivePing(h, payload)
	case kindGoAway:
		return s.receiveGoAway(payload)
	}
	return nil
}

func (s *Session) receiveHello(payload []byte) error {
	if s.greeted {
		return broken("HELLO comes once")
	}
	peer, err := parseHello(payload)
	if err != nil {
		return err
	}
	for c := range s.outgoing.all {
		c.flow.credit += int64(peer.window - s.peer.window)
		signal(c.wake)
	}
	s.greeted, s.peer = true, peer
	s.slots.limit, s.sending.limit = peer.calls, peer.assembly
	s.proceed()
	s.slots.give(0)
	s.sending.give(0)
	return nil
}

// isOurs reports whether the number is one of the calls that we make.
func (s *Session) isOurs(number uint32) bool { return (number%2 == 1) == s.dialled }

// find returns the open call that a frame is for, or nil if it has ended.
func (s *Session) find(h header) (*call, error) {
	ours := s.isOurs(h.call)
	calls, last := &s.incoming, int64(s.lastIn)
	if ours {
		calls, last = &s.outgoing, s.lastOut
	}
	if c := calls.get(h.call); c != nil {
		return c, nil
	}
	if int64(h.call) > last {
		return nil, broken("a frame is for a call that was opened; %s is for call %d, the last was %d", h.kind, h.call, last)
	}
	return nil, nil
}

func (s *Session) receiveCall(h header, payload []byte) error {
	if s.isOurs(h.call) {
		return broken("who dialled opens odd calls and the other side even ones; this is %d", h.call)
	}
	if s.leaving && h.call > s.leaveLast { // the caller knows from our GOAWAY
		s.lastIn = max(s.lastIn, h.call)
		return nil
	}
	c := s.incoming.get(h.call)
	switch {
	case c != nil && c.partial.kind == kindCall:
	case h.call <= s.lastIn:
		return broken("the numbers of calls rise; %d comes after %d", h.call, s.lastIn)
	case s.incoming.n >= s.own.calls:
		return broken("at most %d calls are open at once", s.own.calls)
	default:
		c = s.newCall(false)
		c.number = h.call
		c.flow.open(s)
		s.incoming.put(c)
		s.lastIn = h.call
	}
	payload, flags, whole, err := s.assemble(c, h, payload)
	if err != nil || !whole {
		return err
	}
	return s.start(c, flags, payload)
}

// keep has payload outlive the frames it came in. What is longer than a frame was assembled
// in storage of its own.
func (c *call) keep(payload []byte) {
	if len(payload) > maxPayload {
		c.data = payload
		return
	}
	c.data = append(c.data[:0], payload...)
}

// start has a call that has come whole handled, after the batch of frames that it came in.
func (s *Session) start(c *call, flags uint8, payload []byte) error {
	c.keep(payload)
	p, err := parseCall(flags, c.data)
	if err != nil {
		return err
	}
	c.state = stateRunning
	c.in.Method, c.in.Params, c.in.Metadata = p.method, p.params, p.metadata
	if p.timeout > 0 {
		c.deadline = time.Now().Add(p.timeout)
		c.in.Deadline = c.deadline
		s.clock.watch(c.deadline)
	}
	s.starting = append(s.starting, c)
	return nil
}

func (s *Session) receiveReply(h header, payload []byte) error {
	if !s.isOurs(h.call) {
		return broken("a side answers the other's calls; REPLY is for call %d", h.call)
	}
	c, err := s.find(h)
	if c == nil {
		return err
	}
	if c.partial.kind == kindItem {
		s.discard(c)
	}
	payload, flags, whole, err := s.assemble(c, h, payload)
	if err != nil || !whole {
		return err
	}
	return s.answer(c, flags, payload)
}

// answer ends a call with its REPLY.
func (s *Session) answer(c *call, flags uint8, payload []byte) error {
	waiting := c.state == stateWaiting
	if waiting {
		c.keep(payload)
		reply, err := parseReply(flags, c.data)
		if err != nil {
			return err
		}
		c.reply, c.state = reply, stateAnswered
	}
	s.answered = true
	s.outgoing.remove(c)
	s.slots.give(1)
	if waiting && c != s.leader {
		s.waking = append(s.waking, c) // without the lock, which they will want
	}
	if c.streaming {
		signal(c.wake)
	}
	s.let(c)
	s.settle()
	return nil
}

func (s *Session) receiveCancel(h header, payload []byte) error {
	e, err := parseCancel(payload)
	if err != nil {
		return err
	}
	c, err := s.find(h)
	if c == nil {
		return err
	}
	if c.mine {
		c.flow.stopped = true
		signal(c.wake)
		return nil
	}
	s.discard(c)
	if c.state == stateNew { // its CALL will not come whole
		s.refuse(c, e)
		return nil
	}
	s.cancel(c, e)
	return nil
}

// cancel tells the handler of c that it need not go on.
func (s *Session) cancel(c *call, why error) {
	if c.canceled != nil {
		return
	}
	c.canceled = why
	if c.in.onCancel != nil {
		s.endings = append(s.endings, ending{c.in.onCancel, why})
	}
	signal(c.ready)
	signal(c.wake)
}

// An ending is a function to be called, without the lock, for a call that is over.
type ending struct {
	call func(error)
	err  error
}

// run calls what is to be called, without the lock.
func (s *Session) run(endings []ending) {
	for _, e := range endings {
		s.guard(func() { e.call(e.err) })
	}
}

// refuse answers a call that has no handler.
func (s *Session) refuse(c *call, e *CallError) {
	body := (&CallError{Code: e.Code, Message: shorten(e.Message)}).append(nil)
	s.control(append(header{len(body), kindReply, flagError, c.number}.append(nil), body...))
	s.leave(c)
}

func (s *Session) receiveCredit(h header, n uint32) error {
	c, err := s.find(h)
	if c == nil {
		return err
	}
	c.flow.credit += int64(n)
	if c.flow.credit > math.MaxInt32 {
		return broken("the credit of a stream is at most %d bytes; with this CREDIT it is %d", math.MaxInt32, c.flow.credit)
	}
	signal(c.wake)
	return nil
}

func (s *Session) receivePing(h header, payload []byte) {
	if h.flags&flagAck == 0 {
		ack := header{len(payload), kindPing, flagAck, 0}.append(make([]byte, 0, headerSize+8))
		s.control(append(ack, payload...))
		return
	}
	s.clock.pong(payload)
}

func (s *Session) receiveGoAway(payload []byte) error {
	last, reason, err := parseGoAway(payload)
	if err != nil {
		return err
	}
	departed := ErrGoAway
	if reason != "" {
		departed = fmt.Errorf("%w: %q", ErrGoAway, reason)
	}
	s.depart(departed)
	for c := range s.outgoing.all {
		if c.number > last {
			s.fail(c, &LineError{NotRun: true, Cause: s.departed})
		}
	}
	s.settle()
	return nil
}

// depart makes no new calls, because of why.
func (s *Session) depart(why error) {
	if s.departed == nil {
		s.departed = why
		close(s.gone)
		s.slots.stir()
	}
}

// fail ends a call of ours without an answer.
func (s *Session) fail(c *call, why error) {
	if c.state == stateWaiting {
		c.err, c.state = why, stateAnswered
	}
	s.discard(c)
	s.outgoing.remove(c)
	s.slots.give(1)
	signal(c.ready)
	signal(c.wake)
	s.let(c)
}
