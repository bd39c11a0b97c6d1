package cmd

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/gen/wire"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime"
)

// TestWireCodes holds the error codes of parley explain wire to those of the runtime, which gen does not see.
func TestWireCodes(t *testing.T) {
	for code := runtime.CodeCanceled; code <= runtime.CodeUnauthenticated; code++ {
		source := fmt.Sprintf("package x\n@code(%s)\nerror E \"e\"\nservice S = 1 { 0: M() throws E }\n", code)
		schema, err := idl.Load(idl.Root{FS: fstest.MapFS{"x/x.parley": {Data: []byte(source)}}}, "x")
		if err != nil {
			t.Fatal(err)
		}
		page := wire.Explain(schema.Package("x").Lookup("S").(*idl.Service).Methods)
		page = strings.Join(strings.Fields(page), " ")
		for _, want := range []string{fmt.Sprintf("code %d (%s), name", code, code), fmt.Sprintf(" %d %s", code, code)} {
			if !strings.Contains(page, want) {
				t.Errorf("the page about an error %s does not say %q", code, want)
			}
		}
	}
}
