package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// A decoder is a codec.Decoder as the generated code names it: for a call of a method and for an argument.
type decoder struct{ value, pointer jen.Code }

var (
	paramDecoder = decoder{jen.Id("d"), jen.Id("d")}                     // the parameter of a ReadX
	callDecoder  = decoder{jen.Id("call.In"), jen.Op("&").Id("call.In")} // in a stub
)

// read returns the expression that reads a t from d; field names it in errors.
func (g *generator) read(t *idl.Type, d decoder, field jen.Code) jen.Code {
	if name := codecType(t); name != "" {
		return jen.Add(d.value).Dot(name).Call(field)
	}
	switch t.Kind {
	case idl.Named:
		return g.named("Read", t.Decl).Call(d.pointer, field)
	case idl.Optional:
		return g.readOptional(t.Elem, d, field)
	}
	return g.readMany("Read", t, d, field)
}

// readMany returns the expression that reads a list or a map.
func (g *generator) readMany(verb string, t *idl.Type, d decoder, field jen.Code) jen.Code {
	if t.Kind == idl.List {
		return codecFunc(verb+"Slice").Call(d.pointer, field, jen.Lit(t.Elem.MinSize()), g.reader(t.Elem))
	}
	least := jen.Lit(t.Key.MinSize() + t.Elem.MinSize())
	if t.Key.Kind == idl.Bool {
		return codecFunc(verb+"BoolMap").Call(d.pointer, field, least, g.reader(t.Elem))
	}
	return codecFunc(verb+"Map").Call(d.pointer, field, least, g.reader(t.Key), g.reader(t.Elem))
}

// readOptional returns the expression that reads a ?t.
func (g *generator) readOptional(t *idl.Type, d decoder, field jen.Code) jen.Code {
	switch {
	case t.Kind == idl.Bytes:
		return codecFunc("ReadOptionalBytes").Call(d.pointer, field)
	case t.Kind == idl.List, t.Kind == idl.Map:
		return g.readMany("ReadOptional", t, d, field)
	case isUnion(t):
		return codecFunc("ReadOptionalUnion").Call(d.pointer, field, g.reader(t))
	}
	return codecFunc("ReadOptional").Call(d.pointer, field, g.reader(t))
}

// readerName returns the function that reads a t, or nil if it has no name.
func (g *generator) readerName(t *idl.Type) *jen.Statement {
	if name := codecType(t); name != "" {
		return jen.Parens(jen.Op("*").Add(codecFunc("Decoder"))).Dot(name)
	}
	if t.Kind == idl.Named {
		return g.named("Read", t.Decl)
	}
	if t.Kind == idl.Optional && t.Elem.Kind == idl.Bytes {
		return codecFunc("ReadOptionalBytes")
	}
	return nil
}

// reader returns the function that reads a t, in place if it has no name.
func (g *generator) reader(t *idl.Type) jen.Code {
	if f := g.readerName(t); f != nil {
		return f
	}
	return jen.Func().Params(readParams()...).Add(g.goType(t)).Block(
		jen.Return(g.read(t, paramDecoder, jen.Id("field"))),
	)
}

// readParams are the parameters of a function that reads a value.
func readParams() []jen.Code {
	return []jen.Code{jen.Id("d").Op("*").Add(codecFunc("Decoder")), jen.Id("field").String()}
}
