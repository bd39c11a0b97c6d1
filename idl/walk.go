package idl

import (
	"fmt"
	"iter"
)

// Unary reports whether m has no streams.
func (m *Method) Unary() bool { return m.ParamStream == nil && m.ResultStream == nil }

// Decls returns the declarations of all files of p, in the order of the source.
func (p *Package) Decls() iter.Seq[Decl] {
	return func(yield func(Decl) bool) {
		for _, f := range p.Files {
			for _, d := range f.Decls {
				if !yield(d) {
					return
				}
			}
		}
	}
}

// Members returns what d declares inside itself, in the order of the source: values, fields, cases, methods and
// behind each method its parameters and results. Each is an *EnumValue, *Field, *Case or *Method.
func Members(d Decl) iter.Seq[Decl] {
	return func(yield func(Decl) bool) {
		switch d := d.(type) {
		case *Enum:
			each(d.Values, yield)
		case *Struct:
			each(d.Fields, yield)
		case *Union:
			each(d.Cases, yield)
		case *Error:
			each(d.Fields, yield)
		case *Service:
			for _, m := range d.Methods {
				if !yield(m) || !each(m.Arguments(), yield) {
					return
				}
			}
		}
	}
}

func each[T Decl](list []T, yield func(Decl) bool) bool {
	for _, d := range list {
		if !yield(d) {
			return false
		}
	}
	return true
}

// Arguments returns the parameters and results of m with its streams, in the order of the source.
func (m *Method) Arguments() []*Field {
	var all []*Field
	all = append(all, m.Params...)
	if m.ParamStream != nil {
		all = append(all, m.ParamStream)
	}
	all = append(all, m.Results...)
	if m.ResultStream != nil {
		all = append(all, m.ResultStream)
	}
	return all
}

// Types returns every type that d mentions, with those inside of it: of fields, cases, parameters, results.
func Types(d Decl) iter.Seq[*Type] {
	return func(yield func(*Type) bool) {
		for member := range Members(d) {
			var t *Type
			switch member := member.(type) {
			case *Field:
				t = member.Type
			case *Case:
				t = member.Type
			}
			if !t.walk(yield) {
				return
			}
		}
	}
}

// Word returns what messages call a thing such as d: for a declaration the keyword that opens it, for a member
// value, field, case or method. Parameters and results are fields.
func Word(d Decl) string {
	switch d.(type) {
	case *Const:
		return "const"
	case *Enum:
		return "enum"
	case *EnumValue:
		return "value"
	case *Struct:
		return "struct"
	case *Union:
		return "union"
	case *Case:
		return "case"
	case *Error:
		return "error"
	case *Service:
		return "service"
	case *Method:
		return "method"
	}
	return "field"
}

// Title returns how messages name d: enum "Mood".
func Title(d Decl) string { return fmt.Sprintf("%s %q", Word(d), d.Base().Name) }
