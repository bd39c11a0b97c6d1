package codec

import "encoding/binary"

// Body is what a struct or a union's case stands in: the Decoder's state around it,
// to be given back to End.
type Body struct {
	end    int  // length of d.data outside; failed if the error is older than the body
	needed bool // d.needed outside
}

// failed is the end of a body that has nothing to say about the error: it began after
// it, or has no length to begin with.
const failed = -1

// Begin starts to read a struct: its fields are to be read next, then End. Fields that
// the body lacks at its end read as zero.
func (d *Decoder) Begin(field string) Body {
	// The usual length is read here, not by beginAny: its arguments are only about errors,
	// and handing them over costs each small struct more than the length itself.
	if b := d.data[d.at:]; len(b) >= 2 && d.depth < maxDepth {
		if n := int(binary.BigEndian.Uint16(b)); n <= len(b)-2 && n != escape {
			body := Body{end: len(d.data), needed: d.needed}
			d.at += 2
			d.data = d.data[:d.at+n]
			d.depth++
			d.needed = false
			return body
		}
	}
	return d.beginAny(field, "struct", d.at, false)
}

// End leaves the body that Begin or BeginCase returned, with the same field, and skips
// what was not read of it: fields of a newer peer.
func (d *Decoder) End(body Body, field string) {
	if d.err != nil {
		d.unwind(body, field)
		return
	}
	d.depth--
	d.at = len(d.data)
	d.data = d.data[:body.end]
	d.needed = body.needed
}

// unwind is End after an error. It must not become part of End: generated code holds
// an End for each struct, and this would be most of it.
//
//go:noinline
func (d *Decoder) unwind(body Body, field string) {
	if body.end != failed {
		d.within(field)
	}
}

// BeginCase starts to read a union. The value of the case with that tag is to be read
// next (ReadCase), or Rest for an unknown tag, or nothing for tag 0, which stands for no
// value; then End.
func (d *Decoder) BeginCase(field string) (tag uint16, body Body) {
	offset := d.at
	if len(d.data)-offset < 4 {
		d.short(field, 4)
		return 0, d.beginAny(field, "union", offset, true)
	}
	tag = d.Uint16(field)
	body = d.beginAny(field, "union", offset, true)
	if tag == 0 && len(d.data) > d.at {
		d.fail(field, offset, "union of tag 0 with %s, want none", several(len(d.data)-d.at, "byte"))
		body.end = failed
	}
	return tag, body
}

// ReadCase reads the value of a union's case by calling read. The case is to become an
// interface, which allocates it: ReadCase charges that to the message's budget first.
func ReadCase[T any](d *Decoder, field string, read func(*Decoder, string) T) T {
	if !d.charge(field, d.at, sizeOf[T]()) {
		var zero T
		return zero
	}
	return read(d, field)
}

// Rest reads all that remains of the innermost body, or of the message, into a slice of
// its own, which is the caller's, but after Borrow. Nothing is nil.
func (d *Decoder) Rest() []byte {
	offset := d.at
	b := d.data[offset:]
	d.at = len(d.data)
	return d.own("", offset, b)
}

// beginAny narrows d.data to the body whose length is next: that of a union's case, or
// one that Begin found to be escaped, or missing, or wrong.
func (d *Decoder) beginAny(field, kind string, offset int, needed bool) Body {
	body := Body{end: len(d.data), needed: d.needed}
	b := d.sized(field, kind, offset)
	if d.err == nil && d.depth == maxDepth {
		d.fail(field, offset, "%s inside %d others, which is the limit", kind, maxDepth)
	}
	if d.err != nil {
		body.end = failed
		return body
	}
	d.depth++
	d.data = d.data[:d.at]
	d.at -= len(b)
	d.needed = needed
	return body
}
