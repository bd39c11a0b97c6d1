package kitchen_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"example.test/kitchen/kitchen"
	"example.test/kitchen/pantry"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
)

// binaryValue is a pointer to a generated struct or error.
type binaryValue interface {
	encoding.BinaryAppender
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

func TestRandomValuesComeBack(t *testing.T) {
	types := []binaryValue{
		new(kitchen.Scalars), new(kitchen.Many), new(kitchen.Maybe), new(kitchen.Tree), new(kitchen.Card),
		new(kitchen.Deck), new(kitchen.Burnt), new(kitchen.Closed), new(pantry.Jar), new(pantry.Missing),
	}
	for _, v := range types {
		typ := reflect.TypeOf(v).Elem()
		t.Run(typ.Name(), func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			for range 300 {
				in, out := reflect.New(typ), reflect.New(typ)
				fill(r, in.Elem(), 3, false)
				data, _ := in.Interface().(binaryValue).MarshalBinary()
				if err := out.Interface().(binaryValue).UnmarshalBinary(data); err != nil {
					t.Fatalf("%+v: %v", in.Elem(), err)
				}
				if !reflect.DeepEqual(out.Interface(), in.Interface()) {
					t.Fatalf("got %+v, want %+v", out.Elem(), in.Elem())
				}
				longer, _ := in.Interface().(binaryValue).AppendBinary([]byte("before"))
				if want := "before" + string(data); string(longer) != want {
					t.Fatalf("AppendBinary: got %q, want %q", longer, want)
				}
			}
		})
	}
}

// cases are the types that the fields of each union's type can hold.
var cases = map[reflect.Type][]any{
	reflect.TypeFor[kitchen.Event](): {
		kitchen.EventSaid{}, kitchen.EventJar{}, kitchen.EventTree{}, kitchen.EventBlob{}, kitchen.EventMany{},
		kitchen.EventInner{}, kitchen.EventUnknown{},
	},
	reflect.TypeFor[pantry.Found](): {pantry.FoundJar{}, pantry.FoundCrumb{}, pantry.FoundUnknown{}},
}

// fill sets v to something random that the wire can tell apart: what is nil only if it is not optional is never empty.
func fill(r *rand.Rand, v reflect.Value, depth int, optional bool) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(1<<33)-1<<32, r.Int64N(1e9)).UTC()))
		return
	}
	length := r.IntN(4)
	isNone := depth <= 0 || r.IntN(3) == 0
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64) >> (64 - v.Type().Bits()))
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> (64 - v.Type().Bits()))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32(r.NormFloat64())))
	case reflect.String:
		v.SetString(strings.Repeat("\xffx", r.IntN(9)))
	case reflect.Pointer:
		if !isNone {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem(), depth-1, false)
		}
	case reflect.Slice:
		if isNone || length == 0 && !optional {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), length, length))
		for i := range length {
			fill(r, v.Index(i), depth-1, false)
		}
	case reflect.Map:
		if isNone || length == 0 && !optional {
			return
		}
		v.Set(reflect.MakeMap(v.Type()))
		for range length {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(r, key, depth-1, false)
			fill(r, value, depth-1, false)
			v.SetMapIndex(key, value)
		}
	case reflect.Interface:
		if !isNone {
			all := cases[v.Type()]
			held := reflect.New(reflect.TypeOf(all[r.IntN(len(all))])).Elem()
			fill(r, held, depth-1, false)
			if tag := held.FieldByName("Tag"); tag.IsValid() {
				tag.SetUint(12345)
			}
			v.Set(held)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			optional := strings.Contains(string(v.Type().Field(i).Tag), "omitempty")
			fill(r, v.Field(i), depth-1, optional)
		}
	}
}

func TestOptionalEmptyIsNotNil(t *testing.T) {
	in := kitchen.Maybe{Blob: []byte{}, Names: []string{}, Jars: []pantry.Jar{}, ByName: map[string]uint8{}, ByFlag: map[bool][]byte{}}
	out := reopen[kitchen.Maybe](t, in)
	if !reflect.DeepEqual(out, in) {
		t.Errorf("got %#v, want %#v", out, in)
	}
	if out := reopen[kitchen.Many](t, kitchen.Many{Names: []string{}, ByHeat: map[kitchen.Heat][]string{}}); out.Names != nil || out.ByHeat != nil {
		t.Errorf("empty list and map: got %#v and %#v, want nil", out.Names, out.ByHeat)
	}
}

