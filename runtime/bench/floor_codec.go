package main

import (
	"errors"
	"slices"

	"github.com/parley-rpc/parley/runtime/bench/sample"
)

// The functions of this file are the floor of the codec: what a careful person
// writes by hand for one message type. They check all that the format asks for, or they
// would be no floor for bytes that come from anybody: each length and count against what
// remains of the innermost body, the budget before each allocation, bools, presence,
// nanoseconds, the order of a map's keys. Writers have the long form of each length and
// count, and one NaN. What they spare themselves: errors say neither where nor why, and
// the depth is not counted, as the types contain themselves nowhere.

var errFloor = errors.New("malformed")

func floorWriteString(buf []byte, s string) []byte {
	if len(s) >= 0xFFFF {
		buf = append(buf, 0xFF, 0xFF)
		return append(be.AppendUint32(buf, uint32(len(s))), s...)
	}
	return append(append(buf, byte(len(s)>>8), byte(len(s))), s...)
}

func floorWriteChat(buf []byte, v sample.Chat) []byte {
	start := len(buf) + 2
	buf = floorWriteString(append(buf, 0, 0), v.User)
	buf = floorWriteString(buf, v.Target)
	buf = floorWriteString(buf, v.Message)
	return floorEnd(buf, start)
}

func floorWriteCount(buf []byte, n int) []byte {
	if n >= 0xFFFF {
		return be.AppendUint32(append(buf, 0xFF, 0xFF), uint32(n))
	}
	return append(buf, byte(n>>8), byte(n))
}

// floorEnd fills in the length of a body that begins at start.
func floorEnd(buf []byte, start int) []byte {
	n := len(buf) - start
	if n >= 0xFFFF {
		return floorEndLong(buf, start)
	}
	be.PutUint16(buf[start-2:], uint16(n))
	return buf
}

func floorEndLong(buf []byte, start int) []byte {
	body := slices.Clone(buf[start:])
	return append(be.AppendUint32(append(buf[:start-2], 0xFF, 0xFF), uint32(len(body))), body...)
}

// floorString finds the string at data[at:]; next is -1 if there is none. Like the other
// functions of the floor it takes nothing at the end of data for the field of a newer peer.
func floorString(data []byte, at int) (start, next int) {
	if len(data)-at < 2 {
		return at, floorMissing(data, at)
	}
	n := int(be.Uint16(data[at:]))
	start = at + 2
	if n == 0xFFFF {
		return floorLongString(data, at)
	}
	if len(data)-start < n {
		return 0, -1
	}
	return start, start + n
}

func floorMissing(data []byte, at int) (next int) {
	if at == len(data) {
		return at
	}
	return -1
}

func floorLongString(data []byte, at int) (start, next int) {
	if len(data)-at < 6 {
		return 0, -1
	}
	n := int(be.Uint32(data[at+2:]))
	if n < 0xFFFF || n > len(data)-at-6 {
		return 0, -1
	}
	return at + 6, at + 6 + n
}

func floorUint8(data []byte, at int) (v uint8, next int) {
	if at >= len(data) {
		return 0, floorMissing(data, at)
	}
	return data[at], at + 1
}

func floorUint16(data []byte, at int) (v uint16, next int) {
	if len(data)-at < 2 {
		return 0, floorMissing(data, at)
	}
	return be.Uint16(data[at:]), at + 2
}

func floorUint32(data []byte, at int) (v uint32, next int) {
	if len(data)-at < 4 {
		return 0, floorMissing(data, at)
	}
	return be.Uint32(data[at:]), at + 4
}

func floorUint64(data []byte, at int) (v uint64, next int) {
	if len(data)-at < 8 {
		return 0, floorMissing(data, at)
	}
	return be.Uint64(data[at:]), at + 8
}

// floorCount reads the count of a list or map whose elements have at least least bytes
// each and take size bytes of memory.
func floorCount(data []byte, at, least, size int, budget *int) (n, next int) {
	if len(data)-at < 2 {
		return 0, floorMissing(data, at)
	}
	n = int(be.Uint16(data[at:]))
	at += 2
	if n == 0xFFFF {
		_, next := floorLongString(data, at-2)
		if next < 0 {
			return 0, -1
		}
		n = int(be.Uint32(data[at:]))
		at += 4
	}
	if n*least > len(data)-at || n*size > *budget {
		return 0, -1
	}
	*budget -= n * size
	return n, at
}

func floorReadChat(message []byte) (v sample.Chat, err error) {
	start, end := floorString(message, 0)
	if end < 2 {
		return v, errFloor
	}
	body := message[:end]
	userStart, userEnd := floorString(body, start)
	if userEnd < 0 {
		return v, errFloor
	}
	targetStart, targetEnd := floorString(body, userEnd)
	if targetEnd < 0 {
		return v, errFloor
	}
	messageStart, messageEnd := floorString(body, targetEnd)
	if messageEnd < 0 {
		return v, errFloor
	}
	shared := string(message)
	return sample.Chat{
		User:    shared[userStart:userEnd],
		Target:  shared[targetStart:targetEnd],
		Message: shared[messageStart:messageEnd],
	}, nil
}

func floorWriteLines(buf []byte, v sample.Lines) []byte {
	start := len(buf) + 2
	buf = floorWriteCount(append(buf, 0, 0), len(v.Lines))
	for _, s := range v.Lines {
		buf = floorWriteString(buf, s)
	}
	return floorEnd(buf, start)
}

func floorReadLines(message []byte) (v sample.Lines, err error) {
	start, end := floorString(message, 0)
	if end < 2 {
		return v, errFloor
	}
	body, budget := message[:end], 15*len(message)+64<<10
	n, at := floorCount(body, start, 2, 16, &budget)
	if at < 0 || n == 0 {
		return v, floorError(at)
	}
	shared := string(message)
	v.Lines = make([]string, n)
	for i := range v.Lines {
		start, end := floorString(body, at)
		if end < at+2 {
			return v, errFloor
		}
		v.Lines[i] = shared[start:end]
		at = end
	}
	return v, nil
}

// floorError is the error of a value after which nothing stands.
func floorError(at int) error {
	if at < 0 {
		return errFloor
	}
	return nil
}
