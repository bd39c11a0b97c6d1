package kitchen_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"reflect"
	"testing"

	"example.test/kitchen/kitchen"
	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// describeKitchen returns a caller of a server of Mirror, and what that says of itself.
func describeKitchen(t *testing.T) (*remote.Caller, *remote.Description) {
	server := runtime.NewServer()
	kitchen.RegisterMirror(server, mirror{})
	client := runtime.InProcess(server)
	t.Cleanup(func() { client.Close() })
	caller := &remote.Caller{Caller: client, Address: "kitchen"}
	description, err := caller.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return caller, description
}

// TestDynamicAgrees holds the tool's way from values to JSON and back, which goes by the schema, against what is
// generated: the bytes of a generated value become JSON and then the same bytes again.
func TestDynamicAgrees(t *testing.T) {
	_, description := describeKitchen(t)
	for _, v := range []binaryValue{
		new(kitchen.Everything), new(kitchen.Scalars), new(kitchen.Many), new(kitchen.Maybe), new(kitchen.Tree), new(kitchen.Deck),
	} {
		typ := reflect.TypeOf(v).Elem()
		decl := &idl.Type{Kind: idl.Named, Decl: description.Schema.Package("kitchen").Lookup(typ.Name())}
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

// TestDynamicCalls has generated code answer calls that are made by the schema: results, an error's fields and the items of
// streams are what was sent.
func TestDynamicCalls(t *testing.T) {
	caller, description := describeKitchen(t)
	everythingType := &idl.Type{Kind: idl.Named, Decl: description.Schema.Package("kitchen").Lookup("Everything")}
	r := rand.New(rand.NewPCG(5, 6))
	var texts []string
	for range 20 {
		data, _ := everything(r, 12).MarshalBinary()
		texts = append(texts, string(dynamicJSON(t, everythingType, data)))
	}
	method := func(name string) *remote.Method {
		m, err := description.Method(name)
		if err != nil {
			t.Fatal(err)
		}
		return remote.NewMethod(m, description.Schema, 0)
	}
	for _, text := range texts {
		got, err := method("Mirror.Show").Call(t.Context(), caller, []byte(`{"all":`+text+`}`))
		if want := `{"same":` + text + `}`; err != nil || string(got) != want {
			t.Errorf("Show: got %s, %v; want %s", got, err, want)
		}
		_, err = method("Mirror.Crack").Call(t.Context(), caller, []byte(`{"all":`+text+`}`))
		var cracked *remote.DeclaredError
		if want := `{"all":` + text + `}`; !errors.As(err, &cracked) || string(cracked.Fields) != want {
			t.Errorf("Crack: got %v, want the fields %s", err, want)
		}
	}
	sent, came := 0, 0
	next := func() ([]byte, error) {
		if sent == len(texts) {
			return nil, io.EOF
		}
		sent++
		return []byte(texts[sent-1]), nil
	}
	_, err := method("Mirror.Play").Stream(t.Context(), caller, []byte("{}"), next, func(got []byte) error {
		if came == len(texts) || string(got) != texts[came] {
			t.Errorf("Play: got %s as item %d, want %s", got, came, texts[min(came, len(texts)-1)])
		}
		came++
		return nil
	})
	if err != nil || came != len(texts) {
		t.Errorf("Play: got %d items, %v; want %d", came, err, len(texts))
	}
}
