package codec

import (
	"cmp"
	"fmt"
	"strconv"
	"unsafe"
)

// ReadSlice reads a list whose elements read reads; least is the smallest number of
// bytes that an element can have on the wire. An empty list is nil.
func ReadSlice[T any](d *Decoder, field string, least int, read func(*Decoder, string) T) []T {
	offset := d.at
	n := d.count(field, "list", least)
	if n == 0 || !d.charge(field, offset, int64(n)*sizeOf[T]()) {
		return nil
	}
	list := make([]T, n)
	outer := d.needed
	d.needed = true
	for i := range list {
		list[i] = read(d, "")
		if d.err != nil {
			d.withinElement(field, i)
			return nil
		}
	}
	d.needed = outer
	return list
}

// ReadMap reads a map whose keys and values readKey and readValue read; least is the
// smallest number of bytes that a pair can have on the wire. An empty map is nil. Keys
// that do not ascend are an error.
func ReadMap[K cmp.Ordered, V any](d *Decoder, field string, least int, readKey func(*Decoder, string) K, readValue func(*Decoder, string) V) map[K]V {
	offset := d.at
	n := d.count(field, "map", least)
	if n == 0 || !d.charge(field, offset, mapSize[K, V](n)) {
		return nil
	}
	m := make(map[K]V, n)
	outer := d.needed
	d.needed = true
	var last K
	for i := range n {
		offset := d.at
		k := readKey(d, "")
		if i > 0 && k <= last {
			d.unordered(offset, k, last)
		}
		if d.err != nil {
			d.withinKey(field, i)
			return nil
		}
		v := readValue(d, "")
		if d.err != nil {
			d.withinValue(field, k)
			return nil
		}
		m[k], last = v, k
	}
	d.needed = outer
	return m
}

// ReadBoolMap is ReadMap for keys of type bool: false comes before true. It is written
// out because < knows no bools: a function in its place, passed to code that both share,
// costs 2 % of the mixed message in the benchmarks.
func ReadBoolMap[V any](d *Decoder, field string, least int, readValue func(*Decoder, string) V) map[bool]V {
	offset := d.at
	n := d.count(field, "map", least)
	if n == 0 || !d.charge(field, offset, mapSize[bool, V](n)) {
		return nil
	}
	m := make(map[bool]V, n)
	outer := d.needed
	d.needed = true
	var last bool
	for i := range n {
		offset := d.at
		k := d.Bool("")
		if i > 0 && (last || !k) {
			d.unordered(offset, k, last)
		}
		if d.err != nil {
			d.withinKey(field, i)
			return nil
		}
		v := readValue(d, "")
		if d.err != nil {
			d.withinValue(field, k)
			return nil
		}
		m[k], last = v, k
	}
	d.needed = outer
	return m
}

// unordered refuses the map's key k at offset, which does not come after last.
func (d *Decoder) unordered(offset int, k, last any) {
	d.fail("", offset, "key %s after %s, want ascending keys", shown(k), shown(last))
}

// withinKey puts key i of a map before the path of the error.
func (d *Decoder) withinKey(field string, i int) {
	d.within(field + "[key " + strconv.Itoa(i) + "]")
}

// withinValue puts the value of key k of a map before the path of the error.
func (d *Decoder) withinValue(field string, k any) {
	d.within(field + "[" + shown(k) + "]")
}

// count reads the number of elements of a list or a map, none of which has fewer than
// least bytes on the wire. It returns 0 after an error.
func (d *Decoder) count(field, kind string, least int) int {
	offset := d.at
	n := d.length(field, kind, offset)
	if left := len(d.data) - d.at; int64(n)*int64(least) > int64(left) {
		d.fail(field, offset, "%s of %s of %s or more, %s", kind, several(n, "element"), several(least, "byte"), only(left))
		return 0
	}
	return n
}

// sizeOf is the memory of a T itself, in bytes; the compiler makes it a constant.
func sizeOf[T any]() int64 {
	var v T
	return int64(unsafe.Sizeof(v))
}

// mapHeader is the memory of a map without pairs, in bytes.
const mapHeader = 48

// mapSize is about the memory of a map made for n pairs, in bytes. Go keeps pairs in
// groups of eight slots, with a byte beside each, fills tables of up to 1,024 slots to
// seven eighths and doubles them: 2.3 slots for a pair at worst, 8 at least.
func mapSize[K, V any](n int) int64 {
	type pair struct {
		_ K
		_ V
	}
	return mapHeader + max(8, int64(n)*5/2)*(sizeOf[pair]()+1)
}

// shown returns a map's key for an error; a long one is cut.
func shown(key any) string {
	switch s, ok := key.(string); {
	case !ok:
		return fmt.Sprint(key)
	case len(s) > 40:
		return strconv.Quote(s[:40]) + "…"
	default:
		return strconv.Quote(s)
	}
}
