package transport

import (
	"encoding/binary"
	"time"
)

// How a connection begins: the dialling side sends preface and HELLO, the other HELLO.
const (
	preface = "\x00\x00"
	magic   = "PRLY"
	version = 1 // the highest that we speak; the lower of both sides' wins
)

// Keys of the settings in HELLO. Each says what its sender accepts.
const (
	settingMessage   uint16 = 1 // bytes of the largest message
	settingWindow    uint16 = 2 // bytes of the window of each stream
	settingCalls     uint16 = 3 // calls that the other side may have open at once
	settingAssembly  uint16 = 4 // bytes of messages in assembly together
	settingKeepalive uint16 = 5 // ms of silence after which it sends PING; 0 is never
)

// Floors: what every peer accepts, and what holds until its HELLO has come.
const (
	floorMessage = 1 << 20
	floorWindow  = 64 << 10
	floorCalls   = 64
)

// limits are what one side accepts from the other.
type limits struct {
	message   int
	window    int
	calls     int
	assembly  int
	keepalive time.Duration
}

var floors = limits{message: floorMessage, window: floorWindow, calls: floorCalls, assembly: floorMessage}

// appendHello appends a whole frame.
func appendHello(b []byte, l limits) []byte {
	settings := [...]struct {
		key   uint16
		value int
	}{
		{settingMessage, l.message},
		{settingWindow, l.window},
		{settingCalls, l.calls},
		{settingAssembly, l.assembly},
		{settingKeepalive, int(l.keepalive / time.Millisecond)},
	}
	b = header{len(magic) + 1 + 6*len(settings), kindHello, 0, 0}.append(b)
	b = append(append(b, magic...), version)
	for _, s := range settings {
		b = binary.BigEndian.AppendUint16(b, s.key)
		b = binary.BigEndian.AppendUint32(b, uint32(s.value))
	}
	return b
}

// parseHello returns the peer's limits; what it does not set is at its floor.
func parseHello(b []byte) (limits, error) {
	l := floors
	if len(b) < len(magic)+1 || string(b[:len(magic)]) != magic {
		return l, broken("HELLO begins with %q and a version", magic)
	}
	if b[len(magic)] == 0 {
		return l, broken("versions begin at 1; this HELLO has 0")
	}
	b = b[len(magic)+1:]
	if len(b)%6 != 0 {
		return l, broken("a setting in HELLO is 6 bytes")
	}
	for ; len(b) > 0; b = b[6:] {
		if err := l.set(binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:])); err != nil {
			return l, err
		}
	}
	l.assembly = max(l.assembly, l.message)
	return l, nil
}

// maxSetting keeps sums of sizes far from overflow.
const maxSetting = 1 << 30

func (l *limits) set(key uint16, value uint32) error {
	v := int(min(value, maxSetting))
	field, floor := (*int)(nil), 0
	switch key {
	case settingMessage:
		field, floor = &l.message, floorMessage
	case settingWindow:
		field, floor = &l.window, floorWindow
	case settingCalls:
		field, floor = &l.calls, floorCalls
	case settingAssembly:
		field, floor = &l.assembly, floorMessage
	case settingKeepalive:
		l.keepalive = time.Duration(value) * time.Millisecond
		return nil
	default:
		return nil // unknown ones are for later versions
	}
	if v < floor {
		return broken("setting %d is at least %d; this HELLO has %d", key, floor, v)
	}
	*field = v
	return nil
}
