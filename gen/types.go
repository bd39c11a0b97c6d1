package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// codecNames are what codec's functions call the types that have functions of their own: WriteInt8, ReadInt8.
var codecNames = map[idl.Kind]string{
	idl.Bool: "Bool", idl.Int8: "Int8", idl.Int16: "Int16", idl.Int32: "Int32", idl.Int64: "Int64",
	idl.Uint8: "Uint8", idl.Uint16: "Uint16", idl.Uint32: "Uint32", idl.Uint64: "Uint64",
	idl.Float32: "Float32", idl.Float64: "Float64", idl.String: "String", idl.Bytes: "Bytes",
	idl.Time: "Time", idl.Duration: "Duration",
}

// codecType returns what codec calls a type that it has functions of its own for, or "".
func codecType(t *idl.Type) string {
	if t.Kind == idl.List && t.Elem.Kind == idl.String {
		return "StringSlice"
	}
	return codecNames[t.Kind]
}

// named returns the name of what d's package calls prefix and d's name, qualified unless the code is that package's own.
func (g *generator) named(prefix string, d idl.Decl) *jen.Statement {
	if i, imported := g.imports[d.Base().File.Package]; imported {
		return jen.Qual(i.path, prefix+goName(d))
	}
	return jen.Id(prefix + goName(d))
}

// goType returns t as Go has it.
func (g *generator) goType(t *idl.Type) *jen.Statement {
	switch t.Kind {
	case idl.Bytes:
		return jen.Index().Byte()
	case idl.Time:
		return jen.Qual(timePath, "Time")
	case idl.Duration:
		return jen.Qual(timePath, "Duration")
	case idl.List:
		return jen.Index().Add(g.goType(t.Elem))
	case idl.Map:
		return jen.Map(g.goType(t.Key)).Add(g.goType(t.Elem))
	case idl.Optional:
		if hasNil(t.Elem) {
			return g.goType(t.Elem)
		}
		return jen.Op("*").Add(g.goType(t.Elem))
	case idl.Named:
		return g.named("", t.Decl)
	}
	return jen.Id(t.Kind.String())
}

// hasNil reports whether Go's form of t has a nil, so that ?T needs no pointer.
func hasNil(t *idl.Type) bool {
	return t.Kind == idl.Bytes || t.Kind == idl.List || t.Kind == idl.Map || isUnion(t)
}

func isUnion(t *idl.Type) bool {
	_, ok := t.Decl.(*idl.Union)
	return ok
}

// zero returns the zero value of t.
func (g *generator) zero(t *idl.Type) jen.Code {
	switch {
	case t.Kind == idl.Bool:
		return jen.False()
	case t.Kind == idl.String:
		return jen.Lit("")
	case t.Kind == idl.Time:
		return g.goType(t).Values()
	case t.Kind == idl.Optional, hasNil(t):
		return jen.Nil()
	case t.Kind == idl.Named:
		if _, ok := t.Decl.(*idl.Struct); ok {
			return g.goType(t).Values()
		}
	}
	return jen.Lit(0)
}

// sameType reports whether a and b are one type.
func sameType(a, b *idl.Type) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Decl == b.Decl && sameType(a.Key, b.Key) && sameType(a.Elem, b.Elem)
}

// groups calls add for each run of fields that have one type, as Go writes parameters: user, target string.
func groups(fields []variable, add func(names []jen.Code, t *idl.Type)) {
	for len(fields) > 0 {
		n := 1
		for n < len(fields) && sameType(fields[n].field.Type, fields[0].field.Type) {
			n++
		}
		var names []jen.Code
		for _, f := range fields[:n] {
			names = append(names, jen.Id(f.name))
		}
		add(names, fields[0].field.Type)
		fields = fields[n:]
	}
}
