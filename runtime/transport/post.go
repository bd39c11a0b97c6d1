package transport

import (
	"context"
	"io"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// fit checks m against what the peer accepts. If m may be too large only because the
// peer's HELLO has not come yet, it waits for that.
func (s *Session) fit(ctx context.Context, c *call, m *frame.Message) error {
	if !s.greeted && m.Size() > s.peer.Message && len(m.Metadata) <= frame.MaxMetadata {
		s.early = append(s.early, c)
		if err := s.wait(ctx, c, m.Kind, func() bool { return s.greeted }); err != nil {
			return err
		}
	}
	return m.Check(s.peer.Message)
}

// proceed wakes those who wait for HELLO.
func (s *Session) proceed() {
	for _, c := range s.early {
		signal(c.wake)
	}
	s.early = nil
}

// post puts the frames of m into out, waiting for room as ctx and c allow. It is called
// and returns with the lock held, which it gives up while it waits: frames of other calls
// come between those of a long message. After an error no other frame of m is sent.
func (s *Session) post(ctx context.Context, c *call, m *frame.Message) error {
	size := m.Size()
	if size > frame.MaxPayload {
		return s.postLong(ctx, c, m, size)
	}
	if err := s.acquire(ctx, c, m.Kind, &s.room, frame.HeaderSize+size); err != nil {
		return err
	}
	if err := s.admit(c, m); err != nil {
		s.room.give(frame.HeaderSize + size)
		return err
	}
	s.out = m.AppendFrame(s.writable(), c.number)
	return nil
}

// admit says whether the first frame of m can go out now.
func (s *Session) admit(c *call, m *frame.Message) error {
	if m.Kind == frame.Call {
		return s.enter(c)
	}
	if m.Kind == frame.Item && c.flow.stopped {
		return io.EOF
	}
	return c.allows(m.Kind)
}

func (s *Session) postLong(ctx context.Context, c *call, m *frame.Message, size int) error {
	if err := s.acquire(ctx, c, m.Kind, &s.sending, size); err != nil {
		return err
	}
	defer s.sending.give(size)
	for at := 0; at < size; {
		most := frame.HeaderSize + frame.MaxPayload
		if err := s.acquire(ctx, c, m.Kind, &s.room, most); err != nil {
			return err
		}
		err := c.allows(m.Kind)
		if at == 0 {
			err = s.admit(c, m)
		}
		if err != nil {
			s.room.give(most)
			return err
		}
		before := len(s.writable())
		s.out, at = m.AppendPart(s.out, c.number, at)
		s.room.give(most - (len(s.out) - before))
	}
	return nil
}
