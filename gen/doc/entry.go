package doc

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
)

// A builder makes the entries of one package.
type builder struct {
	pkg   *idl.Package
	users map[idl.Decl][]user
}

func (b *builder) build() *pkg {
	groups := []group{{Title: "Services"}, {Title: "Structs"}, {Title: "Unions"}, {Title: "Enums"}, {Title: "Errors"}, {Title: "Constants"}}
	for d := range b.pkg.Decls() {
		g := &groups[groupOf(d)]
		g.Entries = append(g.Entries, b.entry(d))
	}
	return &pkg{
		ID:     b.pkg.Path,
		Path:   b.pkg.Path,
		Doc:    newText(b.pkg.Doc, b.pkg),
		Groups: slices.DeleteFunc(groups, func(g group) bool { return g.Entries == nil }),
	}
}

// groupOf returns the place of d's group in build.
func groupOf(d idl.Decl) int {
	switch d.(type) {
	case *idl.Service:
		return 0
	case *idl.Struct:
		return 1
	case *idl.Union:
		return 2
	case *idl.Enum:
		return 3
	case *idl.Error:
		return 4
	}
	return 5
}

func (b *builder) entry(d idl.Decl) *entry {
	c := d.Base()
	e := &entry{ID: id(d), Name: c.Name, Deprecated: oneLine(c.Deprecated), Doc: newText(c.Doc, b.pkg)}
	switch d := d.(type) {
	case *idl.Service:
		b.service(e, d)
	case *idl.Struct:
		e.Keyword = "struct"
		b.fields(e, d, d.Fields)
	case *idl.Union:
		b.union(e, d)
	case *idl.Enum:
		b.enum(e, d)
	case *idl.Error:
		b.declaredError(e, d)
	case *idl.Const:
		e.Keyword, e.Code = "const", plain("const "+d.Name+" = "+d.Text)
	}
	b.addUsers(e, d)
	return e
}

func (b *builder) service(e *entry, s *idl.Service) {
	e.Keyword = "service"
	e.fact("number", plain(strconv.Itoa(int(s.Number))))
	if s.Classic {
		e.Badges = append(e.Badges, "classic")
		e.fact("form", plain("classic and session; parameters and results are frozen"))
	} else {
		e.fact("form", plain("session"))
	}
	e.fact("reserved", reserved("method", s.Reserved))
	for _, m := range s.Methods {
		e.Methods = append(e.Methods, b.method(m))
	}
}

func (b *builder) method(m *idl.Method) *entry {
	e := &entry{
		ID: id(m.Service, m.Name), Name: m.Name, Keyword: "method",
		Deprecated: oneLine(m.Deprecated), Doc: newText(m.Doc, b.pkg), Code: b.signature(m),
	}
	if m.Idempotent {
		e.Badges = append(e.Badges, "idempotent")
	}
	if m.Borrowed {
		e.Badges = append(e.Badges, "borrowed")
	}
	if !m.Unary() {
		e.Badges = append(e.Badges, "stream")
	}
	e.fact("number", plain(fmt.Sprintf("%d, on the wire 0x%04x", m.Number, m.WireType())))
	if m.Timeout > 0 {
		e.fact("timeout", plain(m.Timeout.String()))
	}
	e.fact("lends bytes", loans(m)...)
	var lines [][]part
	for _, thrown := range m.Throws {
		lines = append(lines, []part{{nameIn(b.pkg, thrown), id(thrown)}, {Text: " " + thrown.Code + ", " + errorText(thrown)}})
	}
	e.fact("throws", lines...)
	e.Columns = []string{"name", "type"}
	for _, f := range m.Arguments() {
		if f.Doc == "" && f.Deprecated == "" {
			continue // the signature says it all
		}
		t := typeParts(f.Type, b.pkg)
		if f == m.ParamStream || f == m.ResultStream {
			t = append([]part{{Text: "stream "}}, t...)
		}
		e.Members = append(e.Members, b.member(f, "", "", t))
	}
	return e
}

