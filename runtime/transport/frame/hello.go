package frame

import (
	"encoding/binary"
	"time"
)

// How a connection begins: the side that dialled sends Preface and HELLO, the other HELLO.
const (
	Preface = "\x00\x00"
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

// The least that every peer accepts.
const (
	LeastMessage = 1 << 20
	LeastWindow  = 64 << 10
	LeastCalls   = 64
)

// Limits are what one side accepts from the other.
type Limits struct {
	Message   int           // bytes of the largest message
	Window    int           // bytes of the window of each stream
	Calls     int           // calls that the other side may have open at once
	Assembly  int           // bytes of messages in assembly together
	Keepalive time.Duration // of silence after which a PING is sent; 0 is never
}

// Floors are what holds until a HELLO has come.
var Floors = Limits{Message: LeastMessage, Window: LeastWindow, Calls: LeastCalls, Assembly: LeastMessage}

// AppendHello appends the whole frame HELLO.
func AppendHello(b []byte, l Limits) []byte {
	settings := [...]struct {
		key   uint16
		value int
	}{
		{settingMessage, l.Message},
		{settingWindow, l.Window},
		{settingCalls, l.Calls},
		{settingAssembly, l.Assembly},
		{settingKeepalive, int(l.Keepalive / time.Millisecond)},
	}
	b = Header{len(magic) + 1 + 6*len(settings), Hello, 0, 0}.Append(b)
	b = append(append(b, magic...), version)
	for _, s := range settings {
		b = binary.BigEndian.AppendUint16(b, s.key)
		b = binary.BigEndian.AppendUint32(b, uint32(s.value))
	}
	return b
}

// ParseHello returns the peer's limits; what it does not set is at its floor.
func ParseHello(b []byte) (Limits, error) {
	l := Floors
	if len(b) < len(magic)+1 || string(b[:len(magic)]) != magic {
		return l, Broken("HELLO begins with %q and a version", magic)
	}
	if b[len(magic)] == 0 {
		return l, Broken("versions begin at 1; this HELLO has 0")
	}
	b = b[len(magic)+1:]
	if len(b)%6 != 0 {
		return l, Broken("a setting in HELLO is 6 bytes")
	}
	for ; len(b) > 0; b = b[6:] {
		if err := l.set(binary.BigEndian.Uint16(b), binary.BigEndian.Uint32(b[2:])); err != nil {
			return l, err
		}
	}
	l.Assembly = max(l.Assembly, l.Message)
	return l, nil
}

// MostSetting keeps sums of sizes far from overflow.
const MostSetting = 1 << 30

func (l *Limits) set(key uint16, value uint32) error {
	v := int(min(value, MostSetting))
	field, floor := (*int)(nil), 0
	switch key {
	case settingMessage:
		field, floor = &l.Message, LeastMessage
	case settingWindow:
		field, floor = &l.Window, LeastWindow
	case settingCalls:
		field, floor = &l.Calls, LeastCalls
	case settingAssembly:
		field, floor = &l.Assembly, LeastMessage
	case settingKeepalive:
		l.Keepalive = time.Duration(value) * time.Millisecond
		return nil
	default:
		return nil // unknown ones are for later versions
	}
	if v < floor {
		return Broken("setting %d is at least %d; this HELLO has %d", key, floor, v)
	}
	*field = v
	return nil
}
