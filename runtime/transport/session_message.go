package transport

import (
	"context"
	"encoding/binary"
	"io"
	"time"
)

// A message is what goes in one frame or, if it is longer, in several: the payload of
// a CALL, REPLY or ITEM, in up to three parts.
type message struct {
	kind     kind
	flags    uint8
	head     [6]byte
	headSize int
	metadata []byte
	body     []byte
}

// callMessage returns the CALL of a request.
func callMessage(r *Request) message {
	m := message{kind: kindCall, headSize: 2, metadata: r.Metadata, body: r.Params}
	binary.BigEndian.PutUint16(m.head[:], r.Method)
	if !r.Deadline.IsZero() {
		m.flags, m.headSize = flagDeadline, 6
		binary.BigEndian.PutUint32(m.head[2:], milliseconds(time.Until(r.Deadline)))
	}
	if len(m.metadata) > 0 {
		m.flags |= flagMetadata
	}
	return m
}

func (m *message) size() int { return m.headSize + len(m.metadata) + len(m.body) }

// check returns why m cannot be sent to a peer that accepts messages of limit bytes.
func (m *message) check(limit int) error {
	if len(m.metadata) > MaxMetadata {
		return &MessageError{Size: len(m.metadata), Limit: MaxMetadata, Metadata: true}
	}
	if size := m.size(); size > limit {
		return &MessageError{Size: size, Limit: limit}
	}
	return nil
}

// fit checks m against what the peer accepts. If m may be too large only because the
// peer's HELLO has not come yet, it waits for that.
func (s *Session) fit(ctx context.Context, c *call, m *message) error {
	if !s.greeted && m.size() > s.peer.message && len(m.metadata) <= MaxMetadata {
		s.early = append(s.early, c)
		if err := s.wait(ctx, c, m.kind, func() bool { return s.greeted }); err != nil {
			return err
		}
	}
	return m.check(s.peer.message)
}

// proceed wakes those who wait for HELLO.
func (s *Session) proceed() {
	for _, c := range s.early {
		signal(c.wake)
	}
	s.early = nil
}

// append appends the bytes of m from from to to.
func (m *message) append(b []byte, from, to int) []byte {
	for _, part := range [...][]byte{m.head[:m.headSize], m.metadata, m.body} {
		if from < len(part) && to > 0 {
			b = append(b, part[max(from, 0):min(to, len(part))]...)
		}
		from -= len(part)
		to -= len(part)
	}
	return b
}

// appendFrame appends m as one frame, which it fits in.
func (m *message) appendFrame(b []byte, call uint32) []byte {
	b = header{m.size(), m.kind, m.flags, call}.append(b)
	b = append(b, m.head[:m.headSize]...)
	b = append(b, m.metadata...)
	return append(b, m.body...)
}

// appendPart appends the frame that carries m from the byte at on, and says which byte comes next.
func (m *message) appendPart(b []byte, call uint32, at int) ([]byte, int) {
	h := header{kind: m.kind, call: call}
	prefix, whole := 0, m.size()
	if at == 0 {
		h.flags, prefix = m.flags, 4
	}
	end := min(at+maxPayload-prefix, whole)
	h.size = prefix + end - at
	if end < whole {
		h.flags |= flagMore
	}
	b = h.append(b)
	if at == 0 {
		b = binary.BigEndian.AppendUint32(b, uint32(whole))
	}
	return m.append(b, at, end), end
}

// post puts the frames of m into out, waiting for room as ctx and c allow. It is called
// and returns with the lock held, which it gives up while it waits: frames of other calls
// come between those of a long message. After an error no other frame of m is sent.
func (s *Session) post(ctx context.Context, c *call, m *message) error {
	size := m.size()
	if size > maxPayload {
		return s.postLong(ctx, c, m, size)
	}
	if err := s.acquire(ctx, c, m.kind, &s.room, headerSize+size); err != nil {
		return err
	}
	if err := s.admit(c, m); err != nil {
		s.room.give(headerSize + size)
		return err
	}
	s.out = m.appendFrame(s.writable(), c.number)
	return nil
}

// admit says whether the first frame of m can go out now.
func (s *Session) admit(c *call, m *message) error {
	if m.kind == kindCall {
		return s.enter(c)
	}
	if m.kind == kindItem && c.flow.stopped {
		return io.EOF
	}
	return c.allows(m.kind)
}

func (s *Session) postLong(ctx context.Context, c *call, m *message, size int) error {
	if err := s.acquire(ctx, c, m.kind, &s.sending, size); err != nil {
		return err
	}
	defer s.sending.give(size)
	for at := 0; at < size; {
		frame := headerSize + maxPayload
		if err := s.acquire(ctx, c, m.kind, &s.room, frame); err != nil {
			return err
		}
		err := c.allows(m.kind)
		if at == 0 {
			err = s.admit(c, m)
		}
		if err != nil {
			s.room.give(frame)
			return err
		}
		before := len(s.writable())
		s.out, at = m.appendPart(s.out, c.number, at)
		s.room.give(frame - (len(s.out) - before))
	}
	return nil
}
