package gen_test

import (
	"fmt"
	"go/format"
	"maps"
	"strings"
	"testing"
	"time"

	"golang.org/x/tools/txtar"

	"github.com/parley-rpc/parley/gen"
)

// TestMethodCostsFewLines adds a unary method to a service and counts the lines of code that come with it.
func TestMethodCostsFewLines(t *testing.T) {
	const limit = 40
	methods := []string{
		"1: Tell(user, target, message string)",
		"1: Check(user string) (messages []string)",
		"1: Find(name string, at time) (file Info, found bool) throws Gone",
		"1: Put(name string, info ?Info, by map[string]Info) (id uint64)",
	}
	for _, annotation := range []string{"", "@classic\n"} {
		without := linesOfCode(t, annotation, "")
		for _, method := range methods {
			if n := linesOfCode(t, annotation, method) - without; n > limit {
				t.Errorf("%s%s: got %d lines, want at most %d", annotation, method, n, limit)
			}
		}
	}
}

// linesOfCode counts the lines that are neither blank nor a comment on a method of the interface.
func linesOfCode(t *testing.T, annotation, method string) int {
	source := "package p\nstruct Info { name string }\nerror Gone \"gone\"\n" + annotation + "service S = 1 {\n0: Ping()\n" + method + "\n}\n"
	n := 0
	for _, content := range generateCase(t, "lines", []txtar.File{{Name: "p/p.parley", Data: []byte(source)}}) {
		_, content, _ = strings.Cut(content, "\nvar Package") // the IDL is data
		for line := range strings.Lines(content) {
			if trimmed := strings.TrimSpace(line); trimmed != "" && !strings.HasPrefix(line, "\t//") {
				n++
			}
		}
	}
	return n
}

// largePackage is a package of one service with 100 methods, and 200 structs of 10 fields.
func largePackage() []txtar.File {
	var s strings.Builder
	s.WriteString("package large\n\nservice Large = 1 {\n")
	for i := range 100 {
		fmt.Fprintf(&s, "\t%d: Method%d(name string, info Struct%d) (info%d Struct%d)\n", i, i, i, i, i+100)
	}
	s.WriteString("}\n")
	types := []string{"string", "bytes", "uint64", "[]string", "?int32", "time", "map[string]uint16", "bool", "[]Struct0", "float64"}
	for i := range 200 {
		fmt.Fprintf(&s, "\nstruct Struct%d {\n", i)
		for j, typ := range types {
			fmt.Fprintf(&s, "\tfield%d %s\n", j, typ)
		}
		s.WriteString("}\n")
	}
	return []txtar.File{{Name: "large/large.parley", Data: []byte(s.String())}}
}

func TestLargePackage(t *testing.T) {
	files := generateCase(t, "large", largePackage())
	if again := generateCase(t, "large", largePackage()); !maps.Equal(again, files) {
		t.Error("the same package gives other bytes the second time")
	}
	module := newModule(t)
	module.write("large", files)
	module.run("build", "./...")
}

// BenchmarkCheck does what parley check does with a large package.
func BenchmarkCheck(b *testing.B) {
	files := largePackage()
	for b.Loop() {
		schema, err := load(files)
		if err != nil {
			b.Fatal(err)
		}
		if mistakes := gen.Check(schema); len(mistakes) > 0 {
			b.Fatal(mistakes)
		}
	}
}

// BenchmarkGenerate fails if a large package takes a second; a tenth of that is usual.
func BenchmarkGenerate(b *testing.B) {
	schema, err := load(largePackage())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if mistakes := gen.Check(schema); len(mistakes) > 0 {
			b.Fatal(mistakes)
		}
		for _, pkg := range schema.Packages {
			if _, err := gen.Generate(pkg, func(p string) string { return "example.test/" + p }); err != nil {
				b.Fatal(err)
			}
		}
	}
	if each := b.Elapsed() / time.Duration(b.N); each > time.Second {
		b.Errorf("100 methods and 200 structs took %v, want less than a second", each)
	}
}

// FuzzGenerate gives the generator whatever the language and Check let through. The Go has to parse, and to be as
// gofmt has it.
func FuzzGenerate(f *testing.F) {
	for _, archive := range readCases(f) {
		inputs, _ := splitCase(archive)
		for _, file := range inputs {
			f.Add(string(file.Data))
		}
	}
	f.Add("package p\nimport \"other\"\nservice S = 1 {\n\t0: A(a other.Thing, b ?other.Any) (c map[other.Kind][]bytes) throws other.Gone\n" +
		"\t1: B(a stream ?[]other.Any) (b stream other.Thing)\n}\n@classic\nservice O = 0 {\n\t0: C(a other.Any) (b bool, c []?string)\n}\n")
	f.Fuzz(func(t *testing.T, source string) {
		name := packageName(source)
		schema, err := load([]txtar.File{
			{Name: name + "/" + name + ".parley", Data: []byte(source)},
			{Name: "other/other.parley", Data: []byte("package other\nstruct Thing { a bool }\nenum Kind { A = 0 }\nunion Any { 1: a bool }\nerror Gone \"gone\"\n")},
		})
		if err != nil || len(gen.Check(schema)) > 0 {
			return
		}
		for file, content := range generate(t, schema, "example.test") {
			checkGo(t, file, content)
		}
	})
}

// packageName returns the folder that source belongs into, by its package clause.
func packageName(source string) string {
	for line := range strings.Lines(source) {
		if name, found := strings.CutPrefix(line, "package "); found {
			return strings.TrimSpace(name)
		}
	}
	return "p"
}

func checkGo(t *testing.T, name, content string) {
	t.Helper()
	formatted, err := format.Source([]byte(content))
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, content)
	}
	if string(formatted) != content {
		t.Fatalf("%s is not as gofmt has it:\n%s\nwant:\n%s", name, content, formatted)
	}
}
