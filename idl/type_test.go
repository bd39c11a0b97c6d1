package idl_test

import (
	"slices"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
)

// typesOf loads a struct with one field of each type and returns the package and the fields' types.
func typesOf(t *testing.T, types ...string) (*idl.Package, []*idl.Type) {
	text := "package p\n\nimport \"q\"\n\nenum E {}\nunion U {}\nstruct Used { q q.S }\nstruct S {\n"
	for i, typ := range types {
		text += "\tf" + string(rune('a'+i)) + " " + typ + "\n"
	}
	root := fstest.MapFS{
		"p/p.parley": {Data: []byte(text + "}\n")},
		"q/q.parley": {Data: []byte("package q\n\nstruct S {}\n")},
	}
	schema, err := idl.Load(idl.Root{FS: root}, "p")
	if err != nil {
		t.Fatal(err)
	}
	p := schema.Package("p")
	var resolved []*idl.Type
	for _, f := range p.Lookup("S").(*idl.Struct).Fields {
		resolved = append(resolved, f.Type)
	}
	return p, resolved
}

func TestMinSize(t *testing.T) {
	want := map[string]int{
		"bool": 1, "int8": 1, "uint8": 1, "int16": 2, "uint16": 2, "int32": 4, "uint32": 4, "int64": 8, "uint64": 8,
		"float32": 4, "float64": 8, "string": 2, "bytes": 2, "time": 12, "duration": 8,
		"[]time": 2, "map[int64]time": 2, "?time": 1, "E": 2, "U": 4, "Used": 2, "q.S": 2,
	}
	for text, size := range want {
		_, types := typesOf(t, text)
		if got := types[0].MinSize(); got != size {
			t.Errorf("MinSize of %s: got %d, want %d", text, got, size)
		}
	}
}

func TestTypeString(t *testing.T) {
	for _, text := range []string{"bool", "duration", "?[]map[int8]?bytes", "q.S", "[]?q.S", "map[E]U"} {
		p, types := typesOf(t, text)
		if got := types[0].In(p); got != text {
			t.Errorf("got %s inside its package, want %s", got, text)
		}
	}
	_, types := typesOf(t, "map[E]q.S")
	if got, want := types[0].String(), "map[p.E]q.S"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestTypeAll(t *testing.T) {
	_, types := typesOf(t, "?[]map[int8]q.S")
	var got []string
	for typ := range types[0].All() {
		got = append(got, typ.String())
	}
	want := []string{"?[]map[int8]q.S", "[]map[int8]q.S", "map[int8]q.S", "int8", "q.S"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for typ := range types[0].All() {
		if typ.Kind == idl.Map {
			break // must not go on
		}
	}
}

func TestMembers(t *testing.T) {
	root := fstest.MapFS{"p/p.parley": {Data: []byte(`package p

enum E { A = 1; B = 2 }
struct S { c string; d E }
union U { 1: e S }
error F "x" { f []U }
const K = 1
service T = 1 {
	0: G(h string, i stream ?S) (j bool, k F2)
	1: L() (m stream U)
}
enum F2 {}
`)}}
	schema, err := idl.Load(idl.Root{FS: root}, "p")
	if err != nil {
		t.Fatal(err)
	}
	var members, types string
	for decl := range schema.Package("p").Decls() {
		for m := range idl.Members(decl) {
			members += m.Base().Name + " "
		}
		for typ := range idl.Types(decl) {
			types += typ.In(schema.Package("p")) + " "
		}
	}
	if want := "A B c d e f G h i j k L m "; members != want {
		t.Errorf("got members %s, want %s", members, want)
	}
	if want := "string E S []U U string ?S S bool F2 U "; types != want {
		t.Errorf("got types %s, want %s", types, want)
	}
}
