package format

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/idl/syntax"
)

// FuzzFormat checks what holds of the canonical form of every correct file.
func FuzzFormat(f *testing.F) {
	for _, path := range casePaths(f) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if _, errs := syntax.Parse("fuzz.parley", src); len(errs) == 0 {
			checkFormat(t, src)
		}
	})
}

// BenchmarkSource formats a file of one service with 100 methods and of 200 structs with 10 fields.
func BenchmarkSource(b *testing.B) {
	src := bigFile()
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Source("big.parley", src); err != nil {
			b.Fatal(err)
		}
	}
}

func bigFile() []byte {
	var s strings.Builder
	s.WriteString("package big\n\nservice Big = 1 {\n")
	for i := range 100 {
		fmt.Fprintf(&s, "// Call%d is a call.\n%d: Call%d(user, target string, item T%d) (items []T%d)\n", i, i, i, i, i)
	}
	s.WriteString("}\n")
	for i := range 200 {
		fmt.Fprintf(&s, "// T%d is a record.\nstruct T%d {\n", i, i)
		for j := range 10 {
			fmt.Fprintf(&s, "field%d map[string]?int64 // number %d\n", j, j)
		}
		s.WriteString("}\n")
	}
	return []byte(s.String())
}
