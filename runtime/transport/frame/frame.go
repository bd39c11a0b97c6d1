// Package frame is the bytes of the session form: frames, and what their payloads say. It
// follows the specification in the documentation of package transport, and keeps no
// state: rules that span frames are that package's. What comes is checked, and what breaks a rule gives
// a [*RuleError]; parts that a parser returns lie in the storage that it was given.
package frame

import (
	"encoding/binary"
	"fmt"
)

// Sizes of a frame, in bytes. It is a header and its payload; the header:
//
//	uint16 length   // bytes of the payload
//	uint8 kind
//	uint8 flags
//	uint32 call     // the call's number; 0 for the connection itself
const (
	HeaderSize = 8
	MaxPayload = 0xFFFF // of a longer message goes the rest in further frames
)

// A Kind is what a frame is for. The layouts are those of the payload.
type Kind uint8

// The kinds.
const (
	Hello  Kind = 1 // "PRLY", uint8 version, then for each setting uint16 key, uint32 value
	Call   Kind = 2 // uint16 method, [uint32 ms if DEADLINE], [metadata if METADATA], parameters
	Reply  Kind = 3 // [metadata if METADATA], results; if ERROR: uint16 code, string message, string name, body
	Item   Kind = 4 // one element; if END: nothing
	Cancel Kind = 5 // uint16 code, string message
	Credit Kind = 6 // uint32 bytes
	Ping   Kind = 7 // 8 bytes, given back in the answer, which has ACK
	GoAway Kind = 8 // uint32 last call, string reason
)

// Flags of a frame. MORE is the frame's own; the others are the message's, and stand
// on its first frame alone.
const (
	FlagMore     uint8 = 0x01 // the message goes on in the next frame of this call and direction
	FlagEnd      uint8 = 0x02 // ITEM: the caller's stream ends
	FlagError    uint8 = 0x04 // REPLY: an error
	FlagDeadline uint8 = 0x08 // CALL: has a deadline
	FlagMetadata uint8 = 0x10 // CALL, REPLY: has metadata
	FlagAck      uint8 = 0x20 // PING: the answer to one
)

// kinds says of each kind its name, the flags it may have, the size of its payload if
// that is always the same, and whether it belongs to a call.
var kinds = [...]struct {
	name   string
	flags  uint8
	size   int
	ofCall bool
}{
	Hello:  {"HELLO", 0, 0, false},
	Call:   {"CALL", FlagMore | FlagDeadline | FlagMetadata, 0, true},
	Reply:  {"REPLY", FlagMore | FlagError | FlagMetadata, 0, true},
	Item:   {"ITEM", FlagMore | FlagEnd, 0, true},
	Cancel: {"CANCEL", 0, 0, true},
	Credit: {"CREDIT", 0, 4, true},
	Ping:   {"PING", FlagAck, 8, false},
	GoAway: {"GOAWAY", 0, 0, false},
}

func (k Kind) known() bool { return k >= Hello && int(k) < len(kinds) }

// String returns the kind's name as the specification writes it.
func (k Kind) String() string {
	if !k.known() {
		return fmt.Sprintf("kind %d", uint8(k))
	}
	return kinds[k].name
}

// A Header is what precedes the payload of a frame.
type Header struct {
	Size  int // bytes of the payload
	Kind  Kind
	Flags uint8
	Call  uint32
}

// Append appends the header.
func (h Header) Append(b []byte) []byte {
	b = binary.BigEndian.AppendUint16(b, uint16(h.Size))
	b = append(b, byte(h.Kind), h.Flags)
	return binary.BigEndian.AppendUint32(b, h.Call)
}

// ParseHeader reads the header at the start of b, which has at least HeaderSize bytes.
func ParseHeader(b []byte) Header {
	return Header{
		Size:  int(binary.BigEndian.Uint16(b)),
		Kind:  Kind(b[2]),
		Flags: b[3],
		Call:  binary.BigEndian.Uint32(b[4:]),
	}
}

// Check returns a *RuleError for the rule that the header breaks by itself, whatever came before it.
func (h Header) Check() error {
	if !h.Kind.known() {
		return Broken("a frame is of kind 1 to 8; this is of kind %d", uint8(h.Kind))
	}
	k := &kinds[h.Kind]
	switch {
	case h.Flags&^k.flags != 0:
		return Broken("%s has no flags %#02x", h.Kind, h.Flags&^k.flags)
	case k.ofCall && h.Call == 0:
		return Broken("%s belongs to a call; this is of call 0", h.Kind)
	case !k.ofCall && h.Call != 0:
		return Broken("%s belongs to call 0; this is of call %d", h.Kind, h.Call)
	case k.size > 0 && h.Size != k.size:
		return Broken("the payload of %s is %d bytes; this is %d", h.Kind, k.size, h.Size)
	case h.Flags&FlagMore != 0 && h.Size == 0:
		return Broken("a frame with MORE has a payload; this %s is empty", h.Kind)
	case h.Flags&FlagEnd != 0 && (h.Size != 0 || h.Flags != FlagEnd):
		return Broken("ITEM with END has no payload and no other flag")
	}
	return nil
}

// Next splits the first frame from b. It reports false if b does not hold it whole.
func Next(b []byte) (h Header, payload, rest []byte, whole bool) {
	if len(b) < HeaderSize {
		return Header{}, nil, b, false
	}
	h = ParseHeader(b)
	end := HeaderSize + h.Size
	if len(b) < end {
		return h, nil, b, false
	}
	return h, b[HeaderSize:end], b[end:], true
}
