package dynamic

import (
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// A pair is a pair of a map, as it goes into the message.
type pair struct {
	order string // sorts as the keys do
	bytes []byte
}

func (w writer) pairs(buf []byte, t *idl.Type, value any) ([]byte, *Error) {
	entries, err := entriesOf(value)
	if err != nil {
		return buf, err
	}
	var pairs []pair
	size := len(buf)
	for _, e := range entries {
		p, err := w.pair(t, e.key, e.value)
		if err != nil {
			return buf, err.within("[" + e.path + "]")
		}
		pairs = append(pairs, p)
		if size += len(p.bytes); size > w.limit {
			return buf, failf("the value takes more than %d MiB", maxMessage>>20)
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return strings.Compare(a.order, b.order) })
	buf = codec.WriteLength(buf, len(pairs))
	for i, p := range pairs {
		if i > 0 && p.order == pairs[i-1].order {
			return buf, failf("two keys are the same")
		}
		buf = append(buf, p.bytes...)
	}
	return buf, nil
}

// An entry is a pair of a map as the JSON has it.
type entry struct {
	key, value any
	path       string
}

// entriesOf returns the pairs of an object, or of a list of pairs.
func entriesOf(value any) ([]entry, *Error) {
	var entries []entry
	switch value := value.(type) {
	case absent:
	case object:
		for _, m := range value {
			entries = append(entries, entry{m.name, m.value, strconv.Quote(m.name)})
		}
	case []any:
		for i, item := range value {
			two, ok := item.([]any)
			if !ok || len(two) != 2 {
				return nil, failf("want a pair [key, value]").within("[" + strconv.Itoa(i) + "]")
			}
			entries = append(entries, entry{two[0], two[1], strconv.Itoa(i)})
		}
	default:
		return nil, wantGot("an object", value)
	}
	return entries, nil
}

func (w writer) pair(t *idl.Type, key, value any) (pair, *Error) {
	bytes, err := appendKey(t.Key, key)
	if err != nil {
		err.Reason = "as a key: " + err.Reason
		return pair{}, err
	}
	order := slices.Clone(bytes)
	switch kind := t.Key.Kind; {
	case kind == idl.String:
		s, _ := text(key)
		order = []byte(s)
	case idl.Int8 <= kind && kind <= idl.Int64:
		order[0] ^= 0x80 // puts the negative ones first
	}
	bytes, err = w.value(bytes, t.Elem, value)
	return pair{string(order), bytes}, err
}
