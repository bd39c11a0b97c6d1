package format

import (
	"fmt"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// outline returns all that a file says, without where it stands.
func outline(f *syntax.File) string {
	o := &outliner{}
	o.add("package %s%s", f.Ident.Name, doc(f.Doc))
	var imports []string
	for _, i := range f.Imports {
		imports = append(imports, fmt.Sprintf("import %s %s%s", name(i.Alias), i.Path.Text, doc(i.Doc)))
	}
	slices.Sort(imports)
	o.add("%s", strings.Join(imports, "\n"))
	for _, d := range f.Decls {
		o.decl(d)
	}
	return o.String()
}

type outliner struct{ strings.Builder }

func (o *outliner) add(format string, args ...any) { fmt.Fprintf(o, format+"\n", args...) }

func name(i *syntax.Ident) string {
	if i == nil {
		return "-"
	}
	return i.Name
}

func doc(g *syntax.CommentGroup) string {
	text := ""
	if g != nil {
		for _, c := range g.List {
			text += "\n\t" + c.Text
		}
	}
	return text
}

func (o *outliner) annotations(list []*syntax.Annotation) {
	for _, a := range list {
		o.add("@%s", a.Name.Name)
		o.literal(a.Argument)
	}
}

func (o *outliner) literal(l *syntax.Literal) {
	if l != nil {
		o.add("literal %d %s", l.Kind, l.Text)
	}
}

func (o *outliner) decl(d syntax.Decl) {
	head := d.Head()
	o.add("%T %s%s", d, head.Name.Name, doc(head.Doc))
	o.annotations(head.Annotations)
	switch d := d.(type) {
	case *syntax.Const:
		o.literal(d.Value)
	case *syntax.Enum:
		o.reserved(d.Reserved)
		for _, v := range d.Values {
			o.annotations(v.Annotations)
			o.add("%s = %s%s", v.Name.Name, v.Number.Text, doc(v.Doc))
		}
	case *syntax.Struct:
		o.fields(d.Fields)
	case *syntax.Union:
		o.reserved(d.Reserved)
		o.fields(d.Cases)
	case *syntax.Error:
		o.literal(d.Text)
		o.fields(d.Fields)
	case *syntax.Service:
		o.literal(d.Number)
		o.reserved(d.Reserved)
		for _, m := range d.Methods {
			o.method(m)
		}
	}
}

func (o *outliner) reserved(list []*syntax.Reserved) {
	for _, r := range list {
		o.add("reserved%s", doc(r.Doc))
		for _, n := range r.Numbers {
			o.literal(n)
		}
	}
}

func (o *outliner) fields(list []*syntax.Field) {
	for _, f := range list {
		o.annotations(f.Annotations)
		o.literal(f.Tag)
		for _, n := range f.Names {
			o.add("name %s", n.Name)
		}
		o.add("type %s%s", f.Type, doc(f.Doc))
	}
}

func (o *outliner) method(m *syntax.Method) {
	o.annotations(m.Annotations)
	o.add("%s: %s%s", m.Number.Text, m.Name.Name, doc(m.Doc))
	o.fields(m.Params)
	o.add("results")
	o.fields(m.Results)
	for _, t := range m.Throws {
		o.add("throws %s", t)
	}
}

// comments returns the comments of a file; sorted, since those of imports travel with them.
func comments(f *syntax.File) string {
	var all []string
	for _, g := range f.Comments {
		for _, c := range g.List {
			all = append(all, fmt.Sprintf("trailing=%v %s", g.Trailing, c.Text))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
