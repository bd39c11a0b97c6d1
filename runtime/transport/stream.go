package transport

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"sync/atomic"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// A Stream is the items of one call in both directions: at the caller it is what [Session.Open]
// returned, at the callee what [Incoming.Stream] does.
//
// Send and CloseSend belong to one goroutine, Receive and Reply to another; Cancel may be
// called by any and at any time. At the callee nothing of it is used once the handler
// has returned.
type Stream struct {
	c    *call
	stop func() bool // takes back what watches the context, at the caller
	over atomic.Bool // Cancel was called

	// The receiving goroutine's.
	batch    []byte // items taken from the inbox and not yet received
	store    []byte // the storage that batch lies in
	consumed int64  // what they cost that were received, not yet given back
	left     int64  // what those cost that are in batch
}

var (
	errSendClosed = errors.New("an item was sent after the end of its stream")
	errEnded      = errors.New("the call has ended")
)

// Open makes a call and returns once it is on its way, with its streams. It waits and
// fails as [Session.Call] does before an answer. The call ends when ctx does. Reply or Cancel
// must be called in the end.
func (s *Session) Open(ctx context.Context, request *Request) (*Stream, error) {
	left, err := request.left(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	c := s.newCall()
	c.makeStream()
	if err := s.open(ctx, c, request, left); err != nil {
		s.flush()
		return nil, err
	}
	st := c.flow.stream
	s.listen()
	s.flush()
	st.stop = func() bool { return true }
	if ctx.Done() != nil {
		st.stop = context.AfterFunc(ctx, func() { st.giveUp(ctx.Err()) })
	}
	return st, nil
}

// makeStream makes the call one with streams.
func (c *call) makeStream() {
	if c.streaming {
		return
	}
	c.streaming = true
	f := c.items()
	f.stream, f.deaf = &Stream{c: c}, false
	if c.ready == nil {
		c.ready = make(chan struct{}, 1)
	}
}

// Send sends an item, and waits while the receiver has no room for more. The item may
// be used again when Send returns. It returns io.EOF if the peer takes no more, because
// it has answered or has asked to stop; a *MessageError if the item is too large, after which others
// can be sent; else why the call is over.
func (st *Stream) Send(item []byte) error {
	c, m := st.c, frame.Message{Kind: frame.Item, Body: item}
	s, f := c.s, c.flow
	s.mu.Lock()
	err := s.fit(context.Background(), c, &m)
	if err == nil && f.closed {
		err = errSendClosed
	}
	if err == nil {
		err = s.wait(context.Background(), c, frame.Item, func() bool { return f.credit > 0 || f.stopped })
	}
	if err == nil && f.stopped {
		err = io.EOF
	}
	if err == nil {
		f.credit -= int64(len(item)) + itemCost
		err = s.post(context.Background(), c, &m)
	}
	s.flush()
	return err
}

// CloseSend says that no item follows, at the caller; at the callee the answer says so.
// It returns what Send would.
func (st *Stream) CloseSend() error {
	c := st.c
	s := c.s
	s.mu.Lock()
	var err error
	if c.mine && !c.flow.closed {
		err = s.post(context.Background(), c, &frame.Message{Kind: frame.Item, Flags: frame.FlagEnd})
		c.flow.closed = true
	}
	s.flush()
	return err
}

// Receive waits for the next item, which is valid until the next Receive. It returns
// io.EOF after the last, and at the caller the call's error if it failed.
func (st *Stream) Receive() ([]byte, error) {
	if len(st.batch) == 0 || st.over.Load() {
		if err := st.refill(); err != nil {
			return nil, err
		}
	}
	end := 4 + int(binary.BigEndian.Uint32(st.batch))
	item := st.batch[4:end:end]
	st.batch = st.batch[end:]
	cost := int64(len(item)) + itemCost
	st.left -= cost
	st.consumed += cost
	if s := st.c.s; st.consumed >= int64(s.own.Window)/2 {
		s.mu.Lock()
		st.settle()
		s.flush()
	}
	return item, nil
}

// settle gives the sender credit for what was consumed.
func (st *Stream) settle() {
	st.c.s.repay(st.c, st.consumed)
	st.consumed = 0
}

// refill takes what is in the inbox, and waits until there is something.
func (st *Stream) refill() error {
	c := st.c
	s, f := c.s, c.flow
	for {
		s.mu.Lock()
		st.settle()
		if len(f.inbox) > 0 && !f.deaf && c.canceled == nil {
			st.batch, f.inbox = f.inbox, st.storage()
			st.store = st.batch
			st.left, f.held = f.held, 0
			s.flush()
			return nil
		}
		err := st.end()
		s.flush()
		if err != nil {
			return err
		}
		<-c.ready
	}
}

// storage returns what the last batch lay in, unless a large item made it much larger than
// a window.
func (st *Stream) storage() []byte {
	if cap(st.store) > 2*st.c.s.own.Window {
		return nil
	}
	return st.store[:0]
}

// end returns why no item will come, or nil.
func (st *Stream) end() error {
	c := st.c
	switch {
	case c.canceled != nil:
		return c.canceled
	case c.state == stateAnswered && c.err != nil:
		return c.err
	case c.state == stateAnswered && c.refusal != nil:
		return c.refusal
	case c.state == stateAnswered, c.flow.ended, c.flow.deaf:
		return io.EOF
	case c.state == stateReplying:
		return errEnded
	}
	return nil
}

// Reply, at the caller, waits for the answer, as [Session.Call] does. The items that were not
// received are dropped.
func (st *Stream) Reply(response *Response) error {
	c := st.c
	s, f := c.s, c.flow
	s.mu.Lock()
	s.repay(c, st.consumed+st.left+f.held)
	st.batch, st.consumed, st.left, f.held = nil, 0, 0, 0
	f.deafen()
	for c.state == stateWaiting {
		s.flush()
		<-c.ready
		s.mu.Lock()
	}
	s.flush()
	st.stop()
	return c.take(response)
}

// Cancel, at the caller, gives the call up for a reason that the peer learns. At the
// callee it asks the caller to send no more items, and the call goes on. Send
// and Receive that wait return. After the end, and the second time, it does nothing.
func (st *Stream) Cancel(why *CallError) {
	if st.c.mine {
		st.stop()
		st.giveUp(why)
		return
	}
	s, f := st.c.s, st.c.flow
	s.mu.Lock()
	if !f.deaf && !f.ended && st.c.state == stateRunning && st.c.canceled == nil {
		s.control(frame.AppendCancel(nil, st.c.number, why.Code, why.Message))
	}
	st.over.Store(true)
	f.deafen()
	signal(st.c.ready)
	s.flush()
}

// giveUp abandons the caller's call. Of one that is over already, also because the connection broke, the items that
// have come are still to be received, all of them: so over is not set then.
func (st *Stream) giveUp(why error) {
	s := st.c.s
	s.mu.Lock()
	if s.abandon(st.c, why) {
		st.over.Store(true)
	}
	s.flush()
}
