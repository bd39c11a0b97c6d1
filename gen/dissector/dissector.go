// Package dissector turns a resolved Schema into a dissector for Wireshark, a script in Lua that shows the calls of a
// capture with their parameters, results, items and errors by name, in the session form and in the classic one.
//
// The script is the schema as tables (here), and dissector.lua, which walks bytes by them.
package dissector

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

//go:embed dissector.lua
var script string

// Lua returns the script for all packages of the schema. The same schema gives the same text.
func Lua(schema *idl.Schema) string {
	var out strings.Builder
	out.WriteString("-- A dissector for Wireshark and tshark, written by parley explain -wireshark. The port is a preference:\n" +
		"-- tshark -X lua_script:THIS_FILE -o parley.port:4711 -r CAPTURE\n\n" +
		"local methods, structs, unions, enums, errors = {}, {}, {}, {}, {}\n\n")
	for _, p := range schema.Packages {
		for d := range p.Decls() {
			writeDecl(&out, d)
		}
	}
	return out.String() + "\n" + script
}

func writeDecl(out *strings.Builder, d idl.Decl) {
	name := quote(d.Base().FullName())
	switch d := d.(type) {
	case *idl.Service:
		for _, m := range d.Methods {
			writeMethod(out, m)
		}
	case *idl.Struct:
		fmt.Fprintf(out, "structs[%s] = %s\n", name, fields(d.Fields))
	case *idl.Error:
		fmt.Fprintf(out, "errors[%s] = %s\n", name, fields(d.Fields))
	case *idl.Union:
		fmt.Fprintf(out, "unions[%s] = {", name)
		for _, c := range d.Cases {
			fmt.Fprintf(out, " [%d] = %s,", c.Tag, field(c.Name, c.Type))
		}
		out.WriteString(" }\n")
	case *idl.Enum:
		fmt.Fprintf(out, "enums[%s] = {", name)
		for _, v := range d.Values {
			fmt.Fprintf(out, " [%d] = %s,", v.Number, quote(v.Name))
		}
		out.WriteString(" }\n")
	}
}

func writeMethod(out *strings.Builder, m *idl.Method) {
	fmt.Fprintf(out, "methods[0x%04x] = { name = %s, params = %s, results = %s", m.WireType(),
		quote(m.Service.FullName()+"."+m.Name), fields(m.Params), fields(m.Results))
	if s := m.ParamStream; s != nil {
		fmt.Fprintf(out, ", sent = %s", field(s.Name, s.Type))
	}
	if s := m.ResultStream; s != nil {
		fmt.Fprintf(out, ", received = %s", field(s.Name, s.Type))
	}
	out.WriteString(" }\n")
}

// fields returns a table of names and types.
func fields(list []*idl.Field) string {
	var all []string
	for _, f := range list {
		all = append(all, field(f.Name, f.Type))
	}
	return "{ " + strings.Join(all, ", ") + " }"
}

func field(name string, t *idl.Type) string { return "{ " + quote(name) + ", " + typeTable(t) + " }" }

// typeTable returns a type as a table: its kind, and what it is made of.
func typeTable(t *idl.Type) string {
	switch t.Kind {
	case idl.List, idl.Optional:
		return "{ " + quote(t.Kind.String()) + ", " + typeTable(t.Elem) + " }"
	case idl.Map:
		return `{ "map", ` + typeTable(t.Key) + ", " + typeTable(t.Elem) + " }"
	case idl.Named:
		kind := "struct"
		switch t.Decl.(type) {
		case *idl.Enum:
			kind = "enum"
		case *idl.Union:
			kind = "union"
		}
		return "{ " + quote(kind) + ", " + quote(t.Decl.Base().FullName()) + " }"
	}
	return "{ " + quote(t.Kind.String()) + " }"
}

// quote returns a name as Lua writes it. Names and paths have no characters that Go and Lua write differently.
func quote(name string) string { return strconv.Quote(name) }
