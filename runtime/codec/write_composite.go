package codec

import (
	"cmp"
	"encoding/binary"
	"slices"
)

// What of a map is sorted on the stack.
const (
	fewKeys    = 32 // keys, if there are no more
	fewPairs   = 8  // keys with their values, if there are no more …
	smallValue = 64 // … and a value takes no more bytes of memory
)

// WriteSlice appends the number of elements in s, then each as write has it.
func WriteSlice[T any](buf []byte, s []T, write func([]byte, T) []byte) []byte {
	buf = WriteLength(buf, len(s))
	for _, v := range s {
		buf = write(buf, v)
	}
	return buf
}

// WriteMap appends the number of pairs in m, then each key and its value, in
// ascending order of the keys. Up to 32 keys are sorted without an allocation.
func WriteMap[K cmp.Ordered, V any](buf []byte, m map[K]V, writeKey func([]byte, K) []byte, writeValue func([]byte, V) []byte) []byte {
	buf = WriteLength(buf, len(m))
	if len(m) == 0 {
		return buf
	}
	if len(m) <= fewPairs && sizeOf[V]() <= smallValue {
		return writeFewPairs(buf, m, writeKey, writeValue)
	}
	var few [fewKeys]K
	keys := few[:0]
	if len(m) > fewKeys {
		keys = make([]K, 0, len(m))
	}
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		buf = writeKey(buf, k)
		buf = writeValue(buf, m[k])
	}
	return buf
}

// writeFewPairs sorts the pairs themselves, as they come out of the map. To look each
// value up again costs a fifth of the mixed message in the benchmarks.
func writeFewPairs[K cmp.Ordered, V any](buf []byte, m map[K]V, writeKey func([]byte, K) []byte, writeValue func([]byte, V) []byte) []byte {
	var pairs [fewPairs]struct {
		key   K
		value V
	}
	n := 0
	for k, v := range m {
		i := n
		for ; i > 0 && k < pairs[i-1].key; i-- {
			pairs[i] = pairs[i-1]
		}
		pairs[i].key, pairs[i].value = k, v
		n++
	}
	for i := range pairs[:n] {
		buf = writeKey(buf, pairs[i].key)
		buf = writeValue(buf, pairs[i].value)
	}
	return buf
}

// WriteBoolMap is WriteMap for keys of type bool: false comes first.
func WriteBoolMap[V any](buf []byte, m map[bool]V, writeValue func([]byte, V) []byte) []byte {
	buf = WriteLength(buf, len(m))
	for _, k := range [...]bool{false, true} {
		if v, ok := m[k]; ok {
			buf = writeValue(WriteBool(buf, k), v)
		}
	}
	return buf
}

// WriteOptional appends 0 if p is nil, otherwise 1 and what p points to.
func WriteOptional[T any](buf []byte, p *T, write func([]byte, T) []byte) []byte {
	if p == nil {
		return append(buf, 0)
	}
	return write(append(buf, 1), *p)
}

// WritePresence appends the byte before an optional value whose Go type is itself
// nil-able (bytes, list, map, union): 1 if the value follows, 0 if there is none.
func WritePresence(buf []byte, present bool) []byte { return WriteBool(buf, present) }

// BeginCase appends the tag of a union's case and leaves room for the length of its
// value. It returns the longer slice and where the value starts, for EndLength.
func BeginCase(buf []byte, tag uint16) (longer []byte, start int) {
	longer = append(buf, byte(tag>>8), byte(tag), 0, 0)
	return longer, len(longer)
}

// WriteCase appends a case of a union that this program does not know, as it came:
// the tag, the length of body, body. A tag of 0 is no case, whatever body says.
func WriteCase(buf []byte, tag uint16, body []byte) []byte {
	if tag == 0 {
		return WriteNoCase(buf)
	}
	return WriteBytes(binary.BigEndian.AppendUint16(buf, tag), body)
}

// WriteNoCase appends a union without a value: tag 0, length 0.
func WriteNoCase(buf []byte) []byte { return append(buf, 0, 0, 0, 0) }
