package transport

import (
	"encoding/binary"
	"fmt"
)

// A frame is a header and its payload. The header:
//
//	uint16 length   // bytes of the payload
//	uint8 kind
//	uint8 flags
//	uint32 call     // the call's number; 0 for the connection itself
const (
	headerSize = 8
	maxPayload = 0xFFFF
)

// A kind is what a frame is for. The layouts are those of the payload.
type kind uint8

const (
	kindHello  kind = 1 // "PRLY", uint8 version, then for each setting uint16 key, uint32 value
	kindCall   kind = 2 // uint16 method, [uint32 ms if DEADLINE], [metadata if METADATA], parameters
	kindReply  kind = 3 // [metadata if METADATA], results; if ERROR: uint16 code, string message, string name, body
	kindItem   kind = 4 // one element; if END: nothing
	kindCancel kind = 5 // uint16 code, string message
	kindCredit kind = 6 // uint32 bytes
	kindPing   kind = 7 // 8 bytes, given back in the answer, which has ACK
	kindGoAway kind = 8 // uint32 last call, string reason
)

// Flags of a frame. MORE is the frame's own; the others are the message's, and stand
// on its first frame alone.
const (
	flagMore     uint8 = 0x01 // the message goes on in the next frame of this call and direction
	flagEnd      uint8 = 0x02 // ITEM: the caller's stream ends
	flagError    uint8 = 0x04 // REPLY: an error
	flagDeadline uint8 = 0x08 // CALL: has a deadline
	flagMetadata uint8 = 0x10 // CALL, REPLY: has metadata
	flagAck      uint8 = 0x20 // PING: the answer to one
)

// kinds says of each kind its name, the flags it may have, the size of its payload if
// that is always the same, and whether it belongs to a call.
var kinds = [...]struct {
	name   string
	flags  uint8
	size   int
	ofCall bool
}{
	kindHello:  {"HELLO", 0, 0, false},
	kindCall:   {"CALL", flagMore | flagDeadline | flagMetadata, 0, true},
	kindReply:  {"REPLY", flagMore | flagError | flagMetadata, 0, true},
	kindItem:   {"ITEM", flagMore | flagEnd, 0, true},
	kindCancel: {"CANCEL", 0, 0, true},
	kindCredit: {"CREDIT", 0, 4, true},
	kindPing:   {"PING", flagAck, 8, false},
	kindGoAway: {"GOAWAY", 0, 0, false},
}

func (k kind) known() bool { return k >= kindHello && int(k) < len(kinds) }

// String returns the kind's name as the specification writes it.
func (k kind) String() string {
	if !k.known() {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kinds[k].name
}

// A header is what precedes the payload of a frame.
type header struct {
	size  int
	kind  kind
	flags uint8
	call  uint32
}

func (h header) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(h.size))
	b = append(b, byte(h.kind), h.flags)
	return binary.BigEndian.AppendUint32(b, h.call)
}

// parseHeader reads the header at the start of b, which has at least headerSize bytes.
func parseHeader(b []byte) header {
	return header{
		size:  int(binary.BigEndian.Uint16(b)),
		kind:  kind(b[2]),
		flags: b[3],
		call:  binary.BigEndian.Uint32(b[4:]),
	}
}

// check returns the rule that the header breaks by itself, whatever came before it.
func (h header) check() error {
	if !h.kind.known() {
		return broken("a frame is of kind 1 to 8; this is of kind %d", uint8(h.kind))
	}
	k := &kinds[h.kind]
	switch {
	case h.flags&^k.flags != 0:
		return broken("%s has no flags %#02x", h.kind, h.flags&^k.flags)
	case k.ofCall && h.call == 0:
		return broken("%s belongs to a call; this is of call 0", h.kind)
	case !k.ofCall && h.call != 0:
		return broken("%s belongs to call 0; this is of call %d", h.kind, h.call)
	case k.size > 0 && h.size != k.size:
		return broken("the payload of %s is %d bytes; this is %d", h.kind, k.size, h.size)
	case h.flags&flagMore != 0 && h.size == 0:
		return broken("a frame with MORE has a payload; this %s is empty", h.kind)
	case h.flags&flagEnd != 0 && (h.size != 0 || h.flags != flagEnd):
		return broken("ITEM with END has no payload and no other flag")
	}
	return nil
}

// nextFrame splits the first frame from b. It reports false if b does not hold it whole.
func nextFrame(b []byte) (h header, payload, rest []byte, whole bool) {
	if len(b) < headerSize {
		return header{}, nil, b, false
	}
	h = parseHeader(b)
	end := headerSize + h.size
	if len(b) < end {
		return h, nil, b, false
	}
	return h, b[headerSize:end], b[end:], true
}
