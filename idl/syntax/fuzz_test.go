package syntax

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// FuzzParse checks that no input crashes or hangs the parser, and what it promises of the tree.
func FuzzParse(f *testing.F) {
	for _, path := range casePaths(f) {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, errs := Parse("fuzz.parley", src)
		if err := errs.Print(io.Discard); err != nil {
			t.Fatal(err)
		}
		for i, d := range errs {
			if i > 0 && d.Line <= errs[i-1].Line {
				t.Errorf("%v stands behind %v", d, errs[i-1])
			}
			if d.Column < 1 || d.Width < 1 || d.Column > len(d.Source)+1 || d.Message == "" {
				t.Errorf("diagnostic %+v", *d)
			}
		}
		checkTree(t, file)
	})
}

// checkTree checks that all nodes of f are whole and stand inside of what they belong to.
func checkTree(t *testing.T, f *File) {
	for _, g := range f.Comments {
		for _, c := range g.List {
			if got := string(f.Source[c.Pos():c.End()]); got != c.Text {
				t.Errorf("comment %q stands where %q is", c.Text, got)
			}
		}
	}
	for _, i := range f.Imports {
		checkWithin(t, f, i, i.Path)
	}
	for _, d := range f.Decls {
		checkWithin(t, f, f, d)
		checkWithin(t, f, d, d.Head().Name)
		for _, m := range members(d) {
			checkWithin(t, f, d, m)
		}
	}
}

// members returns the parts of a declaration, down to types.
func members(d Decl) (all []Node) {
	fields := func(list []*Field) {
		for _, f := range list {
			all = append(all, f.Names[0], f.Type)
		}
	}
	switch d := d.(type) {
	case *Const:
		all = append(all, d.Value)
	case *Enum:
		for _, v := range d.Values {
			all = append(all, v, v.Name, v.Number)
		}
	case *Struct:
		fields(d.Fields)
	case *Union:
		fields(d.Cases)
	case *Error:
		all = append(all, d.Text)
		fields(d.Fields)
	case *Service:
		all = append(all, d.Number)
		for _, m := range d.Methods {
			all = append(all, m, m.Name)
			fields(m.Params)
			fields(m.Results)
		}
	}
	return all
}

func checkWithin(t *testing.T, f *File, outer, inner Node) {
	missing := inner.Pos() == inner.End() // what is missing stands where the parser noticed that, which may be behind
	if inner.Pos() < outer.Pos() || inner.End() > outer.End() && !missing || inner.Pos() > inner.End() || inner.End() > f.End() {
		t.Errorf("%T at %d to %d is not within %T at %d to %d", inner, inner.Pos(), inner.End(), outer, outer.Pos(), outer.End())
	}
}

// TestHuge parses much of what could make a parser recurse or look at the same text again and again.
func TestHuge(t *testing.T) {
	const head, size = "package room\n", 1 << 18
	fill := func(s string) string { return strings.Repeat(s, size/len(s)) }
	for name, src := range map[string]string{
		"lists":        "struct S {\n\ta " + fill("[]"),
		"optionals":    "struct S {\n\ta " + fill("?"),
		"maps":         "struct S {\n\ta " + fill("map["),
		"declarations": fill("struct S {\n a "),
		"nested":       fill("struct S {\n "),
		"one line":     "struct S { " + fill("a b c; ") + "}",
		"good line":    "struct S { " + fill("a b; ") + "}",
		"strings":      "const A = " + fill(`"" `),
		"quotes":       fill("\"\\\"\n"),
		"annotations":  fill("@a(1) "),
		"parentheses":  "service S = 1 {\n0: A" + fill("("),
		"parameters":   "service S = 1 {\n0: A(" + fill("a, "),
		"comments":     fill("// a\n"),
		"open comment": fill("/* a"),
		"braces":       fill("{"),
		"closing":      fill("}"),
		"imports":      "import (" + fill("a "),
		"number":       "const A = " + fill("9"),
		"name":         "const " + fill("é"),
		"blanks":       fill(" "),
		"zeros":        fill("\x00"),
		"no UTF-8":     fill("\xff\n"),
		"lines":        fill("\n"),
	} {
		f, errs := Parse("huge.parley", []byte(head+src))
		if err := errs.Print(io.Discard); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		checkTree(t, f)
	}
}
