package wire

import (
	"fmt"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// writeTypes writes the layout of each declared type and error that the methods mention, and of those that these hold,
// in the order in which they are come across.
func writeTypes(page *strings.Builder, methods []*idl.Method) {
	decls := mentioned(methods)
	if len(decls) == 0 {
		return
	}
	heading(page, "Types", "=")
	for _, d := range decls {
		switch d := d.(type) {
		case *idl.Struct:
			heading(page, "struct "+d.FullName(), "-")
			writeBody(page, d.Fields)
		case *idl.Error:
			heading(page, "error "+d.FullName(), "-")
			writeBody(page, d.Fields)
		case *idl.Union:
			heading(page, "union "+d.FullName(), "-")
			writeUnion(page, d)
		case *idl.Enum:
			heading(page, "enum "+d.FullName(), "-")
			writeEnum(page, d)
		}
	}
}

func writeBody(page *strings.Builder, list []*idl.Field) {
	page.WriteString("\n")
	page.WriteString(strip(append([]cell{{"length", "uint16", 2}}, cells(list)...)))
	page.WriteString("\nFields, behind length:\n")
	fields(list).write(page, "none")
	for _, f := range list {
		if f.Removed() {
			page.WriteString("  (_ was removed: write zero, read and forget it)\n")
			return
		}
	}
}

func writeUnion(page *strings.Builder, u *idl.Union) {
	page.WriteString("\n")
	page.WriteString(strip([]cell{{"tag", "uint16", 2}, {"length", "uint16", 2}, {"case", "to the length", -1}}))
	page.WriteString("\n  tag 0, length 0: none\n")
	for _, c := range u.Cases {
		fmt.Fprintf(page, "\nTag %d, behind length:\n", c.Tag)
		single(c.Name, c.Type).write(page, "")
	}
}

func writeEnum(page *strings.Builder, e *idl.Enum) {
	page.WriteString("\nuint16; a number that is not here is valid too:\n")
	if len(e.Values) == 0 {
		page.WriteString("  none\n")
	}
	for _, v := range e.Values {
		fmt.Fprintf(page, "  %5d  %02x %02x  %s\n", v.Number, v.Number>>8, v.Number&0xff, v.Name)
	}
}

// mentioned returns the declared types and errors of the methods, each once, each before what it holds.
func mentioned(methods []*idl.Method) []idl.Decl {
	var decls []idl.Decl
	seen := map[idl.Decl]bool{}
	add := func(d idl.Decl) {
		if d != nil && !seen[d] {
			seen[d] = true
			decls = append(decls, d)
		}
	}
	for _, m := range methods {
		for _, f := range m.Arguments() {
			for t := range f.Type.All() {
				add(t.Decl)
			}
		}
		for _, e := range m.Throws {
			add(e)
		}
	}
	for i := 0; i < len(decls); i++ { // it grows
		for t := range idl.Types(decls[i]) {
			add(t.Decl)
		}
	}
	return decls
}
