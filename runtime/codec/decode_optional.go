package codec

import "cmp"

// ReadOptional reads an optional value: nil if there is none.
func ReadOptional[T any](d *Decoder, field string, read func(*Decoder, string) T) *T {
	offset := d.at
	if !d.Presence(field) || !d.charge(field, offset, sizeOf[T]()) {
		return nil
	}
	p := new(T)
	*p = readPresent(d, field, read)
	if d.err != nil {
		return nil
	}
	return p
}

// ReadOptionalBytes reads optional bytes: nil if there are none, and never nil if they
// are there, be they empty.
func ReadOptionalBytes(d *Decoder, field string) []byte {
	if !d.Presence(field) {
		return nil
	}
	v := readPresent(d, field, (*Decoder).Bytes)
	if v == nil && d.err == nil {
		v = []byte{}
	}
	return v
}

// ReadOptionalSlice reads an optional list as ReadSlice reads a list: nil if there is
// none, and never nil if it is there, be it empty.
func ReadOptionalSlice[T any](d *Decoder, field string, least int, read func(*Decoder, string) T) []T {
	if !d.Presence(field) {
		return nil
	}
	v := readPresent(d, field, func(d *Decoder, field string) []T { return ReadSlice(d, field, least, read) })
	if v == nil && d.err == nil {
		v = []T{}
	}
	return v
}

// ReadOptionalMap reads an optional map as ReadMap reads a map: nil if there is none,
// and never nil if it is there, be it empty.
func ReadOptionalMap[K cmp.Ordered, V any](d *Decoder, field string, least int, readKey func(*Decoder, string) K, readValue func(*Decoder, string) V) map[K]V {
	return readOptionalMap(d, field, func(d *Decoder, field string) map[K]V {
		return ReadMap(d, field, least, readKey, readValue)
	})
}

// ReadOptionalBoolMap is ReadOptionalMap for keys of type bool.
func ReadOptionalBoolMap[V any](d *Decoder, field string, least int, readValue func(*Decoder, string) V) map[bool]V {
	return readOptionalMap(d, field, func(d *Decoder, field string) map[bool]V {
		return ReadBoolMap(d, field, least, readValue)
	})
}

func readOptionalMap[K comparable, V any](d *Decoder, field string, read func(*Decoder, string) map[K]V) map[K]V {
	offset := d.at
	if !d.Presence(field) {
		return nil
	}
	v := readPresent(d, field, read)
	if v == nil && d.err == nil && d.charge(field, offset, mapHeader) {
		v = map[K]V{}
	}
	return v
}

// ReadOptionalUnion reads an optional union, whose Go type T is an interface: nil if
// there is none.
func ReadOptionalUnion[T any](d *Decoder, field string, read func(*Decoder, string) T) T {
	if !d.Presence(field) {
		var none T
		return none
	}
	return readPresent(d, field, read)
}

// readPresent reads the value that a presence of 1 has announced: it may not be missing.
func readPresent[T any](d *Decoder, field string, read func(*Decoder, string) T) T {
	outer := d.needed
	d.needed = true
	v := read(d, field)
	d.needed = outer
	return v
}
