package doc

import (
	"unicode/utf8"

	"github.com/parley-rpc/parley/idl"
)

// signatureWidth is how wide a signature may be, in characters, before its parameters get a line each.
const signatureWidth = 76

// signature returns m as the language writes it, without its number: Join(name string) (token bytes) throws NameTaken.
func (b *builder) signature(m *idl.Method) []part {
	line := b.signatureLines(m, false)
	if width(line) > signatureWidth {
		return b.signatureLines(m, true)
	}
	return line
}

func (b *builder) signatureLines(m *idl.Method, broken bool) []part {
	parts := append([]part{{Text: m.Name}}, b.list(m.Params, m.ParamStream, broken)...)
	if len(m.Results) > 0 || m.ResultStream != nil {
		parts = append(append(parts, part{Text: " "}), b.list(m.Results, m.ResultStream, broken)...)
	}
	for i, thrown := range m.Throws {
		before := ", "
		if i == 0 && broken {
			before = "\n\tthrows "
		} else if i == 0 {
			before = " throws "
		}
		parts = append(parts, part{Text: before}, part{nameIn(b.pkg, thrown), id(thrown)})
	}
	return parts
}

// list returns parameters or results in parentheses, each on a line of its own if broken is set.
func (b *builder) list(fields []*idl.Field, stream *idl.Field, broken bool) []part {
	start, between, end := "(", ", ", ")"
	if broken && len(fields) > 0 {
		start, between, end = "(\n\t", ",\n\t", ",\n)"
	}
	parts := []part{{Text: start}}
	add := func(name string, t []part) {
		if len(parts) > 1 {
			parts = append(parts, part{Text: between})
		}
		parts = append(append(parts, part{Text: name}), t...)
	}
	for i, f := range fields {
		shared := !broken && i+1 < len(fields) && fields[i+1].Type.In(b.pkg) == f.Type.In(b.pkg)
		if shared { // user, target string
			add(f.Name, nil)
		} else {
			add(f.Name+" ", typeParts(f.Type, b.pkg))
		}
	}
	if stream != nil {
		add(stream.Name+" stream ", typeParts(stream.Type, b.pkg))
	}
	return append(parts, part{Text: end})
}

// width returns how many characters the parts have together.
func width(parts []part) int {
	n := 0
	for _, p := range parts {
		n += utf8.RuneCountInString(p.Text)
	}
	return n
}
