package transport

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// receive does what a frame says. It is called with the lock held and does not wait. An
// error is the rule that the frame breaks.
func (s *Session) receive(h frame.Header, payload []byte) error {
	switch h.Kind {
	case frame.Hello:
		return s.receiveHello(payload)
	case frame.Call:
		return s.receiveCall(h, payload)
	case frame.Reply:
		return s.receiveReply(h, payload)
	case frame.Item:
		return s.receiveItem(h, payload)
	case frame.Cancel:
		return s.receiveCancel(h, payload)
	case frame.Credit:
		return s.receiveCredit(h, binary.BigEndian.Uint32(payload))
	case frame.Ping:
		s.receivePing(h, payload)
	case frame.GoAway:
		return s.receiveGoAway(payload)
	}
	return nil
}

func (s *Session) receiveHello(payload []byte) error {
	if s.greeted {
		return frame.Broken("HELLO comes once")
	}
	peer, err := frame.ParseHello(payload)
	if err != nil {
		return err
	}
	for c := range s.outgoing.all {
		if c.flow != nil {
			c.flow.credit += int64(peer.Window - s.peer.Window)
		}
		signal(c.wake)
	}
	s.greeted, s.peer = true, peer
	s.slots.limit, s.sending.limit = peer.Calls, peer.Assembly
	s.proceed()
	s.slots.give(0)
	s.sending.give(0)
	return nil
}

// isOurs reports whether the number is one of the calls that we make.
func (s *Session) isOurs(number uint32) bool { return (number%2 == 1) == s.dialled }

// find returns the open call that a frame is for, or nil if it has ended.
func (s *Session) find(h frame.Header) (*call, error) {
	ours := s.isOurs(h.Call)
	calls, last := &s.incoming, int64(s.lastIn)
	if ours {
		calls, last = &s.outgoing, s.lastOut
	}
	if c := calls.get(h.Call); c != nil {
		return c, nil
	}
	if int64(h.Call) > last {
		return nil, frame.Broken("a frame is for a call that was opened; %s is for call %d, the last was %d", h.Kind, h.Call, last)
	}
	return nil, nil
}

func (s *Session) receiveCall(h frame.Header, payload []byte) error {
	if s.isOurs(h.Call) {
		return frame.Broken("who dialled opens odd calls and the other side even ones; this is %d", h.Call)
	}
	if s.leaving && h.Call > s.leaveLast { // the caller knows from our GOAWAY
		s.lastIn = max(s.lastIn, h.Call)
		return nil
	}
	c := s.incoming.get(h.Call)
	switch {
	case c != nil && c.partial.of(frame.Call):
	case h.Call <= s.lastIn:
		return frame.Broken("the numbers of calls rise; %d comes after %d", h.Call, s.lastIn)
	case s.incoming.n >= s.own.Calls:
		return frame.Broken("at most %d calls are open at once", s.own.Calls)
	default:
		c = s.newIncoming()
		c.number = h.Call
		s.incoming.put(c)
		s.lastIn = h.Call
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
	if len(payload) > frame.MaxPayload {
		c.data = payload
		return
	}
	c.data = append(c.data[:0], payload...)
}

// start has a call that has come whole handled, after the batch of frames that it came in.
func (s *Session) start(c *call, flags uint8, payload []byte) error {
	c.keep(payload)
	p, err := frame.ParseCall(flags, c.data)
	if err != nil {
		return err
	}
	c.state = stateRunning
	c.in.Method, c.in.Params, c.in.Metadata = p.Method, p.Params, p.Metadata
	if p.Timeout > 0 {
		c.deadline = s.arrival().Add(p.Timeout)
		c.in.Deadline = c.deadline
		s.clock.watch(c.deadline)
	}
	s.starting = append(s.starting, c)
	return nil
}

// arrival returns when the batch of frames came that is being received: one look at the clock
// for all its calls.
func (s *Session) arrival() time.Time {
	if s.arrived.IsZero() {
		s.arrived = time.Now()
	}
	return s.arrived
}

func (s *Session) receiveReply(h frame.Header, payload []byte) error {
	if !s.isOurs(h.Call) {
		return frame.Broken("a side answers the other's calls; REPLY is for call %d", h.Call)
	}
	c, err := s.find(h)
	if c == nil {
		return err
	}
	if c.partial.of(frame.Item) {
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
		reply, err := frame.ParseReply(flags, c.data)
		if err != nil {
			return err
		}
		c.results, c.refusal = len(reply.Metadata), reply.Err
		c.waited(stateAnswered)
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

func (s *Session) receiveCancel(h frame.Header, payload []byte) error {
	e, err := frame.ParseCancel(payload)
	if err != nil {
		return err
	}
	c, err := s.find(h)
	if c == nil {
		return err
	}
	if c.mine {
		c.items().stopped = true
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
	body := (&CallError{Code: e.Code, Message: frame.Shorten(e.Message)}).Append(nil)
	s.control(append(frame.Header{Size: len(body), Kind: frame.Reply, Flags: frame.FlagError, Call: c.number}.Append(nil), body...))
	s.leave(c)
}

func (s *Session) receiveCredit(h frame.Header, n uint32) error {
	c, err := s.find(h)
	if c == nil {
		return err
	}
	f := c.items()
	f.credit += int64(n)
	if f.credit > math.MaxInt32 {
		return frame.Broken("the credit of a stream is at most %d bytes; with this CREDIT it is %d", math.MaxInt32, f.credit)
	}
	signal(c.wake)
	return nil
}

func (s *Session) receivePing(h frame.Header, payload []byte) {
	if h.Flags&frame.FlagAck == 0 {
		ack := frame.Header{Size: len(payload), Kind: frame.Ping, Flags: frame.FlagAck, Call: 0}.Append(make([]byte, 0, frame.HeaderSize+8))
		s.control(append(ack, payload...))
		return
	}
	s.clock.pong(payload)
}

func (s *Session) receiveGoAway(payload []byte) error {
	last, reason, err := frame.ParseGoAway(payload)
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
		s.gone.happen()
		s.slots.stir()
		if s.drained != nil {
			s.goroutines.Go(func() { s.guard(func() { s.drained(s) }) }) // Close waits
		}
	}
}

// fail ends a call of ours without an answer.
func (s *Session) fail(c *call, why error) {
	if c.state == stateWaiting {
		c.err = why
		c.waited(stateAnswered)
	}
	s.discard(c)
	s.outgoing.remove(c)
	s.slots.give(1)
	if !s.let(c) {
		signal(c.wake)
		signal(c.ready) // last: with it the call is the caller's alone
	}
}
