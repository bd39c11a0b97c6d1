package codec_test

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"time"
)

// The functions of this file are the floor of the benchmarks: what a careful person
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
		return append(binary.BigEndian.AppendUint32(buf, uint32(len(s))), s...)
	}
	return append(append(buf, byte(len(s)>>8), byte(len(s))), s...)
}

func floorWriteCount(buf []byte, n int) []byte {
	if n >= 0xFFFF {
		return binary.BigEndian.AppendUint32(append(buf, 0xFF, 0xFF), uint32(n))
	}
	return append(buf, byte(n>>8), byte(n))
}

// floorEnd fills in the length of a body that begins at start.
func floorEnd(buf []byte, start int) []byte {
	n := len(buf) - start
	if n >= 0xFFFF {
		return floorEndLong(buf, start)
	}
	binary.BigEndian.PutUint16(buf[start-2:], uint16(n))
	return buf
}

func floorEndLong(buf []byte, start int) []byte {
	body := slices.Clone(buf[start:])
	return append(binary.BigEndian.AppendUint32(append(buf[:start-2], 0xFF, 0xFF), uint32(len(body))), body...)
}

func floorFloat64(v float64) uint64 {
	if v != v {
		return 0x7FF8000000000000
	}
	return math.Float64bits(v)
}

func floorWriteChat(buf []byte, v chat) []byte {
	buf = floorWriteString(buf, v.User)
	buf = floorWriteString(buf, v.Target)
	return floorWriteString(buf, v.Message)
}

// floorString finds the string at data[at:]; next is -1 if there is none. Like the other
// functions of the floor it takes nothing at the end of data for the field of a newer peer.
func floorString(data []byte, at int) (start, next int) {
	if len(data)-at < 2 {
		return at, floorMissing(data, at)
	}
	n := int(binary.BigEndian.Uint16(data[at:]))
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
	n := int(binary.BigEndian.Uint32(data[at+2:]))
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
	return binary.BigEndian.Uint16(data[at:]), at + 2
}

func floorUint32(data []byte, at int) (v uint32, next int) {
	if len(data)-at < 4 {
		return 0, floorMissing(data, at)
	}
	return binary.BigEndian.Uint32(data[at:]), at + 4
}

func floorUint64(data []byte, at int) (v uint64, next int) {
	if len(data)-at < 8 {
		return 0, floorMissing(data, at)
	}
	return binary.BigEndian.Uint64(data[at:]), at + 8
}

// floorCount reads the count of a list or map whose elements have at least least bytes
// each and take size bytes of memory.
func floorCount(data []byte, at, least, size int, budget *int) (n, next int) {
	if len(data)-at < 2 {
		return 0, floorMissing(data, at)
	}
	n = int(binary.BigEndian.Uint16(data[at:]))
	at += 2
	if n == 0xFFFF {
		_, next := floorLongString(data, at-2)
		if next < 0 {
			return 0, -1
		}
		n = int(binary.BigEndian.Uint32(data[at:]))
		at += 4
	}
	if n*least > len(data)-at || n*size > *budget {
		return 0, -1
	}
	*budget -= n * size
	return n, at
}

func floorReadChat(data []byte) (v chat, err error) {
	userStart, userEnd := floorString(data, 0)
	if userEnd < 2 {
		return v, errFloor
	}
	targetStart, targetEnd := floorString(data, userEnd)
	if targetEnd < userEnd+2 {
		return v, errFloor
	}
	messageStart, messageEnd := floorString(data, targetEnd)
	if messageEnd < targetEnd+2 {
		return v, errFloor
	}
	shared := string(data)
	return chat{shared[userStart:userEnd], shared[targetStart:targetEnd], shared[messageStart:messageEnd]}, nil
}

func floorWriteStrings(buf []byte, list []string) []byte {
	buf = floorWriteCount(buf, len(list))
	for _, s := range list {
		buf = floorWriteString(buf, s)
	}
	return buf
}

func floorReadStrings(data []byte) ([]string, error) {
	budget := 15*len(data) + 64<<10
	n, at := floorCount(data, 0, 2, 16, &budget)
	if at < 2 {
		return nil, errFloor
	}
	shared := string(data)
	list := make([]string, n)
	for i := range list {
		start, end := floorString(data, at)
		if end < at+2 {
			return nil, errFloor
		}
		list[i] = shared[start:end]
		at = end
	}
	return list, nil
}

func floorWriteNote(buf []byte, v note) []byte {
	start := len(buf) + 2
	buf = floorWriteString(append(buf, 0, 0), v.Text)
	return floorEnd(append(buf, v.Level), start)
}

func floorReadNote(data []byte, shared string, at int) (v note, next int) {
	start, next := floorString(data, at)
	if next < 0 {
		return v, -1
	}
	body := data[:next]
	start, at = floorString(body, start)
	if at < 0 {
		return v, -1
	}
	v.Text = shared[start:at]
	if v.Level, at = floorUint8(body, at); at < 0 {
		return v, -1
	}
	return v, next
}

