package dynamic

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/runtime/codec"
)

// Append appends the value of type t that the JSON text is to buf. Its error is an [*Error] where text is JSON, but no
// value of t; what it returns is then buf.
func Append(buf []byte, t *idl.Type, text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return buf, err
	}
	w := writer{limit: len(buf) + maxMessage}
	out, wrong := w.value(buf, t, value)
	if wrong != nil {
		return buf, wrong
	}
	return out, nil
}

// AppendFields appends the parameters of a method to buf, which the JSON object text has by their names. All that are
// not optional must be there. Its errors are those of Append.
func AppendFields(buf []byte, fields []*idl.Field, text []byte) ([]byte, error) {
	value, err := parse(text)
	if err != nil {
		return buf, err
	}
	members, ok := value.(object)
	if !ok {
		return buf, fmt.Errorf("want an object with the parameters %s, got %s", Signature(fields), kindOf(value))
	}
	w := writer{limit: len(buf) + maxMessage}
	out, wrong := w.fields(buf, "parameter", fields, members)
	if wrong != nil {
		return buf, wrong
	}
	for _, f := range fields {
		if f.Type.Kind != idl.Optional && !slices.ContainsFunc(members, func(m member) bool { return m.name == f.Name }) {
			return buf, fmt.Errorf("%s is missing: the parameters are %s", f.Name, Signature(fields))
		}
	}
	return out, nil
}

// Signature returns the fields as the IDL writes them between parentheses: "(user string, count uint16)".
func Signature(fields []*idl.Field) string {
	var words []string
	for _, f := range fields {
		words = append(words, f.Name+" "+f.Type.String())
	}
	return "(" + strings.Join(words, ", ") + ")"
}

// AppendZero appends the fields with nothing in them to buf, or nothing if that is very large.
func AppendZero(buf []byte, fields []*idl.Field) []byte {
	w := writer{limit: len(buf) + maxMessage}
	out, wrong := w.fields(buf, "", fields, nil)
	if wrong != nil {
		return buf
	}
	return out
}

// A writer writes values until they would be longer than limit.
type writer struct{ limit int }

// value appends what value is as a t. If there is no value, see absent, that is zero.
func (w writer) value(buf []byte, t *idl.Type, value any) ([]byte, *Error) {
	if len(buf) > w.limit {
		return buf, failf("the value takes more than %d MiB", maxMessage>>20)
	}
	switch t.Kind {
	case idl.List:
		return w.list(buf, t.Elem, value)
	case idl.Map:
		return w.pairs(buf, t, value)
	case idl.Optional:
		return w.optional(buf, t.Elem, value)
	case idl.Named:
		switch decl := t.Decl.(type) {
		case *idl.Struct:
			return w.record(buf, decl, value)
		case *idl.Union:
			return w.union(buf, decl, value)
		}
	}
	return scalar(buf, t, value)
}

// absent is the value of a field that is not there.
type absent struct{}

func (w writer) optional(buf []byte, elem *idl.Type, value any) ([]byte, *Error) {
	if value == nil || value == (absent{}) {
		return codec.WritePresence(buf, false), nil
	}
	return w.value(codec.WritePresence(buf, true), elem, value)
}

func (w writer) list(buf []byte, elem *idl.Type, value any) ([]byte, *Error) {
	list, ok := value.([]any)
	if !ok && value != (absent{}) {
		return buf, wantGot("a list", value)
	}
	buf = codec.WriteLength(buf, len(list))
	var err *Error
	for i, item := range list {
		if buf, err = w.value(buf, elem, item); err != nil {
			return buf, err.within("[" + strconv.Itoa(i) + "]")
		}
	}
	return buf, nil
}

func (w writer) record(buf []byte, decl *idl.Struct, value any) ([]byte, *Error) {
	members, ok := value.(object)
	if !ok && value != (absent{}) {
		return buf, wantGot("an object", value)
	}
	buf, start := codec.BeginLength(buf)
	buf, err := w.fields(buf, "field", decl.Fields, members)
	return codec.EndLength(buf, start), err
}

// fields appends the fields that members has, and zero for the others.
func (w writer) fields(buf []byte, what string, fields []*idl.Field, members object) ([]byte, *Error) {
	var given map[string]any
	if len(members) > 0 {
		given = make(map[string]any, len(members))
	}
	for _, m := range members {
		if !slices.ContainsFunc(fields, func(f *idl.Field) bool { return f.Name == m.name && !f.Removed() }) {
			return buf, unknown(what, m.name, names(fields))
		}
		given[m.name] = m.value
	}
	var err *Error
	for _, f := range fields {
		value, ok := given[f.Name]
		if !ok {
			value = absent{}
		}
		if buf, err = w.value(buf, f.Type, value); err != nil {
			return buf, err.within(f.Name)
		}
	}
	return buf, nil
}

func names(fields []*idl.Field) []string {
	var names []string
	for _, f := range fields {
		if !f.Removed() {
			names = append(names, f.Name)
		}
	}
	return names
}

func (w writer) union(buf []byte, decl *idl.Union, value any) ([]byte, *Error) {
	members, ok := value.(object)
	if value == nil || value == (absent{}) || ok && len(members) == 0 {
		return codec.WriteNoCase(buf), nil
	}
	if !ok {
		return buf, wantGot("an object with one case of "+decl.Name, value)
	}
	if len(members) > 1 {
		return buf, failf("want one case of %s, got %q and %q", decl.Name, members[0].name, members[1].name)
	}
	name, held := members[0].name, members[0].value
	var known []string
	for _, c := range decl.Cases {
		if c.Name == name {
			buf, start := codec.BeginCase(buf, c.Tag)
			buf, err := w.value(buf, c.Type, held)
			return codec.EndLength(buf, start), err.within(name)
		}
		known = append(known, c.Name)
	}
	if number, ok := strings.CutPrefix(name, "#"); ok {
		return unknownCase(buf, decl, number, held)
	}
	return buf, unknown("case", name, known)
}

// unknownCase appends a case that the schema does not know, whose tag is written as number.
func unknownCase(buf []byte, decl *idl.Union, number string, held any) ([]byte, *Error) {
	tag, err := strconv.ParseUint(number, 10, 16)
	if err != nil || tag == 0 {
		return buf, failf("want a tag from #1 to #65535, got %q", "#"+number)
	}
	for _, c := range decl.Cases {
		if c.Tag == uint16(tag) {
			return buf, failf("the case with tag %d is called %q", tag, c.Name)
		}
	}
	body, wrong := fromBase64(held)
	return codec.WriteCase(buf, uint16(tag), body), wrong.within("#" + number)
}

// base64Letters makes base64 for addresses and file names the usual one.
var base64Letters = strings.NewReplacer("-", "+", "_", "/")

// fromBase64 returns the bytes that value stands for, in either alphabet, with padding or without.
func fromBase64(value any) ([]byte, *Error) {
	s, ok := value.(string)
	if !ok {
		return nil, wantGot("a string of base64", value)
	}
	plain := base64Letters.Replace(strings.TrimRight(s, "="))
	bytes, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		return nil, failf("want base64, got %s", cut(s))
	}
	return bytes, nil
}

func wantGot(want string, value any) *Error { return failf("want %s, got %s", want, kindOf(value)) }

// cut quotes s, only its beginning if it is long.
func cut(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}
