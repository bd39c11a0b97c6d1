package kitchen_test

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"

	"golang.org/x/tools/txtar"

	"example.test/kitchen/kitchen"
	"example.test/kitchen/pantry"
	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// TestDynamicAgrees holds the tool's way from values to JSON and back, which goes by the schema, against what is
// generated: the bytes of a generated value become JSON and then the same bytes again.
func TestDynamicAgrees(t *testing.T) {
	root, err := txtar.FS(txtar.Parse([]byte(pantry.IDL + kitchen.IDL)))
	if err != nil {
		t.Fatal(err)
	}
	schema, err := idl.Load(idl.Root{FS: root}, "kitchen")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range []binaryValue{
		new(kitchen.Everything), new(kitchen.Scalars), new(kitchen.Many), new(kitchen.Maybe), new(kitchen.Tree), new(kitchen.Deck),
	} {
		typ := reflect.TypeOf(v).Elem()
		decl := &idl.Type{Kind: idl.Named, Decl: schema.Package("kitchen").Lookup(typ.Name())}
		t.Run(typ.Name(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			for range 300 {
				in := reflect.New(typ)
				fill(r, in.Elem(), 5, false)
				want, _ := in.Interface().(binaryValue).MarshalBinary()
				text := dynamicJSON(t, decl, want)
				if got, err := dynamic.Append(nil, decl, text); err != nil || !bytes.Equal(got, want) {
					t.Fatalf("%s: got %x, %v; want %x", text, got, err, want)
				}
			}
			zero, _ := reflect.New(typ).Interface().(binaryValue).MarshalBinary()
			if got, err := dynamic.Append(nil, decl, []byte("{}")); err != nil || !bytes.Equal(got, zero) {
				t.Errorf("{}: got %x, %v; want %x", got, err, zero)
			}
		})
	}
}

func dynamicJSON(t *testing.T, typ *idl.Type, data []byte) []byte {
	var d codec.Decoder
	d.Reset(data, true)
	text, err := dynamic.Read(&d, "value", typ)
	if err != nil {
		t.Fatalf("%x: %v", data, err)
	}
	return text
}
