package idl_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/parley-rpc/parley/idl"
)

// BenchmarkLoad loads a service of 100 methods and 200 structs of 10 fields.
func BenchmarkLoad(b *testing.B) {
	text := largePackage(100, 200, 10)
	root := idl.Root{FS: fstest.MapFS{"large/large.parley": {Data: []byte(text)}}}
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := idl.Load(root, "large"); err != nil {
			b.Fatal(err)
		}
	}
}

// largePackage returns a package with that many methods and structs.
func largePackage(methods, structs, fields int) string {
	types := []string{"string", "uint64", "bytes", "?string", "[]string", "map[string]int32", "time", "bool", "float64"}
	var b strings.Builder
	b.WriteString("package large\n\n")
	for i := range structs {
		fmt.Fprintf(&b, "// Struct%d is one of many.\nstruct Struct%d {\n", i, i)
		for j := range fields - 1 {
			fmt.Fprintf(&b, "\tfield%d %s\n", j, types[j%len(types)])
		}
		fmt.Fprintf(&b, "\tnext ?Struct%d\n}\n\n", (i+1)%structs)
	}
	b.WriteString("service Large = 1 {\n")
	for i := range methods {
		fmt.Fprintf(&b, "\t// Method%d does one thing.\n\t%d: Method%d(a Struct%d, b, c string) (d Struct%d)\n", i, i, i, i, i+methods)
	}
	b.WriteString("}\n")
	return b.String()
}
