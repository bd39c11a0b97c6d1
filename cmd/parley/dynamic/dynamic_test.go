package dynamic_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

const shopIDL = `package shop

enum Size { Small = 1; Large = 300 }

struct Item {
	name string
	_    uint32
	size Size
	note ?string
}

struct Tree {
	items  []Item
	below  map[string]Tree
	maybe  ?Event
}

union Event {
	1: said string
	2: item Item
	3: gone ?bool
}

struct All {
	yes    bool
	tiny   int8
	long   int64
	huge   uint64
	single float32
	double float64
	text   string
	blob   bytes
	at     time
	span   duration
	size   Size
	event  Event
	maybe  ?Event
	texts  map[string]uint8
	sizes  map[Size]bool
	flags  map[bool]uint8
	shorts map[int16]uint8
	lists  ?[]?[]string
}

error Broken "{what}" { what string; tree Tree }

service Shop = 1 {
	0: Buy(item Item, count uint16, note ?string) (paid uint64, tree Tree)
}
`

func load(t testing.TB, text string) *idl.Package {
	t.Helper()
	root := fstest.MapFS{"shop/shop.parley": {Data: []byte(text)}}
	schema, err := idl.Load(idl.Root{FS: root}, "shop")
	if err != nil {
		t.Fatal(err)
	}
	return schema.Package("shop")
}

func typeOf(t testing.TB, name string) *idl.Type {
	return &idl.Type{Kind: idl.Named, Decl: load(t, shopIDL).Lookup(name)}
}

// fieldType returns the type of a field of All.
func fieldType(t testing.TB, name string) *idl.Type {
	for _, f := range load(t, shopIDL).Lookup("All").(*idl.Struct).Fields {
		if f.Name == name {
			return f.Type
		}
	}
	t.Fatalf("All has no field %q", name)
	return nil
}

func read(t testing.TB, typ *idl.Type, data []byte) (string, error) {
	t.Helper()
	var d codec.Decoder
	d.Reset(data, true)
	text, err := dynamic.Read(&d, "value", typ)
	if err == nil && !json.Valid(text) {
		t.Errorf("%x: got %s, which is no JSON", data, text)
	}
	return string(text), err
}

