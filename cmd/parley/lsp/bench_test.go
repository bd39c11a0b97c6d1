package lsp

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkKeystroke types a letter into a package of 100 methods and 200 structs and waits for what the server says.
func BenchmarkKeystroke(b *testing.B) {
	c := startClient(b, map[string]string{"large/large.parley": ""})
	c.start()
	source := largePackage(100, 200, 10)
	c.open("large/large.parley", source)
	c.want("large/large.parley")
	for b.Loop() {
		c.change("large/large.parley", change{&Range{Position{3, 7}, Position{3, 7}}, "x"}) // struct xStruct0
		if got := len(c.diagnostics("large/large.parley")); got != 3 {
			b.Fatalf("got %d mistakes, want 3", got)
		}
		c.change("large/large.parley", change{&Range{Position{3, 7}, Position{3, 8}}, ""})
		c.want("large/large.parley")
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(2*b.N), "ms/keystroke")
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
