package dump

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// A session is the frames of one connection, as far as they have come.
type session struct {
	*Page
	calls     map[uint32]call
	assembled map[partKey]*parts // messages of which not all frames have come
	sides     [2]direction       // what the client sent, and the server
}

// A call is one whose CALL has come.
type call struct {
	method     *idl.Method // nil if it is unknown
	fromServer bool        // whether the server called
}

// partKey is what the frames of one message have in common.
type partKey struct {
	call       uint32
	fromServer bool
}

// parts are the frames of a message that have come.
type parts struct {
	header frame.Header // of the first
	whole  int          // bytes of the message, as the first says
	frames int
	data   []byte
}

// A direction is what one side sends.
type direction struct {
	name   string // said before each frame, may be ""
	buffer []byte // what has come and is not shown
	at     int    // offset of the buffer's first byte
	adrift bool   // where the next frame begins is not known
	broken bool   // what comes is no frames any more
}

func (p *Page) newSession() *session {
	return &session{Page: p, calls: map[uint32]call{}, assembled: map[partKey]*parts{}}
}

// Frames shows data as what one side sends on a connection in the session form, from any frame on.
func (p *Page) Frames(data []byte) {
	s := p.newSession()
	s.feed(p.FromCallee, data)
	s.finish()
}

// LooksLikeFrames reports whether data, bytes without a connection, is rather frames than a request or response of the
// classic form.
func LooksLikeFrames(data []byte) bool {
	if bytes.HasPrefix(data, []byte(frame.Preface)) {
		return true
	}
	if len(data) >= 2 && int(binary.BigEndian.Uint16(data))+2 == len(data) { // the length of a classic message counts it all
		return false
	}
	return len(data) >= frame.HeaderSize && frame.ParseHeader(data).Check() == nil
}

// side is the index of a side.
func side(fromServer bool) int {
	if fromServer {
		return 1
	}
	return 0
}

// feed takes the next bytes that one side sent, and shows the frames that are whole.
func (s *session) feed(fromServer bool, data []byte) {
	d := &s.sides[side(fromServer)]
	d.buffer = append(d.buffer, data...)
	if d.at == 0 && !fromServer && !d.adrift && bytes.HasPrefix(d.buffer, []byte(frame.Preface)) {
		s.head("%spreface of the session form", d.name)
		s.row(0, d.buffer[:2], "preface", "")
		d.advance(2)
	}
	for !d.broken && s.drift(d) {
		h, payload, rest, whole := frame.Next(d.buffer)
		if len(d.buffer) >= frame.HeaderSize && h.Check() != nil {
			s.head("%sno frame", d.name)
			s.wrong("offset %d: %v", d.at, h.Check())
			d.broken = true
		}
		if !whole || d.broken {
			break
		}
		s.frame(d, fromServer, h, payload)
		d.advance(len(d.buffer) - len(rest))
	}
	if d.broken {
		s.rest(d.at, d.buffer, "not read")
		d.advance(len(d.buffer))
	}
}

func (d *direction) advance(n int) {
	d.buffer = d.buffer[n:]
	d.at += n
}

// lose is told that n bytes of a side are missing.
func (s *session) lose(fromServer bool, n int) {
	d := &s.sides[side(fromServer)]
	s.cut(d)
	s.head("%s%d bytes are not in the capture", d.name, n)
	d.at += n
	d.adrift, d.broken = true, false
	for key := range s.assembled {
		if key.fromServer == fromServer {
			delete(s.assembled, key)
		}
	}
}

// finish shows what is left of both sides.
func (s *session) finish() {
	for i := range s.sides {
		s.cut(&s.sides[i])
	}
	if n := len(s.assembled); n > 0 {
		s.head("of %d messages the last frames are not there", n)
	}
}

// cut shows the beginning of a frame whose end does not come.
func (s *session) cut(d *direction) {
	switch n := len(d.buffer); {
	case n == 0:
		return
	case d.adrift:
		s.head("%sin the middle of frames", d.name)
	case n < frame.HeaderSize:
		s.head("%sbeginning of a frame", d.name)
		s.wrong("header at offset %d: %d bytes wanted, %s", d.at, frame.HeaderSize, only(n))
	default:
		h := frame.ParseHeader(d.buffer)
		s.head("%sbeginning of a frame", d.name)
		s.header(d.at, h, d.buffer)
		s.wrong("payload at offset %d: %d bytes wanted, %s", d.at+frame.HeaderSize, h.Size, only(n-frame.HeaderSize))
		d.advance(frame.HeaderSize)
	}
	s.rest(d.at, d.buffer, "not read")
	d.advance(len(d.buffer))
}