func TestValues(t *testing.T) {
	for _, c := range []struct{ field, json, bytes, back string }{ // back "" is json
		{"yes", `true`, "01", ""},
		{"tiny", `-128`, "80", ""},
		{"long", `"-9223372036854775808"`, "8000000000000000", ""},
		{"long", `-5`, "fffffffffffffffb", `"-5"`},
		{"huge", `"18446744073709551615"`, "ffffffffffffffff", ""},
		{"huge", `18446744073709551615`, "ffffffffffffffff", `"18446744073709551615"`},
		{"single", `0.1`, "3dcccccd", ""},
		{"single", `"-Infinity"`, "ff800000", ""},
		{"double", `"NaN"`, "7ff8000000000000", ""},
		{"double", `"Infinity"`, "7ff0000000000000", ""},
		{"double", `-0`, "8000000000000000", ""},
		{"double", `1e+21`, "444b1ae4d6e2ef50", ""},
		{"text", `"caf\u00e9 \ud83d\ude00"`, "000a" + hex.EncodeToString([]byte("café 😀")), `"café 😀"`},
		{"text", `"\u001b[31m\u202e\u0085\"\\\n\t"`, "000e" + hex.EncodeToString([]byte("\x1b[31m\u202e\u0085\"\\\n\t")), ""},
		{"text", `"\udb40\udc01"`, "0004f3a08081", ""}, // a tag, which no terminal shows
		{"text", `{"bytes":"/w=="}`, "0001ff", ""},
		{"text", `{"bytes":"YQ=="}`, "000161", `"a"`},
		{"blob", `"AQI="`, "00020102", ""},
		{"blob", `"-_8"`, "0002fbff", `"+/8="`},
		{"at", `"2026-03-01T12:00:00.5Z"`, "0000000069a42a40" + "1dcd6500", ""},
		{"at", `"2026-03-01T13:00:00+01:00"`, "0000000069a42a40" + "00000000", `"2026-03-01T12:00:00Z"`},
		{"at", `"0000-01-01T00:00:00Z"`, "fffffff1868b8400" + "00000000", ""},
		{"at", `{"seconds":"-62167219201","nanoseconds":7}`, "fffffff1868b83ff" + "00000007", ""},
		{"at", `{"seconds":"9223372036854775807","nanoseconds":0}`, "7fffffffffffffff" + "00000000", ""},
		{"span", `"1m30.5s"`, "0000001512386900", ""},
		{"span", `"-2562047h47m16.854775808s"`, "8000000000000000", ""},
		{"size", `"Large"`, "012c", ""},
		{"size", `300`, "012c", `"Large"`},
		{"size", `7`, "0007", ""},
		{"event", `null`, "00000000", ""},
		{"event", `{}`, "00000000", `null`},
		{"event", `{"said":"a"}`, "00010003000161", ""},
		{"event", `{"gone":null}`, "0003000100", ""},
		{"event", `{"#9":"AQ=="}`, "0009000101", ""},
		{"maybe", `null`, "00", ""},
		{"maybe", `{}`, "0100000000", ""},
		{"maybe", `{"gone":true}`, "01000300020101", ""},
		{"texts", `{"b":1,"a":2,"":3}`, "0003" + "000003" + "00016102" + "00016201", `{"":3,"a":2,"b":1}`},
		{"texts", `[[{"bytes":"/w=="},1],["a",2]]`, "0002" + "00016102" + "0001ff01", `[["a",2],[{"bytes":"/w=="},1]]`},
		{"sizes", `{"Large":true,"2":false}`, "0002" + "000200" + "012c01", `{"2":false,"Large":true}`},
		{"flags", `{"true":1,"false":2}`, "0002" + "0002" + "0101", `{"false":2,"true":1}`},
		{"flags", `{"true":1}`, "0001" + "0101", ""},
		{"shorts", `{"1":1,"-1":2}`, "0002" + "ffff02" + "000101", `{"-1":2,"1":1}`},
		{"lists", `[null,["a"],[]]`, "01" + "0003" + "00" + "010001000161" + "010000", ""},
		{"lists", `[]`, "010000", ""},
	} {
		typ := fieldType(t, c.field)
		got, err := dynamic.Append([]byte("before"), typ, []byte(c.json))
		if want := "before" + unhex(t, c.bytes); err != nil || string(got) != want {
			t.Errorf("%s %s: got %x, %v; want %x", c.field, c.json, got, err, want)
			continue
		}
		if c.back == "" {
			c.back = c.json
		}
		if back, err := read(t, typ, got[len("before"):]); err != nil || back != c.back {
			t.Errorf("%s %s: got back %s, %v; want %s", c.field, c.json, back, err, c.back)
		}
	}
}

