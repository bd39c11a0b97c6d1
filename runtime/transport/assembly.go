package transport

import (
	"encoding/binary"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// An assembly is a message of which some frames have come.
type assembly struct {
	kind  frame.Kind
	flags uint8
	whole int // bytes that the message has
	buf   []byte
}

// of reports whether a is a message of that kind; nil is none.
func (a *assembly) of(kind frame.Kind) bool { return a != nil && a.kind == kind }

// maxTrust is how many bytes are set aside for a message because its first frame says so.
const maxTrust = 256 << 10

// assemble adds a frame to c's message. Once the message is whole, it returns its payload,
// valid until the next frame or the caller's to keep, and its flags.
func (s *Session) assemble(c *call, h frame.Header, part []byte) (payload []byte, flags uint8, whole bool, err error) {
	a, more := c.partial, h.Flags&frame.FlagMore != 0
	if a == nil {
		if more {
			return nil, 0, false, s.assembleFirst(c, h, part)
		}
		return part, h.Flags, true, nil
	}
	size := len(a.buf) + len(part)
	switch {
	case a.kind != h.Kind:
		return nil, 0, false, frame.Broken("a message is whole before the next begins; %s comes within %s of call %d", h.Kind, a.kind, h.Call)
	case h.Flags&^frame.FlagMore != 0:
		return nil, 0, false, frame.Broken("the flags of a message stand on its first frame; a later one has %#02x", h.Flags)
	case more && size >= a.whole, !more && size != a.whole:
		return nil, 0, false, frame.Broken("a message is as long as its first frame says; %d bytes have come of %d", size, a.whole)
	}
	a.buf = append(a.buf, part...)
	if more {
		return nil, 0, false, nil
	}
	payload, flags = a.buf, a.flags
	s.discard(c)
	return payload, flags, true, nil
}

func (s *Session) assembleFirst(c *call, h frame.Header, part []byte) error {
	if len(part) < 4 {
		return frame.Broken("the first frame of several begins with the length of the whole")
	}
	whole := int(binary.BigEndian.Uint32(part))
	part = part[4:]
	switch {
	case whole > s.own.Message:
		return frame.Broken("a message is at most %d bytes; this is %d", s.own.Message, whole)
	case len(part) >= whole:
		return frame.Broken("a message is as long as its first frame says; %d bytes have come of %d, and more is to come", len(part), whole)
	case s.assembling+whole > s.own.Assembly:
		return frame.Broken("messages in assembly are at most %d bytes together; with this one %d", s.own.Assembly, s.assembling+whole)
	}
	s.assembling += whole
	buf := make([]byte, 0, min(whole, maxTrust))
	c.partial = &assembly{h.Kind, h.Flags &^ frame.FlagMore, whole, append(buf, part...)}
	return nil
}

// discard ends c's assembly, if there is one.
func (s *Session) discard(c *call) {
	if c.partial != nil {
		s.assembling -= c.partial.whole
		c.partial = nil
	}
}
