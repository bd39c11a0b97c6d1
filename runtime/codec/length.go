package codec

import (
	"encoding/binary"
	"fmt"
	"math"
)

// escape in place of a uint16 length says that the true length follows as a uint32.
// That length is never below escape, so each length has one form.
const escape = 0xFFFF

// WriteLength appends n, a length in bytes or a count of elements: two bytes below
// 65,535, six from there on. It panics if n does not fit a uint32.
func WriteLength(buf []byte, n int) []byte {
	if n >= escape {
		return writeLong(buf, n)
	}
	return append(buf, byte(n>>8), byte(n))
}

func writeLong(buf []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(append(buf, 0xFF, 0xFF), long(n))
}

// long returns n as the escaped form has it. Nothing that long reaches a peer, since
// messages have far lower limits, but cut short it would be a lie in the bytes.
func long(n int) uint32 {
	if uint64(n) > math.MaxUint32 {
		panic(fmt.Sprintf("codec: length %d does not fit a uint32", n))
	}
	return uint32(n)
}

// BeginLength leaves room for the length of a struct's body. It returns the longer
// slice and where the body starts, which EndLength wants to know.
func BeginLength(buf []byte) (longer []byte, start int) {
	longer = append(buf, 0, 0)
	return longer, len(longer)
}

// EndLength fills in the length of the body that began at start and ends with buf.
// A body of 65,535 bytes or more moves up by four to make room for its length.
func EndLength(buf []byte, start int) []byte {
	n := len(buf) - start
	if n < escape {
		binary.BigEndian.PutUint16(buf[start-2:start], uint16(n))
		return buf
	}
	return endLong(buf, start, n)
}

func endLong(buf []byte, start, n int) []byte {
	buf = append(buf, 0, 0, 0, 0)
	copy(buf[start+4:], buf[start:])
	binary.BigEndian.PutUint16(buf[start-2:], escape)
	binary.BigEndian.PutUint32(buf[start:], long(n))
	return buf
}
