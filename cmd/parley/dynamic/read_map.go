package dynamic

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// pairs reads a map. Its keys have the Go types that generated code gives them, so that it takes as much
// of a message's budget.
func (r *reader) pairs(d *codec.Decoder, name string, t *idl.Type) {
	switch t.Key.Kind {
	case idl.Bool:
		r.boolMap(d, name, t)
	case idl.Int8:
		readMap(r, d, name, t, (*codec.Decoder).Int8, fmt.Sprint)
	case idl.Int16:
		readMap(r, d, name, t, (*codec.Decoder).Int16, fmt.Sprint)
	case idl.Int32:
		readMap(r, d, name, t, (*codec.Decoder).Int32, fmt.Sprint)
	case idl.Int64:
		readMap(r, d, name, t, (*codec.Decoder).Int64, fmt.Sprint)
	case idl.Uint8:
		readMap(r, d, name, t, (*codec.Decoder).Uint8, fmt.Sprint)
	case idl.Uint16:
		readMap(r, d, name, t, (*codec.Decoder).Uint16, fmt.Sprint)
	case idl.Uint32:
		readMap(r, d, name, t, (*codec.Decoder).Uint32, fmt.Sprint)
	case idl.Uint64:
		readMap(r, d, name, t, (*codec.Decoder).Uint64, fmt.Sprint)
	case idl.String:
		readMap(r, d, name, t, (*codec.Decoder).String, fmt.Sprint)
	case idl.Named:
		readMap(r, d, name, t, (*codec.Decoder).Uint16, enumKey(t.Key.Decl.(*idl.Enum)))
	}
}

// enumKey returns a function that shows a number of the enum by its name, if it has one.
func enumKey(decl *idl.Enum) func(...any) string {
	return func(key ...any) string {
		number := key[0].(uint16)
		for _, v := range decl.Values {
			if v.Number == number {
				return v.Name
			}
		}
		return strconv.Itoa(int(number))
	}
}

// A values keeps the JSON of the values of a map, whose keys are known only behind the last.
type values struct {
	*reader
	texts []string
}

// keep returns a function for package codec that reads a t.
func (v *values) keep(t *idl.Type) func(*codec.Decoder, string) none {
	return func(d *codec.Decoder, name string) none {
		start := len(v.out)
		v.value(d, name, t)
		v.texts = append(v.texts, string(v.out[start:]))
		v.out = v.out[:start]
		return none{}
	}
}

func readMap[K cmp.Ordered](r *reader, d *codec.Decoder, name string, t *idl.Type,
	readKey func(*codec.Decoder, string) K, show func(...any) string) {
	v := values{reader: r}
	m := codec.ReadMap(d, name, t.Key.MinSize()+t.Elem.MinSize(), readKey, v.keep(t.Elem))
	var keys []string
	for _, key := range slices.Sorted(maps.Keys(m)) { // their order in the message, too
		keys = append(keys, show(key))
	}
	r.object(keys, v.texts)
}

func (r *reader) boolMap(d *codec.Decoder, name string, t *idl.Type) {
	v := values{reader: r}
	m := codec.ReadBoolMap(d, name, t.Key.MinSize()+t.Elem.MinSize(), v.keep(t.Elem))
	var keys []string
	for _, key := range []bool{false, true} {
		if _, ok := m[key]; ok {
			keys = append(keys, strconv.FormatBool(key))
		}
	}
	r.object(keys, v.texts)
}

// object appends the pairs of a map, as a list of pairs if a key is not UTF-8. After an error of the
// decoder there are no keys.
func (r *reader) object(keys, texts []string) {
	list := slices.ContainsFunc(keys, func(key string) bool { return !utf8.ValidString(key) })
	open, middle, end := `{`, `:`, `}`
	if list {
		open, middle, end = `[`, `,`, `]`
	}
	r.text(open)
	for i, key := range keys {
		if r.long = r.long || len(r.out) > maxJSON; r.long {
			return
		}
		if i > 0 {
			r.text(",")
		}
		if list {
			r.text("[")
		}
		r.out = appendText(r.out, key)
		r.text(middle + texts[i])
		if list {
			r.text("]")
		}
	}
	r.text(end)
}

// appendText appends a string of a message, in the form for one that is not UTF-8 if need be.
func appendText(out []byte, s string) []byte {
	if utf8.ValidString(s) {
		return appendString(out, s)
	}
	return append(out, `{"bytes":"`+base64.StdEncoding.EncodeToString([]byte(s))+`"}`...)
}
