package codec

import (
	"encoding/binary"
	"math"
	"time"
)

// The bits that stand for every NaN: many bit patterns are NaN, and equal values
// must have equal bytes.
const (
	nan32 = 0x7FC00000
	nan64 = 0x7FF8000000000000
)

// WriteBool appends v as one byte, 0 or 1.
func WriteBool(buf []byte, v bool) []byte {
	if v {
		return append(buf, 1)
	}
	return append(buf, 0)
}

// WriteInt8 appends v as one byte of two's complement.
func WriteInt8(buf []byte, v int8) []byte { return append(buf, byte(v)) }

// WriteInt16 appends v as two bytes, the high one first.
func WriteInt16(buf []byte, v int16) []byte { return binary.BigEndian.AppendUint16(buf, uint16(v)) }

// WriteInt32 appends v as four bytes, the highest first.
func WriteInt32(buf []byte, v int32) []byte { return binary.BigEndian.AppendUint32(buf, uint32(v)) }

// WriteInt64 appends v as eight bytes, the highest first.
func WriteInt64(buf []byte, v int64) []byte { return binary.BigEndian.AppendUint64(buf, uint64(v)) }

// WriteUint8 appends v as one byte.
func WriteUint8(buf []byte, v uint8) []byte { return append(buf, v) }

// WriteUint16 appends n as two bytes, the high one first.
func WriteUint16(buf []byte, n uint16) []byte { return binary.BigEndian.AppendUint16(buf, n) }

// WriteUint32 appends v as four bytes, the highest first.
func WriteUint32(buf []byte, v uint32) []byte { return binary.BigEndian.AppendUint32(buf, v) }

// WriteUint64 appends v as eight bytes, the highest first.
func WriteUint64(buf []byte, v uint64) []byte { return binary.BigEndian.AppendUint64(buf, v) }

// WriteFloat32 appends the four bytes of v as IEEE 754 has them. Every NaN is
// written as 0x7FC00000; -0 stays what it is.
func WriteFloat32(buf []byte, v float32) []byte {
	bits := math.Float32bits(v)
	if v != v {
		bits = nan32
	}
	return binary.BigEndian.AppendUint32(buf, bits)
}

// WriteFloat64 appends the eight bytes of v as IEEE 754 has them. Every NaN is
// written as 0x7FF8000000000000; -0 stays what it is.
func WriteFloat64(buf []byte, v float64) []byte {
	bits := math.Float64bits(v)
	if v != v {
		bits = nan64
	}
	return binary.BigEndian.AppendUint64(buf, bits)
}

// WriteTime appends the instant v: seconds since 1970 in UTC (eight bytes), then the
// nanoseconds of that second (four bytes). Zone and monotonic reading do not travel,
// so equal instants have equal bytes.
func WriteTime(buf []byte, v time.Time) []byte {
	buf = binary.BigEndian.AppendUint64(buf, uint64(v.Unix()))
	return binary.BigEndian.AppendUint32(buf, uint32(v.Nanosecond()))
}

// WriteDuration appends v as its nanoseconds in eight bytes.
func WriteDuration(buf []byte, v time.Duration) []byte { return WriteInt64(buf, int64(v)) }

// WriteString appends the length of s and its bytes, whatever they are.
func WriteString(buf []byte, s string) []byte {
	if len(s) < escape {
		return append(append(buf, byte(len(s)>>8), byte(len(s))), s...)
	}
	return writeLongString(buf, s)
}

// writeLongString is a function of its own, and stays one, so that the compiler finds
// WriteString small enough to put in place of its calls: a seventh off short messages.
//
//go:noinline
func writeLongString(buf []byte, s string) []byte {
	return append(writeLong(buf, len(s)), s...)
}

// WriteBytes appends the length of v and its bytes. Nil and empty are the same.
func WriteBytes(buf []byte, v []byte) []byte {
	return append(WriteLength(buf, len(v)), v...)
}

// WriteStringSlice appends the number of strings in s, then each string.
func WriteStringSlice(buf []byte, s []string) []byte {
	buf = WriteLength(buf, len(s))
	for _, v := range s {
		buf = WriteString(buf, v)
	}
	return buf
}
