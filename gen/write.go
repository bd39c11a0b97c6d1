package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// write returns the statements that append value, of type t, to buf.
func (g *generator) write(t *idl.Type, buf, value jen.Code) *jen.Statement {
	if t.Kind != idl.Optional || !hasNil(t.Elem) {
		return jen.Add(buf).Op("=").Add(g.appended(t, buf, value))
	}
	present := jen.Add(value).Op("!=").Nil()
	return lines(
		jen.Add(buf).Op("=").Add(codecFunc("WritePresence").Call(buf, present)),
		jen.If(present.Clone()).Block(g.write(t.Elem, buf, value)),
	)
}

// appended returns the expression for buf with value behind it. t is no optional that has a nil.
func (g *generator) appended(t *idl.Type, buf, value jen.Code) jen.Code {
	if f := g.writerName(t); f != nil {
		return f.Call(buf, value)
	}
	switch {
	case t.Kind == idl.List:
		return codecFunc("WriteSlice").Call(buf, value, g.writer(t.Elem))
	case t.Kind == idl.Optional:
		return codecFunc("WriteOptional").Call(buf, value, g.writer(t.Elem))
	case t.Key.Kind == idl.Bool:
		return codecFunc("WriteBoolMap").Call(buf, value, g.writer(t.Elem))
	}
	return codecFunc("WriteMap").Call(buf, value, g.writer(t.Key), g.writer(t.Elem))
}

// writerName returns the function that appends a t, or nil if it has no name.
func (g *generator) writerName(t *idl.Type) *jen.Statement {
	if t.Kind == idl.Named {
		return g.named("Write", t.Decl)
	}
	if name := codecType(t); name != "" {
		return codecFunc("Write" + name)
	}
	return nil
}

// writer returns the function that appends a t, in place if it has no name.
func (g *generator) writer(t *idl.Type) jen.Code {
	if f := g.writerName(t); f != nil {
		return f
	}
	buf, v := jen.Id("buf"), jen.Id("v")
	body := []jen.Code{g.write(t, buf, v), jen.Return(buf)}
	if t.Kind != idl.Optional || !hasNil(t.Elem) {
		body = []jen.Code{jen.Return(g.appended(t, buf, v))}
	}
	return jen.Func().Params(bufParam(), jen.Id("v").Add(g.goType(t))).Index().Byte().Block(body...)
}

// writeZero returns the expression for buf with the zero value of t behind it.
func (g *generator) writeZero(t *idl.Type, buf jen.Code) jen.Code {
	switch {
	case t.Kind == idl.Optional:
		return codecFunc("WritePresence").Call(buf, jen.False())
	case t.Kind == idl.List, t.Kind == idl.Map:
		return codecFunc("WriteLength").Call(buf, jen.Lit(0))
	case isUnion(t):
		return codecFunc("WriteNoCase").Call(buf)
	}
	return g.appended(t, buf, g.zero(t))
}

func bufParam() *jen.Statement { return jen.Id("buf").Index().Byte() }
