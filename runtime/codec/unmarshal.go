package codec

import "sync"

// decoders keeps Decoders for Unmarshal: read is called through a variable, so the
// compiler must assume that it keeps its Decoder, and would allocate one for each call.
var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// Unmarshal reads one value from data into *v by calling read with name. It returns an
// *Error whose path begins with name; *v is then unchanged. Bytes after the value are
// ignored. Nothing in *v refers to data.
//
// The Decoder that read gets is valid until read returns. It comes from a pool, which takes
// some 15 ns. The Decoder of code that calls what reads it by name can stay on the stack.
func Unmarshal[T any](data []byte, name string, v *T, read func(*Decoder, string) T) error {
	d := decoders.Get().(*Decoder)
	d.Reset(data, true)
	value := read(d, name)
	err := d.Err()
	d.data, d.at, d.shared, d.err = nil, 0, "", nil // an idle Decoder keeps nothing alive
	decoders.Put(d)
	if err == nil {
		*v = value
	}
	return err
}
