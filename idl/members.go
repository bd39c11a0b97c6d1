package idl

import (
	"math"
	"strconv"

	"github.com/parley-rpc/parley/idl/syntax"
)

func (s *source) resolveConst(c *Const, node *syntax.Const) {
	c.Deprecated = s.notes(node.Annotations, "const").deprecated
	c.Text = node.Value.Text
	c.Value = s.constValue(node.Value)
}

// constValue returns what a literal stands for, or nil if it cannot be a constant, which was reported.
func (s *source) constValue(lit *syntax.Literal) any {
	switch lit.Kind {
	case syntax.Int:
		return s.constInt(lit)
	case syntax.Float:
		f, err := strconv.ParseFloat(lit.Text, 64)
		if err != nil || math.IsInf(f, 0) {
			s.report(lit, "", "%s is beyond float64", lit.Text)
			return nil
		}
		return f
	case syntax.String:
		return lit.Unquote()
	case syntax.Word:
		if lit.Text == "true" || lit.Text == "false" {
			return lit.Text == "true"
		}
		s.report(lit, "", "%q is not the value of a const: a number, a string, true or false", lit.Text)
	}
	return nil
}

// constInt returns an integer as an int64 if it is one, else as a uint64.
func (s *source) constInt(lit *syntax.Literal) any {
	if n, err := strconv.ParseInt(lit.Text, 0, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(lit.Text, 0, 64); err == nil {
		return n
	}
	s.report(lit, "", "%s is beyond int64 and uint64", lit.Text)
	return nil
}

func (s *source) resolveEnum(e *Enum, node *syntax.Enum) {
	e.Deprecated = s.notes(node.Annotations, "enum").deprecated
	numbers := s.numbers("value", 0, math.MaxUint16)
	e.Reserved = reserve[uint16](numbers, node.Reserved)
	names := scope{}
	for _, v := range node.Values {
		s.checkCase(v.Name, camelCase, "enum value")
		names.declare(s, v.Name, "enum value")
		value := &EnumValue{Common: s.common(v.Name, v.Doc)}
		value.Deprecated = s.notes(v.Annotations, "enum value").deprecated
		value.Number = uint16(numbers.claim(v.Number, &value.Common))
		e.Values = append(e.Values, value)
	}
}

func (s *source) resolveStruct(st *Struct, node *syntax.Struct) {
	st.Deprecated = s.notes(node.Annotations, "struct").deprecated
	st.Fields = s.fields(node.Fields)
}

// fields resolves the fields of a struct or an error.
func (s *source) fields(nodes []*syntax.Field) []*Field {
	var fields []*Field
	names := scope{}
	for _, node := range nodes {
		deprecated := s.notes(node.Annotations, "field").deprecated
		t := s.resolve(node.Type)
		for _, id := range node.Names {
			if id.Name != "_" {
				s.checkCase(id, lowerCamel, "field")
				names.declare(s, id, "field")
			}
			field := &Field{Common: s.common(id, node.Doc), Type: t}
			field.Deprecated = deprecated
			fields = append(fields, field)
		}
	}
	return fields
}

func (s *source) resolveUnion(u *Union, node *syntax.Union) {
	u.Deprecated = s.notes(node.Annotations, "union").deprecated
	numbers := s.numbers("tag", 1, math.MaxUint16)
	u.Reserved = reserve[uint16](numbers, node.Reserved)
	names := scope{}
	for _, c := range node.Cases {
		id := c.Names[0]
		s.checkCase(id, lowerCamel, "union case")
		names.declare(s, id, "union case")
		of := &Case{Common: s.common(id, c.Doc), Type: s.resolve(c.Type)}
		of.Deprecated = s.notes(c.Annotations, "union case").deprecated
		of.Tag = uint16(numbers.claim(c.Tag, &of.Common))
		u.Cases = append(u.Cases, of)
	}
}

func (s *source) resolveError(e *Error, node *syntax.Error) {
	notes := s.notes(node.Annotations, "error")
	e.Deprecated = notes.deprecated
	e.Code = notes.code
	e.Fields = s.fields(node.Fields)
	if node.Text.Kind == syntax.String {
		e.Text = s.errorText(e, node.Text)
	}
}
