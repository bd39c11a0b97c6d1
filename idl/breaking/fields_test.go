package breaking

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// TestAllShortLists compares all lists of up to three fields with each other, and holds what breaks the wire against the
// rule in one sentence: each old field is in its place, with its type, under its name, a new one or as a removed one.
func TestAllShortLists(t *testing.T) {
	structs := shortStructs(t)
	if len(structs) < 200 {
		t.Fatalf("got %d lists: the test does not make them", len(structs))
	}
	wrong := 0
	for _, before := range structs {
		for _, after := range structs {
			c := &comparison{pairs: map[pair]verdict{}}
			c.bodies(before, after)
			breaks := slices.ContainsFunc(c.findings, func(d *syntax.Diagnostic) bool { return d.Category == Wire })
			if keeps := keepsPlaces(before.Fields, after.Fields); breaks == keeps {
				t.Errorf("%s becomes %s: keeps places %t, found %v", show(before), show(after), keeps, c.findings)
				wrong++
			}
			if before == after && len(c.findings) > 0 {
				t.Errorf("%s against itself: %v", show(before), c.findings)
			}
			if wrong > 10 {
				t.FailNow()
			}
		}
	}
}

// keepsPlaces is the rule.
func keepsPlaces(before, after []*idl.Field) bool {
	if len(after) < len(before) {
		return false
	}
	named := func(list []*idl.Field, name string) bool {
		return slices.ContainsFunc(list, func(f *idl.Field) bool { return f.Name == name })
	}
	for i, b := range before {
		a := after[i]
		fresh := !b.Removed() && !named(before, a.Name) && !named(after, b.Name)
		retired := a.Removed() && !named(after, b.Name)
		if a.Type.Kind != b.Type.Kind || a.Name != b.Name && !fresh && !retired {
			return false
		}
	}
	for i, a := range after {
		if i >= len(before) && !a.Removed() && named(before, a.Name) { // it has left its place
			return false
		}
	}
	return true
}

// shortStructs returns a struct of each list.
func shortStructs(t *testing.T) []*idl.Struct {
	lists := [][]string{nil}
	for from := 0; from < len(lists); from++ {
		if len(lists[from]) == 3 {
			break
		}
		for _, field := range []string{"a uint8", "a bool", "b uint8", "b bool", "c uint8", "_ uint8", "_ bool"} {
			name := field[:2]
			if name == "_ " || !strings.Contains(strings.Join(lists[from], ";")+";", name) {
				lists = append(lists, append(slices.Clone(lists[from]), field))
			}
		}
	}
	var text strings.Builder
	text.WriteString("package lists\n")
	for i, list := range lists {
		fmt.Fprintf(&text, "struct S%d { %s }\n", i, strings.Join(list, "; "))
	}
	schema, err := idl.Load(idl.Root{FS: fstest.MapFS{"lists/lists.parley": {Data: []byte(text.String())}}}, "lists")
	if err != nil {
		t.Fatal(err)
	}
	var structs []*idl.Struct
	for d := range schema.Packages[0].Decls() {
		structs = append(structs, d.(*idl.Struct))
	}
	return structs
}

func show(s *idl.Struct) string {
	var all []string
	for _, f := range s.Fields {
		all = append(all, f.Name+" "+f.Type.String())
	}
	return "{" + strings.Join(all, "; ") + "}"
}
