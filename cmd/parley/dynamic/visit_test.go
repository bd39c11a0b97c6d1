package dynamic_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/cmd/parley/dynamic"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// visit returns the parts of a value, a line each.
func visit(data []byte, typ *idl.Type) (parts []dynamic.Part, text string, err error) {
	var lines strings.Builder
	v := dynamic.NewVisitor(data, true, func(p dynamic.Part) {
		parts = append(parts, p)
		fmt.Fprintf(&lines, "%d-%d %s: %s\n", p.Start, p.End, p.Path, p.Text)
	})
	v.Value("v", typ)
	return parts, lines.String(), v.Err()
}

func TestVisit(t *testing.T) {
	tests := []struct {
		typ  *idl.Type
		data string
		want string
	}{
		{typeOf(t, "Item"), "\x00\x0c\x00\x01a\x00\x00\x00\x00\x01\x2c\x01\x00\x00", `0-2 v: struct Item of 12 bytes
2-5 v.name: "a"
5-9 v._: 0
9-11 v.size: Large
11-12 v.note: present
12-14 v.note: ""
`},
		{typeOf(t, "Item"), "\x00\x03\x00\x01a", `0-2 v: struct Item of 3 bytes
2-5 v.name: "a"
5-5 v: not sent, so zero: size, note
`},
		{typeOf(t, "Item"), "\x00\x0b\x00\x01a\x00\x00\x00\x00\x00\x07\x00\xff", `0-2 v: struct Item of 11 bytes
2-5 v.name: "a"
5-9 v._: 0
9-11 v.size: 7
11-12 v.note: absent
12-13 v: more, which the schema does not know
`},
		{typeOf(t, "Tree"), "\x00\x0b\x00\x00\x00\x01\x00\x01k\x00\x02\x00\x00", `0-2 v: struct Tree of 11 bytes
2-4 v.items: no elements
4-6 v.below: 1 pair
6-9 v.below[key 0]: "k"
9-11 v.below["k"]: struct Tree of 2 bytes
11-13 v.below["k"].items: no elements
13-13 v.below["k"]: not sent, so zero: below, maybe
13-13 v: not sent, so zero: maybe
`},
		{typeOf(t, "Event"), "\x00\x01\x00\x04\x00\x02hi", `0-2 v: union Event, case said
2-4 v: 4 bytes
4-8 v.said: "hi"
`},
		{typeOf(t, "Event"), "\x00\x09\x00\x01\xff", `0-2 v: union Event, case 9, which the schema does not know
2-4 v: 1 byte
4-5 v: more, which the schema does not know
`},
		{typeOf(t, "Event"), "\x00\x00\x00\x00", `0-2 v: union Event that holds nothing
2-4 v: 0 bytes
`},
		{fieldType(t, "flags"), "\x00\x02\x00\x05\x01\x06", `0-2 v: 2 pairs
2-3 v[key 0]: false
3-4 v[false]: 5
4-5 v[key 1]: true
5-6 v[true]: 6
`},
		{fieldType(t, "sizes"), "\x00\x01\x01\x2c\x01", `0-2 v: 1 pair
2-4 v[key 0]: Large
4-5 v[300]: true
`},
		{fieldType(t, "lists"), "\x01\x00\x01\x01\x00\x01\x00\x00", `0-1 v: present
1-3 v: 1 element
3-4 v[0]: present
4-6 v[0]: 1 element
6-8 v[0][0]: ""
`},
		{fieldType(t, "blob"), "\x00\x02\x01\x02", "0-4 v: 2 bytes\n"},
		{fieldType(t, "long"), "\x00\x00\x00\x00\x00\x00\x00\x07", "0-8 v: 7\n"},
		{fieldType(t, "at"), "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "0-12 v: 1970-01-01T00:00:00Z\n"},
	}
	for _, test := range tests {
		if _, got, err := visit([]byte(test.data), test.typ); err != nil || got != test.want {
			t.Errorf("%x: got\n%s%v, want\n%s", test.data, got, err, test.want)
		}
	}
}

// TestVisitOfLittleIsLittle visits zero values of a schema that makes 10¹² of two bytes.
func TestVisitOfLittleIsLittle(t *testing.T) {
	text := "package shop\nstruct S0 { a bool }\n"
	for n := '1'; n <= '9'; n++ {
		text += fmt.Sprintf("struct S%c { a S%c; b S%c; c S%c; d S%c; e S%c; f S%c; g S%c; h S%c }\n", n, n-1, n-1, n-1, n-1, n-1, n-1, n-1, n-1)
	}
	_, got, err := visit([]byte{0, 0}, &idl.Type{Kind: idl.Named, Decl: load(t, text).Lookup("S9")})
	if want := "0-2 v: struct S9 of 0 bytes\n2-2 v: not sent, so zero: a, b, c, d, e, f, g, h\n"; err != nil || got != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
}

// FuzzVisit holds that a Visitor goes through a value without a gap, and finds the mistake that Read finds.
func FuzzVisit(f *testing.F) {
	all, tree := typeOf(f, "All"), typeOf(f, "Tree")
	for _, text := range []string{`{}`, `{"text": "a", "event": {"said": "b"}, "flags": {"true": 1}, "lists": [["x"]], "sizes": {"Large": true}}`} {
		data, err := dynamic.Append(nil, all, []byte(text))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("\x00\x08\x00\x01\x00\x04\x00\x09ab"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, typ := range []*idl.Type{all, tree} {
			var d codec.Decoder
			d.Reset(data, true)
			_, want := dynamic.Read(&d, "v", typ)
			parts, text, err := visit(data, typ)
			if fmt.Sprint(err) != fmt.Sprint(want) {
				t.Fatalf("got %v, want %v, after\n%s", err, want, text)
			}
			at := 0
			for _, p := range parts {
				if p.Start != at || p.End < p.Start {
					t.Fatalf("a part is from %d to %d, want from %d:\n%s", p.Start, p.End, at, text)
				}
				at = p.End
			}
			if want == nil && at != d.Offset() {
				t.Fatalf("got parts up to %d, want %d:\n%s", at, d.Offset(), text)
			}
		}
	})
}

// A typeMaker makes types out of bytes.
type typeMaker struct {
	bytes []byte
	self  *idl.Struct // has all that is made, and may be in itself
}

func (m *typeMaker) next() byte {
	if len(m.bytes) == 0 {
		return byte(idl.Bool)
	}
	b := m.bytes[0]
	m.bytes = m.bytes[1:]
	return b
}

func (m *typeMaker) typ(depth int) *idl.Type {
	kind := idl.Kind(m.next()) % (idl.Named + 1)
	if depth == 0 {
		kind %= idl.List
	}
	switch kind {
	case idl.List, idl.Optional:
		return &idl.Type{Kind: kind, Elem: m.typ(depth - 1)}
	case idl.Map:
		key := idl.Kind(m.next()) % idl.Float32
		return &idl.Type{Kind: kind, Key: &idl.Type{Kind: key}, Elem: m.typ(depth - 1)}
	case idl.Named:
		union := &idl.Union{Common: idl.Common{Name: "U"}, Cases: []*idl.Case{{Common: idl.Common{Name: "c"}, Tag: 1, Type: m.typ(depth - 1)}}}
		decls := []idl.Decl{m.self, union, &idl.Enum{Common: idl.Common{Name: "E"}}}
		return &idl.Type{Kind: kind, Decl: decls[int(m.next())%len(decls)]}
	}
	return &idl.Type{Kind: kind}
}

// FuzzVisitOfAnySchema holds that a Visitor of any type has less to say than twice the bytes.
func FuzzVisitOfAnySchema(f *testing.F) {
	f.Add([]byte{18, 0, 15, 11}, []byte("\x00\x04\x00\x00\x00\x00"))
	f.Add([]byte{16, 5, 18, 1, 11, 17, 18, 0}, []byte("\x00\x09\x00\x01\x00\x00\x00\x07\x01\x00\x00"))
	f.Fuzz(func(t *testing.T, schema, data []byte) {
		m := typeMaker{schema, &idl.Struct{Common: idl.Common{Name: "S"}}}
		for i := 0; i < 20 && len(m.bytes) > 0; i++ {
			m.self.Fields = append(m.self.Fields, &idl.Field{Common: idl.Common{Name: "f"}, Type: m.typ(4)})
		}
		parts, text, _ := visit(data, &idl.Type{Kind: idl.Named, Decl: m.self})
		at := 0
		for _, p := range parts {
			if p.Start != at || p.End < p.Start || p.End > len(data) {
				t.Fatalf("a part is from %d to %d, want from %d:\n%s", p.Start, p.End, at, text)
			}
			at = p.End
		}
		if len(parts) > 2*len(data)+1 {
			t.Errorf("got %d parts of %d bytes:\n%s", len(parts), len(data), text)
		}
	})
}
