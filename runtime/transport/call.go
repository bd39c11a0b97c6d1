package transport

import (
	"io"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// A call is one call of either side while it is open. Those without streams are used
// again. The session's lock guards it, but for what is said of its parts.
//
// At the caller:
//
//	          post                REPLY               wait
//	(new) ──────────► waiting ──────────► answered ──────────► (free)
//	                   │    │  line breaks    ▲
//	                   │    └─────────────────┘
//	                   │ gives up, sends CANCEL          REPLY, line breaks
//	                   └──────────────────────► abandoned ──────────► (free)
//
// At the callee:
//
//	      CALL whole              handler returns            REPLY written to out
//	(new) ──────────► running ──────────────────► replying ──────────► (free)
//
// where CANCEL, the deadline and a broken line set canceled and do not change the state.
//
// Many calls move from core to core with each batch of frames, so what every call touches stands
// together, and what few need is apart.
type call struct {
	s         *Session
	next      *call // in a table, or in the session's free list
	number    uint32
	state     callState
	mine      bool          // we are the caller
	streaming bool          // a Stream was made of the call. It is then not used again
	holders   int8          // at the caller: who makes the call, and the table
	ready     chan struct{} // there is something for who receives; capacity 1; nil at a callee without streams
	partial   *assembly     // or nil
	flow      *flow         // nil until there are streams, see items
	data      []byte        // storage of what came: parameters, or the reply without its error
	results   int           // where in data those of an answered call begin, after its metadata
	refusal   *CallError    // of a call that was answered with one
	deadline  time.Time     // or zero

	in Incoming // at the callee

	took     time.Duration // by its handler, on a worker
	waits    bool          // the handler has asked for what may make it wait
	wake     chan struct{} // there is something for who sends; capacity 1; nil until somebody waits
	canceled error         // why: at the caller its own doing, at the callee what its handler learns
	err      error         // of a call that is over without an answer
}

type callState uint8

const (
	stateNew callState = iota
	stateWaiting
	stateAnswered
	stateAbandoned
	stateRunning
	stateReplying
)

// maxFree is how many calls of the peer a session keeps for reuse, and maxKept how many bytes each
// call may keep of its storage.
const (
	maxFree = 1024
	maxKept = 64 << 10
)

// newCall returns a call of ours that is in no table yet. It is called without the lock.
//
// The calls are the session's own, since a channel that was made in a bubble of testing/synctest is of no
// use outside. They come from a pool, so that a caller who has his answer can give his call back
// without the lock.
func (s *Session) newCall() *call {
	if c, ok := s.made.Get().(*call); ok {
		return c
	}
	return &call{s: s, mine: true, ready: make(chan struct{}, 1)}
}

// newIncoming returns a call of the peer that is in no table yet.
func (s *Session) newIncoming() *call {
	c := s.free
	if c == nil {
		c = &call{s: s}
		c.in.c = c
		return c
	}
	s.free, c.next = c.next, nil
	s.freed--
	return c
}

// recycle keeps a call of ours for reuse. Nobody else has it: its channels are empty or are
// emptied.
func (c *call) recycle() {
	if c.streaming {
		return
	}
	c.drain()
	c.reset()
	c.s.made.Put(c)
}

// release is recycle for a call of either side. It is called with the lock held.
func (s *Session) release(c *call) {
	if c.mine {
		c.recycle()
		return
	}
	if c.streaming || s.freed >= maxFree || s.cause != nil {
		return
	}
	c.drain()
	c.reset()
	c.took, c.waits = 0, false
	c.in = Incoming{Results: kept(c.in.Results), c: c}
	c.next, s.free = s.free, c
	s.freed++
}

// drain empties the channels.
func (c *call) drain() {
	for _, ch := range [...]chan struct{}{c.ready, c.wake} {
		select {
		case <-ch:
		default:
		}
	}
}

// reset makes a call as it was when it was new, but for its storage. It has no stream.
func (c *call) reset() {
	c.number, c.state, c.holders = 0, stateNew, 0
	c.deadline = time.Time{}
	c.data, c.results, c.refusal = kept(c.data), 0, nil
	c.partial, c.flow = nil, nil
	c.canceled, c.err = nil, nil
}

// let is called by each of the two who hold an outgoing call when it needs it no more. It reports
// whether it was the last, after which the call is another's.
func (s *Session) let(c *call) (last bool) {
	if c.holders--; c.holders > 0 {
		return false
	}
	s.release(c)
	return true
}

// kept returns storage to be used again, or nil if it is too large to be kept.
func kept(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}

// allows returns why c cannot send a message of kind k, or go on with it, or nil.
func (c *call) allows(k frame.Kind) error {
	switch {
	case c.s.cause != nil:
		return c.s.lineError(c.number == 0)
	case k == frame.Reply:
		return nil
	case c.state == stateReplying:
		return errEnded
	case c.canceled != nil:
		return c.canceled
	case c.state == stateNew && c.s.departed != nil:
		return &LineError{NotRun: true, Cause: c.s.departed}
	case c.state == stateAnswered:
		return io.EOF
	}
	return nil
}
