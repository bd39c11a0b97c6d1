package idl_test

import (
	"fmt"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// dump writes a schema as the cases have it: one line a thing, members indented.
func dump(schema *idl.Schema) string {
	d := &dumper{}
	for _, p := range schema.Packages {
		d.pkg(p)
	}
	return d.out.String()
}

type dumper struct {
	out strings.Builder
	in  *idl.Package
}

// line writes a thing that c names, with what is noted about it, and its doc behind that.
func (d *dumper) line(indent int, c *idl.Common, format string, args ...any) {
	fmt.Fprintf(&d.out, "%s%s", strings.Repeat("\t", indent), fmt.Sprintf(format, args...))
	if c.Deprecated != "" {
		fmt.Fprintf(&d.out, " deprecated %q", c.Deprecated)
	}
	if c.Doc != "" {
		fmt.Fprintf(&d.out, " // %q", c.Doc)
	}
	d.out.WriteString("\n")
}

func (d *dumper) pkg(p *idl.Package) {
	d.in = p
	fmt.Fprintf(&d.out, "package %s (%s)", p.Path, p.Name)
	if !p.Named {
		d.out.WriteString(" imported only")
	}
	for _, i := range p.Imports {
		fmt.Fprintf(&d.out, " imports %s", i.Path)
	}
	if p.Doc != "" {
		fmt.Fprintf(&d.out, " // %q", p.Doc)
	}
	d.out.WriteString("\n")
	for _, f := range p.Files {
		fmt.Fprintf(&d.out, "file %s\n", f.Name)
		for _, decl := range f.Decls {
			d.decl(decl)
		}
	}
}

func (d *dumper) decl(decl idl.Decl) {
	c := decl.Base()
	switch decl := decl.(type) {
	case *idl.Const:
		d.line(1, c, "const %s = %#v (%T) written %s", c.FullName(), decl.Value, decl.Value, decl.Text)
	case *idl.Enum:
		d.line(1, c, "enum %s reserved %v", c.FullName(), decl.Reserved)
		for _, v := range decl.Values {
			d.line(2, &v.Common, "%s = %d", v.Name, v.Number)
		}
	case *idl.Struct:
		d.line(1, c, "struct %s", c.FullName())
		d.fields(decl.Fields)
	case *idl.Union:
		d.line(1, c, "union %s reserved %v", c.FullName(), decl.Reserved)
		for _, of := range decl.Cases {
			d.line(2, &of.Common, "%d: %s %s", of.Tag, of.Name, of.Type.In(d.in))
		}
	case *idl.Error:
		d.line(1, c, "error %s code %s text %s", c.FullName(), decl.Code, text(decl.Text))
		d.fields(decl.Fields)
	case *idl.Service:
		d.service(decl)
	}
}

func (d *dumper) fields(fields []*idl.Field) {
	for _, f := range fields {
		d.line(2, &f.Common, "%s %s", f.Name, f.Type.In(d.in))
	}
}

func (d *dumper) service(s *idl.Service) {
	d.line(1, &s.Common, "service %s = %d classic %t reserved %v", s.FullName(), s.Number, s.Classic, s.Reserved)
	for _, m := range s.Methods {
		var notes []string
		for _, e := range m.Throws {
			notes = append(notes, " throws "+e.FullName())
		}
		if m.Idempotent {
			notes = append(notes, " idempotent")
		}
		if m.Borrowed {
			notes = append(notes, " borrowed")
		}
		if m.Timeout != 0 {
			notes = append(notes, " timeout "+m.Timeout.String())
		}
		d.line(2, &m.Common, "0x%04x %s%s", m.WireType(), m.Name, strings.Join(notes, ""))
		d.arguments("parameter", m.Params, m.ParamStream)
		d.arguments("result", m.Results, m.ResultStream)
	}
}

func (d *dumper) arguments(what string, fields []*idl.Field, stream *idl.Field) {
	for _, f := range fields {
		d.line(3, &f.Common, "%s %s %s", what, f.Name, f.Type.In(d.in))
	}
	if stream != nil {
		d.line(3, &stream.Common, "%s %s stream of %s", what, stream.Name, stream.Type.In(d.in))
	}
}

func text(parts []idl.TextPart) string {
	var all []string
	for _, p := range parts {
		if p.Field != nil {
			all = append(all, p.Field.Name)
		} else {
			all = append(all, fmt.Sprintf("%q", p.Literal))
		}
	}
	return strings.Join(all, " + ")
}