func floorWriteMixed(buf []byte, v mixed) []byte {
	start := len(buf) + 2
	buf = append(buf, 0, 0)
	buf = binary.BigEndian.AppendUint64(buf, v.ID)
	buf = binary.BigEndian.AppendUint16(buf, uint16(v.Kind))
	buf = binary.BigEndian.AppendUint32(buf, uint32(v.Delta))
	buf = binary.BigEndian.AppendUint64(buf, floorFloat64(v.Ratio))
	if v.Live {
		buf = append(buf, 1)
	} else {
		buf = append(buf, 0)
	}
	buf = floorWriteString(buf, v.Name)
	buf = append(floorWriteCount(buf, len(v.Data)), v.Data...)
	buf = floorWriteNote(buf, v.Origin)
	buf = floorWriteCount(buf, len(v.Notes))
	for _, n := range v.Notes {
		buf = floorWriteNote(buf, n)
	}
	buf = floorWriteCount(buf, len(v.Scores))
	var few [32]string
	keys := few[:0]
	for k := range v.Scores {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		buf = floorWriteString(buf, k)
		buf = binary.BigEndian.AppendUint32(buf, v.Scores[k])
	}
	if v.Reply == nil {
		buf = append(buf, 0)
	} else {
		buf = floorWriteString(append(buf, 1), *v.Reply)
	}
	buf = binary.BigEndian.AppendUint64(buf, uint64(v.At.Unix()))
	buf = binary.BigEndian.AppendUint32(buf, uint32(v.At.Nanosecond()))
	buf = binary.BigEndian.AppendUint64(buf, uint64(v.Took))
	return floorEnd(buf, start)
}

func floorReadMixed(message []byte) (v mixed, err error) {
	start, end := floorString(message, 0)
	if end < 2 {
		return v, errFloor
	}
	shared := string(message)
	budget := 15*len(message) + 64<<10
	data := message[:end]
	id, at := floorUint64(data, start)
	if at < 0 {
		return v, errFloor
	}
	k, at := floorUint16(data, at)
	if at < 0 {
		return v, errFloor
	}
	delta, at := floorUint32(data, at)
	if at < 0 {
		return v, errFloor
	}
	ratio, at := floorUint64(data, at)
	if at < 0 {
		return v, errFloor
	}
	live, at := floorUint8(data, at)
	if at < 0 || live > 1 {
		return v, errFloor
	}
	v.ID, v.Kind, v.Delta, v.Ratio, v.Live = id, kind(k), int32(delta), math.Float64frombits(ratio), live == 1
	s, at := floorString(data, at)
	if at < 0 {
		return v, errFloor
	}
	v.Name = shared[s:at]
	s, at = floorString(data, at)
	if at < 0 || at-s > budget {
		return v, errFloor
	}
	if n := at - s; n > 0 {
		budget -= n
		v.Data = make([]byte, n)
		copy(v.Data, data[s:at])
	}
	if v.Origin, at = floorReadNote(data, shared, at); at < 0 {
		return v, errFloor
	}
	if at = floorReadNotes(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if at = floorReadScores(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if at = floorReadReply(&v, data, shared, at, &budget); at < 0 {
		return v, errFloor
	}
	if left := len(data) - at; left >= 12 {
		seconds, nanoseconds := int64(binary.BigEndian.Uint64(data[at:])), binary.BigEndian.Uint32(data[at+8:])
		if nanoseconds >= 1e9 {
			return v, errFloor
		}
		v.At = time.Unix(seconds, int64(nanoseconds)).UTC()
		at += 12
	} else if left > 0 {
		return v, errFloor
	}
	took, at := floorUint64(data, at)
	if at < 0 {
		return v, errFloor
	}
	v.Took = time.Duration(took)
	return v, nil
}

func floorReadNotes(v *mixed, data []byte, shared string, at int, budget *int) (next int) {
	n, at := floorCount(data, at, 2, 24, budget)
	if n == 0 || at < 0 {
		return at
	}
	v.Notes = make([]note, n)
	for i := range v.Notes {
		if len(data)-at < 2 {
			return -1
		}
		if v.Notes[i], at = floorReadNote(data, shared, at); at < 0 {
			return -1
		}
	}
	return at
}

func floorReadScores(v *mixed, data []byte, shared string, at int, budget *int) (next int) {
	n, at := floorCount(data, at, 6, 63, budget)
	if n == 0 || at < 0 {
		return at
	}
	v.Scores = make(map[string]uint32, n)
	last := ""
	for i := range n {
		s, end := floorString(data, at)
		if end < at+2 {
			return -1
		}
		key := shared[s:end]
		if i > 0 && key <= last || len(data)-end < 4 {
			return -1
		}
		v.Scores[key] = binary.BigEndian.Uint32(data[end:])
		last, at = key, end+4
	}
	return at
}

func floorReadReply(v *mixed, data []byte, shared string, at int, budget *int) (next int) {
	present, at := floorUint8(data, at)
	if at < 0 || present == 0 {
		return at
	}
	s, end := floorString(data, at)
	if present > 1 || end < at+2 || *budget < 16 {
		return -1
	}
	*budget -= 16
	reply := shared[s:end]
	v.Reply = &reply
	return end
}
