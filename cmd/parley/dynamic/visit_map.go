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
		visitMap(v, path, name, t, (*codec.Decoder).Int8, shownKey)
	case idl.Int16:
		visitMap(v, path, name, t, (*codec.Decoder).Int16, shownKey)
	case idl.Int32:
		visitMap(v, path, name, t, (*codec.Decoder).Int32, shownKey)
	case idl.Int64:
		visitMap(v, path, name, t, (*codec.Decoder).Int64, shownKey)
	case idl.Uint8:
		visitMap(v, path, name, t, (*codec.Decoder).Uint8, shownKey)
	case idl.Uint16:
		visitMap(v, path, name, t, (*codec.Decoder).Uint16, shownKey)
	case idl.Uint32:
		visitMap(v, path, name, t, (*codec.Decoder).Uint32, shownKey)
	case idl.Uint64:
		visitMap(v, path, name, t, (*codec.Decoder).Uint64, shownKey)
	case idl.String:
		visitMap(v, path, name, t, (*codec.Decoder).String, shownKey)
	case idl.Named:
		visitMap(v, path, name, t, (*codec.Decoder).Uint16, enumKey(t.Key.Decl.(*idl.Enum)))
	}
}

// shownKey shows a key as the path of an error of package codec has it.
func shownKey(key ...any) string {
	const most = 40
	switch s, ok := key[0].(string); {
	case !ok:
		return fmt.Sprint(key[0])
	case len(s) > most:
		return strconv.Quote(s[:most]) + "…"
	default:
		return strconv.Quote(s)
	}
}

func visitMap[K cmp.Ordered](v *Visitor, path, name string, t *idl.Type,
	readKey func(*codec.Decoder, string) K, show func(...any) string) {
	i, inner := 0, ""
	codec.ReadMap(&v.d, name, t.Key.MinSize()+t.Elem.MinSize(), func(d *codec.Decoder, name string) K {
		if i == 0 {
			v.part(path, v.length(d.Offset(), "pair"))
		}
		key := readKey(d, name)
		inner = shownKey(key)
		v.part(path+"[key "+strconv.Itoa(i)+"]", show(key))
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
