package codec

import "encoding/binary"

// String reads a string. In a message of up to 64 KiB all strings are parts of one
// allocation, so whoever keeps one of them for long, and not the rest, clones it
// (strings.Clone). In a larger message, and after Borrow, each string is an allocation of
// its own.
func (d *Decoder) String(field string) string {
	// An escaped length never passes for one: share refuses messages that have room for it.
	if b := d.data[d.at:]; len(b) >= 2 {
		start := d.at + 2
		end := start + int(binary.BigEndian.Uint16(b))
		if end <= len(d.data) && (end <= len(d.shared) || d.share(end-start)) {
			d.at = end
			return d.shared[start:end]
		}
	}
	return d.ownString(field)
}

// share makes the copy of the message that its strings are parts of. It reports false if
// the string of n bytes that asks for it is to be read by ownString.
func (d *Decoder) share(n int) bool {
	if n == 0 || d.size > sharedStrings || d.lends || int64(d.size) > d.budget {
		return false
	}
	d.budget -= int64(d.size)
	d.shared = string(d.data[:d.size])
	return true
}

// ownString reads a string that is empty, or in a large message, or beside bytes that are
// lent, or whose length is missing or wrong, or that the budget has no room for.
func (d *Decoder) ownString(field string) string {
	offset := d.at
	b := d.sized(field, "string", offset)
	n := int64(len(b))
	if d.size <= sharedStrings && !d.lends {
		n = int64(d.size)
	}
	if len(b) == 0 || !d.charge(field, offset, n) {
		return ""
	}
	return string(b)
}

// Bytes reads bytes into a slice of their own, which is the caller's, but after Borrow. None
// is nil.
func (d *Decoder) Bytes(field string) []byte {
	offset := d.at
	return d.own(field, offset, d.sized(field, "bytes", offset))
}

// own returns a copy of b, or nil if b is empty or does not fit the budget; or b itself if it
// is to be lent.
func (d *Decoder) own(field string, offset int, b []byte) []byte {
	if len(b) == 0 {
		return nil
	}
	if d.lends {
		return b[:len(b):len(b)]
	}
	if !d.charge(field, offset, int64(len(b))) {
		return nil
	}
	v := make([]byte, len(b))
	copy(v, b)
	return v
}

// StringSlice reads a list of strings. An empty one is nil. It is ReadSlice with String,
// written out: lists of strings are what many messages are made of.
func (d *Decoder) StringSlice(field string) []string {
	offset := d.at
	n := d.count(field, "list", 2)
	if n == 0 || !d.charge(field, offset, int64(n)*sizeOf[string]()) {
		return nil
	}
	list := make([]string, n)
	outer := d.needed
	d.needed = true
	for i := range list {
		list[i] = d.String("")
		if d.err != nil {
			d.withinElement(field, i)
			return nil
		}
	}
	d.needed = outer
	return list
}

// sized reads a length and returns the bytes of d.data that it counts. The value to
// blame in an error begins at offset.
func (d *Decoder) sized(field, kind string, offset int) []byte {
	if b := d.data[d.at:]; len(b) >= 2 {
		if n := int(binary.BigEndian.Uint16(b)); n <= len(b)-2 && n != escape {
			d.at += 2 + n
			return b[2 : 2+n]
		}
	}
	n := d.length(field, kind, offset)
	b := d.data[d.at:]
	if n > len(b) {
		d.fail(field, offset, "%s of %s, %s", kind, several(n, "byte"), only(len(b)))
		return nil
	}
	d.at += n
	return b[:n]
}

// length reads a length or a count. It returns 0 after an error, and when the value is
// missing where it may be.
func (d *Decoder) length(field, kind string, offset int) int {
	if b := d.data[d.at:]; len(b) >= 2 {
		if n := int(binary.BigEndian.Uint16(b)); n != escape {
			d.at += 2
			return n
		}
		return d.longLength(field, kind, offset)
	}
	return int(d.short(field, 2))
}

// longLength is length for those that do not fit two bytes.
func (d *Decoder) longLength(field, kind string, offset int) int {
	b := d.data[d.at:]
	if len(b) < 6 {
		d.fail(field, offset, "length of 6 bytes, %s", only(len(b)))
		return 0
	}
	long := binary.BigEndian.Uint32(b[2:])
	if long < escape {
		d.fail(field, offset, "length of %d in 6 bytes, want 2", long)
		return 0
	}
	// So long a value cannot be there, and its length may not fit the int of a small machine.
	if uint64(long) > uint64(len(b)-6) {
		d.fail(field, offset, "%s of length %d, %s", kind, long, only(len(b)-6))
		return 0
	}
	d.at += 6
	return int(long)
}
