package idl_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
)

func TestBuiltins(t *testing.T) {
	source := "package all\n\nstruct All {\n"
	for i, name := range idl.Builtins() {
		source += "\tfield" + string(rune('a'+i)) + " " + name + "\n"
	}
	root := idl.Root{FS: fstest.MapFS{"all/all.parley": {Data: []byte(source + "}\n")}}}
	schema, err := idl.Load(root, "all")
	if err != nil {
		t.Fatal(err)
	}
	fields := schema.Package("all").Lookup("All").(*idl.Struct).Fields
	if got, want := len(fields), int(idl.Duration)+1; got != want {
		t.Errorf("got %d types, want %d", got, want)
	}
	for i, f := range fields {
		if f.Type.Kind != idl.Kind(i) {
			t.Errorf("%s: got kind %v, want %v", idl.Builtins()[i], f.Type.Kind, idl.Kind(i))
		}
	}
}

func TestAnnotations(t *testing.T) {
	for on, want := range map[string]string{
		"service": "classic deprecated",
		"method":  "borrowed deprecated idempotent timeout",
		"error":   "code deprecated",
		"field":   "deprecated",
	} {
		if got := idl.Annotations(on); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: got %q, want %q", on, got, want)
		}
	}
}
