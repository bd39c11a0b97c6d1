package idl

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// Loans says in words what @borrowed lends of m, to whom and until when, a clause each; none if m is not @borrowed. What
// the fields are called in there is up to name.
func (m *Method) Loans(name func(*Field) string) []string {
	var params, clauses []string
	for _, f := range m.Lent {
		switch f {
		case m.ParamStream:
			clauses = append(clauses, "those of an item of "+name(f)+" to the handler, until the next step of its loop")
		case m.ResultStream:
			clauses = append(clauses, "those of an item of "+name(f)+" to the caller, until the next step of its loop")
		default:
			params = append(params, name(f))
		}
	}
	if params == nil {
		return clauses
	}
	until := "it returns"
	if m.ResultStream != nil {
		until = "the stream that it returns has ended"
	}
	return slices.Insert(clauses, 0, "those of "+strings.Join(params, " and ")+" to the handler, until "+until)
}

// A borrowed is a method that is @borrowed.
type borrowed struct {
	*Method
	source *source
	at     *syntax.Annotation
}

// checkBorrowed sets what the methods lend that are @borrowed, and reports those that have nothing to lend. It is called
// when all types are resolved. Where a file has syntax errors fields may be missing, so then it reports nothing.
func (c *checker) checkBorrowed() {
	if len(c.borrowed) == 0 {
		return
	}
	holders, damaged := c.holdersOfBytes(), false
	for s := range c.sources() {
		damaged = damaged || s.damaged
	}
	for _, m := range c.borrowed {
		m.lend(holders)
		if len(m.Lent) == 0 && !damaged {
			m.reportNothingLent(holders)
		}
	}
}

// lend sets what m lends: its parameters and streams that can hold bytes. Results that are no stream are the caller's own.
func (m *Method) lend(holders map[Decl]bool) {
	for _, f := range append(slices.Clip(m.Params), m.ParamStream, m.ResultStream) {
		if f != nil && f.Type.holdsBytes(holders) {
			m.Lent = append(m.Lent, f)
		}
	}
}

func (m *borrowed) reportNothingLent(holders map[Decl]bool) {
	hint := "remove it"
	if slices.ContainsFunc(m.Results, func(f *Field) bool { return f.Type.holdsBytes(holders) }) {
		hint = "remove it: the results of a call are the caller's own"
	}
	m.source.report(m.at, hint,
		"@borrowed has nothing to lend: no parameter and no item of a stream of %q has bytes in it", m.Name)
}

// holdsBytes reports whether a value of type t can hold bytes, at any depth; holders are the declared types that can.
// One that could not be resolved might.
func (t *Type) holdsBytes(holders map[Decl]bool) bool {
	if t == nil {
		return true
	}
	for part := range t.All() {
		if part.Kind == Bytes || holders[part.Decl] {
			return true
		}
	}
	return false
}

// holdersOfBytes returns the structs and unions that can hold bytes, at any depth. It takes a time that is linear in
// the size of the schema, however its types contain each other.
func (c *checker) holdersOfBytes() map[Decl]bool {
	holders := map[Decl]bool{}
	users := map[Decl][]Decl{} // structs and unions, by what they contain
	var found []Decl           // holders whose users were not looked at
	mark := func(d Decl) {
		if !holders[d] {
			holders[d] = true
			found = append(found, d)
		}
	}
	for s := range c.sources() {
		for _, d := range s.Decls {
			for _, t := range contents(d) {
				if t.holdsBytes(nil) {
					mark(d)
				} else {
					t.addUser(users, d)
				}
			}
		}
	}
	for len(found) > 0 {
		last := len(found) - 1
		d := found[last]
		found = found[:last]
		for _, user := range users[d] {
			mark(user)
		}
	}
	return holders
}

// addUser adds d to the users of the declared types in t.
func (t *Type) addUser(users map[Decl][]Decl, d Decl) {
	for part := range t.All() {
		if part.Kind == Named {
			users[part.Decl] = append(users[part.Decl], d)
		}
	}
}

// contents returns the types of the fields of a struct, without those that were removed, or of the cases of a union; nil
// for one that could not be resolved.
func contents(d Decl) []*Type {
	var types []*Type
	switch d := d.(type) {
	case *Struct:
		for _, f := range d.Fields {
			if !f.Removed() {
				types = append(types, f.Type)
			}
		}
	case *Union:
		for _, of := range d.Cases {
			types = append(types, of.Type)
		}
	}
	return types
}
