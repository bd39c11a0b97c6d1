package dynamic

import (
	"cmp"
	"fmt"
	"strconv"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// pairs visits a map: its count, then each key and value.
func (v *Visitor) pairs(path, name string, t *idl.Type) {
	switch t.Key.Kind {
	case idl.Bool:
		v.boolMap(path, name, t)
	case idl.Int8:
		visitMap(v, path, name, t, (*codec.Decoder).Int8, fmt.Sprint)
	case idl.Int16:
		visitMap(v, path, name, t, (*codec.Decoder).Int16, fmt.Sprint)
	case idl.Int32:
		visitMap(v, path, name, t, (*codec.Decoder).Int32, fmt.Sprint)
	case idl.Int64:
		visitMap(v, path, name, t, (*codec.Decoder).Int64, fmt.Sprint)
	case idl.Uint8:
		visitMap(v, path, name, t, (*codec.Decoder).Uint8, fmt.Sprint)
	case idl.Uint16:
		visitMap(v, path, name, t, (*codec.Decoder).Uint16, fmt.Sprint)
	case idl.Uint32:
		visitMap(v, path, name, t, (*codec.Decoder).Uint32, fmt.Sprint)
	case idl.Uint64:
		visitMap(v, path, name, t, (*codec.Decoder).Uint64, fmt.Sprint)
	case idl.String:
		visitMap(v, path, name, t, (*codec.Decoder).String, quotedKey)
	case idl.Named:
		visitMap(v, path, name, t, (*codec.Decoder).Uint16, enumKey(t.Key.Decl.(*idl.Enum)))
	}
}

// quotedKey shows a string, as JSON if it is UTF-8; only the beginning of a long one.
func quotedKey(key ...any) string {
	const most = 40
	if s := key[0].(string); len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return string(appendText(nil, key[0].(string)))
}

func visitMap[K cmp.Ordered](v *Visitor, path, name string, t *idl.Type,
	readKey func(*codec.Decoder, string) K, show func(...any) string) {
	i, inner := 0, ""
	codec.ReadMap(&v.d, name, t.Key.MinSize()+t.Elem.MinSize(), func(d *codec.Decoder, name string) K {
		if i == 0 {
			v.part(path, v.length(d.Offset(), "pair"))
		}
		key := readKey(d, name)
		inner = show(key)
		v.part(path+"[key "+strconv.Itoa(i)+"]", inner)
		i++
		return key
	}, func(_ *codec.Decoder, name string) none {
		v.value(path+"["+inner+"]", name, t.Elem)
		return none{}
	})
	v.part(path, "no pairs") // if it has some, there is nothing left of it
}

// boolMap is visitMap for keys of type bool, which codec.ReadBoolMap reads by itself, each as one byte.
func (v *Visitor) boolMap(path, name string, t *idl.Type) {
	i := 0
	codec.ReadBoolMap(&v.d, name, t.Key.MinSize()+t.Elem.MinSize(), func(d *codec.Decoder, name string) none {
		key := d.Offset() - 1
		if i == 0 {
			v.partTo(key, path, v.length(key, "pair"))
		}
		text := strconv.FormatBool(v.data[key] == 1)
		v.part(path+"[key "+strconv.Itoa(i)+"]", text)
		v.value(path+"["+text+"]", name, t.Elem)
		i++
		return none{}
	})
	v.part(path, "no pairs")
}
