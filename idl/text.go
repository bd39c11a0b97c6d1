package idl

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/parley-rpc/parley/idl/syntax"
)

// A textReader takes the text of an error apart: `the name {name} is taken`. Inside braces stands a field,
// {{ and }} are one brace each, and a } on its own is itself.
type textReader struct {
	source *source
	err    *Error
	fields map[string]*Field

	lit     *syntax.Literal
	rest    string // of lit as it was written, without the closing quote
	literal []byte // text that is no part yet
	parts   []TextPart
}

// errorText returns the parts of e's text.
func (s *source) errorText(e *Error, lit *syntax.Literal) []TextPart {
	if _, err := strconv.Unquote(lit.Text); err != nil {
		return nil // the scanner has reported it
	}
	r := &textReader{source: s, err: e, fields: map[string]*Field{}, lit: lit, rest: lit.Text[1 : len(lit.Text)-1]}
	for _, f := range e.Fields {
		if !f.Removed() {
			r.fields[f.Name] = f
		}
	}
	for r.rest != "" {
		r.next()
	}
	r.flush()
	if r.parts == nil {
		s.report(lit, "", "the text of error %q is empty", e.Name)
	}
	return r.parts
}

// next takes one character, pair of braces or field.
func (r *textReader) next() {
	switch {
	case strings.HasPrefix(r.rest, "{{"), strings.HasPrefix(r.rest, "}}"):
		r.literal = append(r.literal, r.rest[0])
		r.rest = r.rest[2:]
	case r.rest[0] == '{':
		r.field()
	default:
		char, wide, rest, _ := strconv.UnquoteChar(r.rest, '"') // errorText has seen that there is no error
		if wide {
			r.literal = utf8.AppendRune(r.literal, char)
		} else {
			r.literal = append(r.literal, byte(char)) // \xff is a byte, not a character
		}
		r.rest = rest
	}
}

// flush makes a part of the literal text before a field or the end.
func (r *textReader) flush() {
	if len(r.literal) > 0 {
		r.parts = append(r.parts, TextPart{Literal: string(r.literal)})
		r.literal = nil
	}
}

// field takes a field in braces.
func (r *textReader) field() {
	r.flush()
	start := r.lit.ValuePos + syntax.Pos(len(r.lit.Text)-1-len(r.rest))
	name, rest, closed := strings.Cut(r.rest[1:], "}")
	if !closed {
		r.source.report(span{start, start + 1}, "write {{ for a brace", "{ opens a field that no } closes")
		r.rest = ""
		r.parts = append(r.parts, TextPart{})
		return
	}
	r.rest = rest
	field := r.fields[name]
	r.parts = append(r.parts, TextPart{Field: field})
	at := span{start, start + syntax.Pos(len(name)) + 2}
	switch {
	case field == nil && !r.source.damaged:
		r.source.report(at, r.hint(name), "error %q has no field %q", r.err.Name, name)
	case field != nil && field.Type != nil && !field.Type.isScalar():
		r.source.report(at, "a text shows numbers, bool, string, bytes, time, duration and enums", "field %q is no single value that a text can show", name)
	}
}

func (r *textReader) hint(name string) string {
	if r.source.checker.proposes() {
		if meant := syntax.Nearest(name, slices.Sorted(maps.Keys(r.fields))); meant != "" {
			return "did you mean {" + meant + "}?"
		}
	}
	return "write {{ for a brace"
}
