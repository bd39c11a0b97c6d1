package codec

import (
	"encoding/binary"
	"math"
	"time"
)

// Bool reads a byte that must be 0 or 1.
func (d *Decoder) Bool(field string) bool { return d.flag(field, "bool") }

// Presence reads the byte before an optional value and reports whether the value
// follows. ReadOptional and its kin call it; they also see to it that a value which is
// said to follow does.
func (d *Decoder) Presence(field string) bool { return d.flag(field, "presence") }

func (d *Decoder) flag(field, kind string) bool {
	if b := d.data[d.at:]; len(b) >= 1 && b[0] <= 1 {
		d.at++
		return b[0] == 1
	}
	return d.badFlag(field, kind)
}

func (d *Decoder) badFlag(field, kind string) bool {
	if d.at == len(d.data) {
		d.short(field, 1)
	} else {
		d.fail(field, d.at, "%s of %d, want 0 or 1", kind, d.data[d.at])
	}
	return false
}

// Int8 reads one byte.
func (d *Decoder) Int8(field string) int8 { return int8(d.Uint8(field)) }

// Int16 reads two bytes.
func (d *Decoder) Int16(field string) int16 { return int16(d.Uint16(field)) }

// Int32 reads four bytes.
func (d *Decoder) Int32(field string) int32 { return int32(d.Uint32(field)) }

// Int64 reads eight bytes.
func (d *Decoder) Int64(field string) int64 { return int64(d.Uint64(field)) }

// Uint8 reads one byte.
func (d *Decoder) Uint8(field string) uint8 {
	if d.at >= len(d.data) {
		return d.shortByte(field) // fits the compiler's budget for inlining; short would not
	}
	d.at++
	return d.data[d.at-1]
}

//go:noinline
func (d *Decoder) shortByte(field string) uint8 { return uint8(d.short(field, 1)) }

// Uint16 reads two bytes.
func (d *Decoder) Uint16(field string) uint16 {
	if b := d.data[d.at:]; len(b) >= 2 {
		d.at += 2
		return binary.BigEndian.Uint16(b)
	}
	return uint16(d.short(field, 2))
}

// Uint32 reads four bytes.
func (d *Decoder) Uint32(field string) uint32 {
	if b := d.data[d.at:]; len(b) >= 4 {
		d.at += 4
		return binary.BigEndian.Uint32(b)
	}
	return uint32(d.short(field, 4))
}

// Uint64 reads eight bytes.
func (d *Decoder) Uint64(field string) uint64 {
	if b := d.data[d.at:]; len(b) >= 8 {
		d.at += 8
		return binary.BigEndian.Uint64(b)
	}
	return d.short(field, 8)
}

// Float32 reads the four bytes of a float; any NaN is accepted as it comes.
func (d *Decoder) Float32(field string) float32 { return math.Float32frombits(d.Uint32(field)) }

// Float64 reads the eight bytes of a float; any NaN is accepted as it comes.
func (d *Decoder) Float64(field string) float64 { return math.Float64frombits(d.Uint64(field)) }

// Duration reads eight bytes of nanoseconds.
func (d *Decoder) Duration(field string) time.Duration { return time.Duration(d.Uint64(field)) }

// Time reads an instant, in UTC. A missing one is time.Time{}, as is the one that
// WriteTime makes of time.Time{}. Nanoseconds of a second or more are an error.
func (d *Decoder) Time(field string) time.Time {
	b := d.data[d.at:]
	if len(b) < 12 {
		d.short(field, 12)
		return time.Time{}
	}
	seconds, nanoseconds := int64(binary.BigEndian.Uint64(b)), binary.BigEndian.Uint32(b[8:])
	if nanoseconds >= 1e9 {
		d.fail(field, d.at, "%d nanoseconds in a time, want less than a second", nanoseconds)
		return time.Time{}
	}
	d.at += 12
	return time.Unix(seconds, int64(nanoseconds)).UTC()
}
