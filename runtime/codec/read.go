package codec

import "time"

// The functions of this file read one value from the front of buf. They return it, the
// bytes after it, and nil; or, after an *Error with an empty Field, a zero value and buf
// as it was. They hold no state, so nothing is shared between two of their values.

// ReadBool reads what WriteBool wrote.
func ReadBool(buf []byte) (bool, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Bool(""))
}

// ReadInt8 reads what WriteInt8 wrote.
func ReadInt8(buf []byte) (int8, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Int8(""))
}

// ReadInt16 reads what WriteInt16 wrote.
func ReadInt16(buf []byte) (int16, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Int16(""))
}

// ReadInt32 reads what WriteInt32 wrote.
func ReadInt32(buf []byte) (int32, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Int32(""))
}

// ReadInt64 reads what WriteInt64 wrote.
func ReadInt64(buf []byte) (int64, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Int64(""))
}

// ReadUint8 reads what WriteUint8 wrote.
func ReadUint8(buf []byte) (uint8, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Uint8(""))
}

// ReadUint16 reads what WriteUint16 wrote.
func ReadUint16(buf []byte) (uint16, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Uint16(""))
}

// ReadUint32 reads what WriteUint32 wrote.
func ReadUint32(buf []byte) (uint32, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Uint32(""))
}

// ReadUint64 reads what WriteUint64 wrote.
func ReadUint64(buf []byte) (uint64, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Uint64(""))
}

// ReadFloat32 reads what WriteFloat32 wrote.
func ReadFloat32(buf []byte) (float32, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Float32(""))
}

// ReadFloat64 reads what WriteFloat64 wrote.
func ReadFloat64(buf []byte) (float64, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Float64(""))
}

// ReadTime reads what WriteTime wrote, in UTC.
func ReadTime(buf []byte) (time.Time, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Time(""))
}

// ReadDuration reads what WriteDuration wrote.
func ReadDuration(buf []byte) (time.Duration, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Duration(""))
}

// ReadString reads what WriteString wrote.
func ReadString(buf []byte) (string, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, string(d.sized("", "string", 0)))
}

// ReadBytes reads what WriteBytes wrote, into a slice of the caller's. None is nil.
func ReadBytes(buf []byte) ([]byte, []byte, error) {
	d := decoderOf(buf)
	return finish(&d, buf, d.Bytes(""))
}

// ReadStringSlice reads what WriteStringSlice wrote. An empty list is nil. The strings
// of a list of up to 64 KiB share one allocation.
func ReadStringSlice(buf []byte) ([]string, []byte, error) {
	d := decoderOf(buf[:stringsEnd(buf)])
	return finish(&d, buf, d.StringSlice(""))
}

// stringsEnd returns where the list of strings at the front of buf ends, so that its
// strings share a copy of the list and not of all that follows; or len(buf) if there is
// no such list, for a decoder to say why.
func stringsEnd(buf []byte) int {
	d := decoderOf(buf)
	for range d.count("", "list", 2) {
		d.sized("", "string", d.at)
	}
	if d.err != nil {
		return len(buf)
	}
	return d.at
}

func decoderOf(buf []byte) (d Decoder) {
	d.Reset(buf, true)
	return d
}

func finish[T any](d *Decoder, buf []byte, v T) (T, []byte, error) {
	if d.err != nil {
		var zero T
		return zero, buf, d.err
	}
	return v, buf[d.at:], nil
}
