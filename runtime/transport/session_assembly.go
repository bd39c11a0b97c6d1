package transport

import "encoding/binary"

// An assembly is a message of which some frames have come.
type assembly struct {
	kind  kind // 0: there is none
	flags uint8
	whole int // bytes that the message has
	buf   []byte
}

// maxTrust is how many bytes are set aside for a message because its first frame says so.
const maxTrust = 256 << 10

// assemble adds a frame to c's message. Once the message is whole, it returns its payload,
// valid until the next frame or the caller's to keep, and its flags.
func (s *Session) assemble(c *call, h header, part []byte) (payload []byte, flags uint8, whole bool, err error) {
	a, more := &c.partial, h.flags&flagMore != 0
	if a.kind == 0 {
		if more {
			return nil, 0, false, s.assembleFirst(a, h, part)
		}
		return part, h.flags, true, nil
	}
	size := len(a.buf) + len(part)
	switch {
	case a.kind != h.kind:
		return nil, 0, false, broken("a message is whole before the next begins; %s comes within %s of call %d", h.kind, a.kind, h.call)
	case h.flags&^flagMore != 0:
		return nil, 0, false, broken("the flags of a message stand on its first frame; a later one has %#02x", h.flags)
	case more && size >= a.whole, !more && size != a.whole:
		return nil, 0, false, broken("a message is as long as its first frame says; %d bytes have come of %d", size, a.whole)
	}
	a.buf = append(a.buf, part...)
	if more {
		return nil, 0, false, nil
	}
	payload, flags = a.buf, a.flags
	s.discard(c)
	return payload, flags, true, nil
}

func (s *Session) assembleFirst(a *assembly, h header, part []byte) error {
	if len(part) < 4 {
		return broken("the first frame of several begins with the length of the whole")
	}
	whole := int(binary.BigEndian.Uint32(part))
	part = part[4:]
	switch {
	case whole > s.own.message:
		return broken("a message is at most %d bytes; this is %d", s.own.message, whole)
	case len(part) >= whole:
		return broken("a message is as long as its first frame says; %d bytes have come of %d, and more is to come", len(part), whole)
	case s.assembling+whole > s.own.assembly:
		return broken("messages in assembly are at most %d bytes together; with this one %d", s.own.assembly, s.assembling+whole)
	}
	s.assembling += whole
	*a = assembly{h.kind, h.flags &^ flagMore, whole, make([]byte, 0, min(whole, maxTrust))}
	a.buf = append(a.buf, part...)
	return nil
}

// discard ends c's assembly, if there is one.
func (s *Session) discard(c *call) {
	s.assembling -= c.partial.whole
	c.partial = assembly{}
}