func unhex(t *testing.T, s string) string {
	data, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWrongValues(t *testing.T) {
	for _, c := range []struct{ json, want string }{
		{`{"yes": 1}`, "yes: want a bool, got a number"},
		{`{"tiny": 128}`, `tiny: want an integer from -128 to 127, got "128"`},
		{`{"tiny": "1"}`, "tiny: want an integer, got a string"},
		{`{"long": "9223372036854775808"}`, `long: want an integer from -9223372036854775808 to 9223372036854775807, got "9223372036854775808"`},
		{`{"huge": -1}`, `huge: want an integer from 0 to 18446744073709551615, got "-1"`},
		{`{"huge": 1.5}`, `huge: want an integer from 0 to 18446744073709551615, got "1.5"`},
		{`{"huge": true}`, `huge: want an integer, as a string, got a bool`},
		{`{"single": 1e39}`, `single: "1e39" is too large for a float32`},
		{`{"double": "nan"}`, `double: want a number, "NaN", "Infinity" or "-Infinity", got "nan"`},
		{`{"text": null}`, "text: want a string, got null"},
		{`{"text": {"bytes": "?"}}`, `text.bytes: want base64, got "?"`},
		{`{"text": {"byte": ""}}`, `text: want a string, got an object`},
		{`{"blob": "AQI?"}`, `blob: want base64, got "AQI?"`},
		{`{"at": "yesterday"}`, `at: want a time like "2026-03-01T12:00:00Z", got "yesterday"`},
		{`{"at": {"nanoseconds": 1000000000}}`, `at.nanoseconds: want an integer from 0 to 999999999`},
		{`{"at": {"second": 1}}`, `at: there is no part of a time "second", did you mean "seconds"?`},
		{`{"span": "5"}`, `span: want a duration like "1m30s", got "5"`},
		{`{"span": 5}`, `span: want a duration, as a string like "1m30s", got a number`},
		{`{"size": "Smal"}`, `size: there is no Size "Smal", did you mean "Small"?`},
		{`{"size": "Gigantic"}`, `size: there is no Size "Gigantic", only Small, Large`},
		{`{"size": 65536}`, `size: want an integer from 0 to 65535, got "65536"`},
		{`{"event": {"sad": 1}}`, `event: there is no case "sad", did you mean "said"?`},
		{`{"event": {"said": "a", "item": {}}}`, `event: want one case of Event, got "said" and "item"`},
		{`{"event": {"#1": ""}}`, `event: the case with tag 1 is called "said"`},
		{`{"event": {"#0": ""}}`, `event: want a tag from #1 to #65535, got "#0"`},
		{`{"event": {"item": {"name": []}}}`, "event.item.name: want a string, got a list"},
		{`{"event": "said"}`, "event: want an object with one case of Event, got a string"},
		{`{"event": {"item": {"_": 5}}}`, `event.item: there is no field "_", only name, size, note`},
		{`{"texts": {"a": "b"}}`, `texts["a"]: want an integer, got a string`},
		{`{"texts": [["a", 1], ["a", 1]]}`, "texts: two keys are the same"},
		{`{"texts": [["a"]]}`, "texts[0]: want a pair [key, value]"},
		{`{"texts": [[1, 1]]}`, "texts[0]: as a key: want a string, got a number"},
		{`{"sizes": {"Small": true, "1": true}}`, "sizes: two keys are the same"},
		{`{"flags": {"yes": 1}}`, `flags["yes"]: as a key: want a bool, got a string`},
		{`{"shorts": {"a": 1}}`, `shorts["a"]: as a key: want an integer from -32768 to 32767, got "a"`},
		{`{"lists": [null, ["a", 5]]}`, "lists[1][1]: want a string, got a number"},
		{`{"yess": true}`, `there is no field "yess", did you mean "yes"?`},
		{`{"yes": true, "yes": true}`, `"yes" stands twice in an object`},
		{`[]`, "want an object, got a list"},
		{`{} {}`, "not JSON: invalid character '{' after top-level value, at byte 4"},
		{`{"yes": t}`, "not JSON: invalid character '}' in literal true (expecting 'r'), at byte 10"},
		{``, "not JSON: unexpected end of JSON input, at byte 0"},
		{`[`, "not JSON: unexpected end of JSON input, at byte 1"},
		{"\"\xff\"", `the JSON is not UTF-8: a string of other bytes is written {"bytes": "base64"}`},
		{`{"text": "\\\ud83d\ude00\ud800"}`, `\ud800 is half of a character: a string that is not UTF-8 is written {"bytes": "base64"}`},
		{`{"text": "\uDC00\uD800"}`, `\uDC00 is half of a character: a string that is not UTF-8 is written {"bytes": "base64"}`},
		{strings.Repeat("[", 6000) + strings.Repeat("]", 6000), "lists and objects nest more than 5000 deep"},
	} {
		got, err := dynamic.Append([]byte("before"), typeOf(t, "All"), []byte(c.json))
		if err == nil || err.Error() != c.want {
			t.Errorf("%.60s: got %v, want %s", c.json, err, c.want)
		}
		if string(got) != "before" {
			t.Errorf("%.60s: got %q behind an error, want what was there", c.json, got)
		}
	}
}

func TestErrorHasPath(t *testing.T) {
	_, err := dynamic.Append(nil, typeOf(t, "Tree"), []byte(`{"below": {"a": {"items": [{}, {"name": 1}]}}}`))
	var wrong *dynamic.Error
	if !errors.As(err, &wrong) || wrong.Path != `below["a"].items[1].name` {
		t.Errorf("got %v with path %q, want below[\"a\"].items[1].name", err, wrong.Path)
	}
}

func TestParameters(t *testing.T) {
	buy := load(t, shopIDL).Lookup("Shop").(*idl.Service).Methods[0]
	got, err := dynamic.AppendFields(nil, buy.Params, []byte(`{"count": 2, "item": {"name": "tea"}}`))
	want := unhex(t, "000c"+"0003746561"+"00000000"+"0000"+"00"+"0002"+"00")
	if err != nil || string(got) != want {
		t.Errorf("got %x, %v; want %x", got, err, want)
	}
	for text, want := range map[string]string{
		`{"item": {}}`:                        "count is missing: the parameters are (item shop.Item, count uint16, note ?string)",
		`{"item": {}, "cuont": 1}`:            `there is no parameter "cuont", did you mean "count"?`,
		`[]`:                                  "want an object with the parameters (item shop.Item, count uint16, note ?string), got a list",
		`{"item": {"size": "L"}, "count": 1}`: `item.size: there is no Size "L", only Small, Large`,
	} {
		if _, err := dynamic.AppendFields(nil, buy.Params, []byte(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// TestOlderPeer reads what a peer wrote that does not know the last fields.
func TestOlderPeer(t *testing.T) {
	got, err := read(t, typeOf(t, "Item"), []byte("\x00\x03\x00\x01a"))
	if want := `{"name":"a","size":0,"note":null}`; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	var d codec.Decoder
	d.Reset(nil, false)
	results := load(t, shopIDL).Lookup("Shop").(*idl.Service).Methods[0].Results
	text, err := dynamic.ReadFields(&d, results)
	if want := `{"paid":"0","tree":{"items":[],"below":{},"maybe":null}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v; want %s", text, err, want)
	}
}

func TestDamagedMessageNamesField(t *testing.T) {
	_, err := read(t, typeOf(t, "Tree"), []byte("\x00\x08\x00\x01\x00\x04\x00\x09ab"))
	if want := "value.items[0].name at offset 6: string of 9 bytes, only 2 remain"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// TestSmallMessageStaysSmall asks for zero values of a schema that makes 10¹² of two bytes.
func TestSmallMessageStaysSmall(t *testing.T) {
	text := "package shop\nstruct S0 { a, b, c, d, e, f, g, h, i, j bool }\n"
	text = strings.ReplaceAll(text, ", ", " bool; ")
	for n := '1'; n <= '9'; n++ {
		text += "struct S" + string(n) + " {"
		for _, field := range "abcdefghij" {
			text += " " + string(field) + " S" + string(n-1) + ";"
		}
		text += " }\n"
	}
	typ := &idl.Type{Kind: idl.Named, Decl: load(t, text).Lookup("S9")}
	if _, err := read(t, typ, []byte{0, 0}); err == nil || !strings.Contains(err.Error(), "MiB of JSON") {
		t.Errorf("reading: got %v, want an error about MiB of JSON", err)
	}
	if _, err := dynamic.Append(nil, typ, []byte("{}")); err == nil || !strings.Contains(err.Error(), "MiB") {
		t.Errorf("writing: got %v, want an error about MiB", err)
	}
}

// FuzzJSON holds that what is taken as a value comes back as JSON that means the same bytes.
func FuzzJSON(f *testing.F) {
	f.Add(`{"text": {"bytes": "/w=="}, "event": {"#9": "AQ=="}, "maybe": {}, "texts": [[{"bytes": "/w=="}, 1]], "sizes": {"7": true}}`)
	f.Add(`{"at": {"seconds": "-99999999999999"}, "span": "1h", "double": "NaN", "lists": [null, ["a"]], "shorts": {"-1": 1, "1": 2}}`)
	typ := typeOf(f, "All")
	f.Fuzz(func(t *testing.T, text string) {
		data, err := dynamic.Append(nil, typ, []byte(text))
		if err != nil {
			return
		}
		comesBack(t, typ, data)
	})
}

// FuzzBytes holds that JSON made of any bytes means a value whose JSON is the same.
func FuzzBytes(f *testing.F) {
	typ := typeOf(f, "All")
	for _, text := range []string{`{}`, `{"text": "a", "event": {"said": "b"}, "flags": {"true": 1}, "lists": [[]]}`} {
		data, err := dynamic.Append(nil, typ, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := read(t, typ, data)
		if err != nil {
			return
		}
		again, err := dynamic.Append(nil, typ, []byte(text))
		if err != nil {
			t.Fatalf("%x: %s: %v", data, text, err)
		}
		if back, err := read(t, typ, again); err != nil || back != text {
			t.Fatalf("%x: got %s, %v; want %s", data, back, err, text)
		}
	})
}

func comesBack(t *testing.T, typ *idl.Type, data []byte) {
	text, err := read(t, typ, data)
	if errors.As(err, new(*codec.Error)) && strings.Contains(err.Error(), "of memory") {
		return // a message has a budget, a value has none
	}
	if err != nil {
		t.Fatalf("%x: %v", data, err)
	}
	if again, err := dynamic.Append(nil, typ, []byte(text)); err != nil || !bytes.Equal(again, data) {
		t.Fatalf("%s: got %x, %v; want %x", text, again, err, data)
	}
}