// loans says what of m is lent, a line each.
func loans(m *idl.Method) [][]part {
	var lines [][]part
	for _, clause := range m.Loans(func(f *idl.Field) string { return f.Name }) {
		lines = append(lines, plain(clause))
	}
	return lines
}

func (b *builder) union(e *entry, u *idl.Union) {
	e.Keyword = "union"
	e.Columns = []string{"tag", "case", "type"}
	for _, c := range u.Cases {
		e.Members = append(e.Members, b.member(c, id(u, c.Name), strconv.Itoa(int(c.Tag)), typeParts(c.Type, b.pkg)))
	}
	e.fact("reserved", reserved("tag", u.Reserved))
}

func (b *builder) enum(e *entry, enum *idl.Enum) {
	e.Keyword = "enum"
	e.Columns = []string{"number", "name"}
	for _, v := range enum.Values {
		e.Members = append(e.Members, b.member(v, id(enum, v.Name), strconv.Itoa(int(v.Number)), nil))
	}
	e.fact("reserved", reserved("number", enum.Reserved))
}

func (b *builder) declaredError(e *entry, d *idl.Error) {
	e.Keyword = "error"
	e.fact("code", plain(d.Code))
	e.fact("text", plain(errorText(d)))
	e.fact("on the wire", plain(d.FullName()))
	b.fields(e, d, d.Fields)
}

func (b *builder) fields(e *entry, d idl.Decl, fields []*idl.Field) {
	e.Columns = []string{"place", "field", "type"}
	for i, f := range fields {
		anchor := ""
		if !f.Removed() {
			anchor = id(d, f.Name)
		}
		m := b.member(f, anchor, strconv.Itoa(i+1), typeParts(f.Type, b.pkg))
		if f.Removed() && m.Doc == nil {
			m.Doc = newText("Removed; it keeps its place on the wire.", b.pkg)
		}
		e.Members = append(e.Members, m)
	}
}

func (b *builder) member(d idl.Decl, anchor, number string, t []part) member {
	c := d.Base()
	return member{anchor, number, c.Name, t, oneLine(c.Deprecated), newText(c.Doc, b.pkg)}
}

// addUsers adds the fact who uses d.
func (b *builder) addUsers(e *entry, d idl.Decl) {
	var line []part
	for i, u := range b.users[d] {
		if i > 0 {
			line = append(line, part{Text: ", "})
		}
		var members []string
		if u.method != "" {
			members = append(members, u.method)
		}
		line = append(line, part{nameIn(b.pkg, u.decl, members...), id(u.decl, members...)})
	}
	if line != nil {
		label := "used by"
		if _, ok := d.(*idl.Error); ok {
			label = "thrown by"
		}
		e.Facts = append(e.Facts, fact{label, [][]part{line}, true})
	}
}

// fact adds a fact, unless it has no lines or only empty ones.
func (e *entry) fact(label string, lines ...[]part) {
	if len(lines) > 0 && lines[0] != nil {
		e.Facts = append(e.Facts, fact{Label: label, Lines: lines})
	}
}

// reserved returns which numbers are never used again, nil if there are none.
func reserved[N cmp.Ordered](what string, numbers []N) []part {
	if len(numbers) == 0 {
		return nil
	}
	if len(numbers) > 1 {
		what += "s"
	}
	list := strings.Trim(fmt.Sprint(numbers), "[]")
	return plain(what + " " + strings.ReplaceAll(list, " ", ", "))
}

// errorText returns the text of an error as the language writes it, in quotes.
func errorText(e *idl.Error) string {
	var text strings.Builder
	for _, p := range e.Text {
		if p.Field != nil {
			text.WriteString("{" + p.Field.Name + "}")
		} else {
			text.WriteString(strings.NewReplacer("{", "{{", "}", "}}").Replace(p.Literal))
		}
	}
	return strconv.Quote(text.String())
}