// reopen returns what a T reads from the bytes of v.
func reopen[T any, P interface {
	*T
	encoding.BinaryUnmarshaler
}](t *testing.T, v encoding.BinaryMarshaler) T {
	t.Helper()
	data, err := v.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	var out T
	if err := P(&out).UnmarshalBinary(data); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPeersOfDifferentAges(t *testing.T) {
	note := "new"
	deck := kitchen.Deck{
		Cards: []kitchen.Card{{Name: "a", Note: &note, Tags: []string{"x"}, Count: 3, Event: kitchen.EventSaid{Value: "!"}}, {Name: "b"}},
		After: "end",
	}
	old := reopen[kitchen.OldDeck](t, deck)
	if want := (kitchen.OldDeck{Cards: []kitchen.OldCard{{Name: "a"}, {Name: "b"}}, After: "end"}); !reflect.DeepEqual(old, want) {
		t.Errorf("an older peer reads %+v, want %+v", old, want)
	}
	old.Cards[0].Gone = 7 // the removed field is skipped
	newer := reopen[kitchen.Deck](t, old)
	if want := (kitchen.Deck{Cards: []kitchen.Card{{Name: "a"}, {Name: "b"}}, After: "end"}); !reflect.DeepEqual(newer, want) {
		t.Errorf("a newer peer reads %+v, want %+v", newer, want)
	}
}

func TestUnknownCaseIsKept(t *testing.T) {
	data, _ := kitchen.EventInner{Value: kitchen.EventSaid{Value: "hi"}}.MarshalBinary()
	old, err := kitchen.UnmarshalOldEvent(data)
	if err != nil {
		t.Fatal(err)
	}
	unknown, ok := old.(kitchen.OldEventUnknown)
	if !ok || unknown.Tag != 65535 {
		t.Fatalf("got %#v, want an OldEventUnknown with tag 65535", old)
	}
	if again, _ := unknown.MarshalBinary(); !bytes.Equal(again, data) {
		t.Errorf("written again: got %x, want %x", again, data)
	}
}

func TestNilUnionIsNone(t *testing.T) {
	data := kitchen.WriteEvent(nil, nil)
	v, err := kitchen.UnmarshalEvent(data)
	if v != nil || err != nil || len(data) != 4 {
		t.Errorf("got %v, %v from %x", v, err, data)
	}
}

func TestDecodingErrorNamesTheField(t *testing.T) {
	deck := kitchen.Deck{Cards: []kitchen.Card{{Name: "a"}, {Name: "b", Event: kitchen.EventSaid{Value: "longer"}}}}
	data, _ := deck.MarshalBinary()
	i := bytes.Index(data, []byte("longer"))
	data[i-1] = 200 // its length
	got := kitchen.Deck{After: "unchanged"}
	err := got.UnmarshalBinary(data)
	var decode *codec.Error
	if !errors.As(err, &decode) || decode.Field != "Deck.cards[1].event.said" {
		t.Errorf("got %v, want an error about Deck.cards[1].event.said", err)
	}
	if got.After != "unchanged" || got.Cards != nil {
		t.Errorf("after the error the value is %+v", got)
	}
}

func TestJSON(t *testing.T) {
	text := "x"
	got, err := json.Marshal(kitchen.Card{Name: "a", Note: &text, Event: kitchen.EventJar{Value: pantry.Jar{Label: "jam", Shelf: pantry.ShelfBottom}}})
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"name":"a","note":"x","tags":null,"count":0,"event":{"jar":{"label":"jam","shelf":7}}}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, _ := json.Marshal(kitchen.Maybe{}); string(got) != `{"texts":null,"blobs":null,"lists":null,"byNumber":null}` {
		t.Errorf("a struct of optionals without any: %s", got)
	}
}

func TestEnumString(t *testing.T) {
	if got := kitchen.HeatHigh.String(); got != "High" {
		t.Errorf("got %q, want High", got)
	}
	if got := kitchen.Heat(4).String(); got != "Heat(4)" {
		t.Errorf("got %q, want Heat(4)", got)
	}
}

func TestDeclaredErrors(t *testing.T) {
	burnt := &kitchen.Burnt{
		What: "toast", Heat: kitchen.HeatHigh, Span: 90 * time.Second, Count: -2, Share: 0.1, Yes: true,
		Blob: []byte{1, 255}, At: time.Unix(0, 0).UTC(), CodeField: 4,
	}
	tests := []struct {
		err        runtime.DeclaredError
		text, name string
		code       runtime.Code
	}{
		{burnt, "toast at High for 1m30s: -2 {left}, 0.1, true, 01ff, 1970-01-01T00:00:00Z", "kitchen.Burnt", runtime.CodeResourceExhausted},
		{&kitchen.Closed{}, "the kitchen is closed", "kitchen.Closed", runtime.CodeUnknown},
		{&pantry.Missing{What: "jam"}, "there is no jam", "pantry.Missing", runtime.CodeNotFound},
	}
	for _, test := range tests {
		if test.err.Error() != test.text || test.err.ErrorName() != test.name || test.err.Code() != test.code {
			t.Errorf("got %q, %s, %s, want %q, %s, %s",
				test.err.Error(), test.err.ErrorName(), test.err.Code(), test.text, test.name, test.code)
		}
	}
}
