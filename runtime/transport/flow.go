package transport

import (
	"encoding/binary"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// itemCost is what an item costs of its stream's credit beside its bytes, so that
// empty ones are not free.
const itemCost = 8

// A flow is the streams of a call: the items that we send, and those that we receive.
// The session's lock guards it, but for stream.
type flow struct {
	stream *Stream // nil if the call has none

	// Sending.
	credit  int64 // how many bytes the receiver has room for; an item may take it below zero
	stopped bool  // the receiver takes no more
	closed  bool  // we have sent END

	// Receiving.
	balance int64  // how many bytes the sender may still send
	owed    int64  // bytes received by the user, for which the sender has no CREDIT yet
	ended   bool   // END has come
	deaf    bool   // what comes is dropped
	inbox   []byte // items that have come: uint32 length, bytes
	held    int64  // what they cost
}

// open prepares the streams of a call as it begins.
func (f *flow) open(s *Session) {
	f.credit = int64(s.peer.Window)
	f.balance = int64(s.own.Window)
}

// items returns the streams of a call, from the first frame on that is about them. What comes for
// a call of ours without streams is dropped.
func (c *call) items() *flow {
	if c.flow == nil {
		c.flow = &flow{deaf: c.mine}
		c.flow.open(c.s)
	}
	return c.flow
}

// deafen drops what has come and what will come.
func (f *flow) deafen() {
	f.deaf, f.inbox = true, nil
}

// charge takes an item from the sender's credit as its first frame comes.
func (f *flow) charge(size int) error {
	if f.balance <= 0 {
		return frame.Broken("an item is sent while there is credit; the stream has %d", f.balance)
	}
	f.balance -= int64(size) + itemCost
	return nil
}

// repay gives the sender CREDIT for n bytes, once that is half a window.
func (s *Session) repay(c *call, n int64) {
	f := c.flow
	f.owed += n
	if f.owed < int64(s.own.Window)/2 || f.ended {
		return
	}
	var storage [frame.HeaderSize + 4]byte
	s.control(frame.AppendCredit(storage[:0], c.number, uint32(f.owed)))
	f.balance += f.owed
	f.owed = 0
}

func (s *Session) receiveItem(h frame.Header, part []byte) error {
	c, err := s.find(h)
	if c == nil {
		return err
	}
	f := c.items()
	switch {
	case h.Flags&frame.FlagEnd != 0 && c.mine:
		return frame.Broken("END ends the caller's stream; the callee's ends with REPLY")
	case !c.mine && c.state == stateNew:
		return frame.Broken("ITEM comes after the whole CALL; call %d is not whole", c.number)
	case f.ended:
		return frame.Broken("nothing follows END in a stream; %s came in call %d", h.Kind, c.number)
	case c.partial == nil && h.Flags&frame.FlagEnd == 0:
		size := len(part)
		if h.Flags&frame.FlagMore != 0 && size >= 4 {
			size = int(binary.BigEndian.Uint32(part))
		}
		if err := f.charge(size); err != nil {
			return err
		}
	}
	part, flags, whole, err := s.assemble(c, h, part)
	if err != nil || !whole {
		return err
	}
	s.deliver(c, flags, part)
	return nil
}

// deliver hands an item, or the end, to who receives.
func (s *Session) deliver(c *call, flags uint8, item []byte) {
	f := c.flow
	switch {
	case flags&frame.FlagEnd != 0:
		f.ended = true
	case f.deaf:
		s.repay(c, int64(len(item))+itemCost)
		return
	default:
		f.inbox = binary.BigEndian.AppendUint32(f.inbox, uint32(len(item)))
		f.inbox = append(f.inbox, item...)
		f.held += int64(len(item)) + itemCost
	}
	signal(c.ready)
}
