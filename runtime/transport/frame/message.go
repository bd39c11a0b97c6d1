package frame

import (
	"encoding/binary"
	"time"
)

// A Message is the payload of a CALL, REPLY or ITEM. It goes in one frame or, if it is longer
// than MaxPayload, in several.
type Message struct {
	Kind     Kind
	Flags    uint8 // but FlagMore
	Metadata []byte
	Body     []byte

	head     [6]byte // of a CALL
	headSize int
}

// NewCall returns the CALL of a method with what is left until its deadline, 0 for none, and the
// encoded metadata and parameters, which are only read.
func NewCall(method uint16, left time.Duration, metadata, params []byte) Message {
	m := Message{Kind: Call, Metadata: metadata, Body: params, headSize: 2}
	binary.BigEndian.PutUint16(m.head[:], method)
	if left > 0 {
		m.Flags, m.headSize = FlagDeadline, 6
		binary.BigEndian.PutUint32(m.head[2:], milliseconds(left))
	}
	if len(metadata) > 0 {
		m.Flags |= FlagMetadata
	}
	return m
}

// Size returns the bytes of the message, without the headers of its frames.
func (m *Message) Size() int { return m.headSize + len(m.Metadata) + len(m.Body) }

// Check returns a *MessageError if m cannot be sent to a peer that accepts messages of limit bytes.
func (m *Message) Check(limit int) error {
	if len(m.Metadata) > MaxMetadata {
		return &MessageError{Size: len(m.Metadata), Limit: MaxMetadata, Metadata: true}
	}
	if size := m.Size(); size > limit {
		return &MessageError{Size: size, Limit: limit}
	}
	return nil
}

// AppendFrame appends m as one frame of a call, which it fits in.
func (m *Message) AppendFrame(b []byte, call uint32) []byte {
	b = Header{m.Size(), m.Kind, m.Flags, call}.Append(b)
	b = append(b, m.head[:m.headSize]...)
	b = append(b, m.Metadata...)
	return append(b, m.Body...)
}

// AppendPart appends the frame that carries m from the byte at on, of one that takes several. It
// returns the byte at which the next begins, Size after the last.
func (m *Message) AppendPart(b []byte, call uint32, at int) ([]byte, int) {
	h := Header{Kind: m.Kind, Call: call}
	prefix, whole := 0, m.Size()
	if at == 0 {
		h.Flags, prefix = m.Flags, 4
	}
	end := min(at+MaxPayload-prefix, whole)
	h.Size = prefix + end - at
	if end < whole {
		h.Flags |= FlagMore
	}
	b = h.Append(b)
	if at == 0 {
		b = binary.BigEndian.AppendUint32(b, uint32(whole))
	}
	return m.append(b, at, end), end
}

// append appends the bytes of m from from to to.
func (m *Message) append(b []byte, from, to int) []byte {
	for _, part := range [...][]byte{m.head[:m.headSize], m.Metadata, m.Body} {
		if from < len(part) && to > 0 {
			b = append(b, part[max(from, 0):min(to, len(part))]...)
		}
		from -= len(part)
		to -= len(part)
	}
	return b
}