// farthest is how many bytes are searched for the beginning of a frame, which is never longer.
const farthest = 2 * (frame.HeaderSize + frame.MaxPayload)

// drift goes to where frames begin, if that is to be found out. It reports whether that is known.
func (s *session) drift(d *direction) bool {
	if !d.adrift {
		return true
	}
	at := findFrame(d.buffer)
	if at < 0 {
		d.broken = len(d.buffer) > farthest
		return false
	}
	if at > 0 {
		s.head("%sin the middle of frames", d.name)
		s.rest(d.at, d.buffer[:at], "end of a frame")
		d.advance(at)
	}
	d.adrift = false
	return true
}

// findFrame returns where the first frames begin in b, -1 if there are none: some that follow each other, to the end of b or
// three.
func findFrame(b []byte) int {
	for at := range min(len(b), farthest) {
		rest, found := b[at:], 0
		for found < 3 && len(rest) >= frame.HeaderSize && frame.ParseHeader(rest).Check() == nil {
			_, _, after, whole := frame.Next(rest)
			if !whole {
				break
			}
			rest, found = after, found+1
		}
		if found == 3 || found > 0 && len(rest) == 0 {
			return at
		}
	}
	return -1
}

// frame shows a frame, and the message that it ends.
func (s *session) frame(d *direction, fromServer bool, h frame.Header, payload []byte) {
	text := h.Kind.String()
	if h.Call != 0 {
		text += fmt.Sprintf(" of call %d", h.Call)
	}
	method := s.methodOf(h)
	if key := (partKey{h.Call, fromServer}); h.Kind == frame.Call && s.assembled[key] == nil {
		method = s.called(h, payload)
	}
	s.head("%s%s%s", d.name, text, named(method))
	s.header(d.at, h, d.buffer)
	at := d.at + frame.HeaderSize
	if h.Kind != frame.Call && h.Kind != frame.Reply && h.Kind != frame.Item {
		s.control(h, payload, at)
		return
	}
	key := partKey{h.Call, fromServer}
	if h.Flags&frame.FlagMore == 0 && s.assembled[key] == nil {
		s.payload(fromServer, h, payload, at)
		return
	}
	s.part(key, h, payload, at)
}

// methodOf returns the method of the call that a frame belongs to, nil if it is not known.
func (s *session) methodOf(h frame.Header) *idl.Method {
	if c, ok := s.calls[h.Call]; ok || h.Call == 0 || h.Kind == frame.Call {
		return c.method
	}
	return s.Method
}

// called returns the method that the first frame of a CALL names, nil if it is not known.
func (s *session) called(h frame.Header, payload []byte) *idl.Method {
	if h.Flags&frame.FlagMore != 0 && len(payload) >= 4 {
		payload = payload[4:]
	}
	if len(payload) < 2 {
		return nil
	}
	return s.methods[binary.BigEndian.Uint16(payload)]
}

// header shows the header of the frame that b begins with.
func (s *session) header(at int, h frame.Header, b []byte) {
	s.row(at, b[:2], "length", fmt.Sprint(h.Size))
	s.row(at+2, b[2:3], "kind", h.Kind.String())
	s.row(at+3, b[3:4], "flags", flagNames(h.Flags))
	s.row(at+4, b[4:8], "call", fmt.Sprint(h.Call))
}

// part takes a frame of a message that has several, and shows the message behind the last.
func (s *session) part(key partKey, h frame.Header, payload []byte, at int) {
	a := s.assembled[key]
	if a == nil {
		if len(payload) < 4 {
			s.wrong("size of the message at offset %d: 4 bytes wanted, %s", at, only(len(payload)))
			s.rest(at, payload, "not read")
			return
		}
		a = &parts{header: h, whole: int(binary.BigEndian.Uint32(payload))}
		s.assembled[key] = a
		s.row(at, payload[:4], "size of the message", fmt.Sprint(a.whole))
		at, payload = at+4, payload[4:]
	} else if h.Kind != a.header.Kind {
		s.wrong("offset %d: %s stands between the frames of %s", at, h.Kind, a.header.Kind)
	}
	a.frames++
	a.data = append(a.data, payload...)
	s.rest(at, payload, "part of the message")
	if h.Flags&frame.FlagMore != 0 {
		return
	}
	delete(s.assembled, key)
	s.head("the message of these %d frames, by its own offsets", a.frames)
	if len(a.data) != a.whole {
		s.wrong("the message has %d bytes, its first frame said %d", len(a.data), a.whole)
	}
	s.payload(key.fromServer, a.header, a.data, 0)
}
