package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// enum returns an enum's type, constants, String and codec.
func (g *generator) enum(e *idl.Enum) []jen.Code {
	name := goName(e)
	code := []jen.Code{
		documented(docOf(e, declaredIn(e, "an enum")+" A value that has no name here is kept as it came."),
			jen.Type().Id(name).Uint16()),
	}
	if len(e.Values) > 0 {
		code = append(code, comment("The values of "+name+".").Line().Const().Defs(enumValues(e)...))
	}
	v := jen.Id("v")
	return append(code,
		g.enumString(e),
		documented("Write"+name+" appends v to buf and returns the longer slice.",
			jen.Func().Id("Write"+name).Params(bufParam(), jen.Id("v").Id(name)).Index().Byte().Add(inline(
				jen.Return(codecFunc("WriteUint16").Call(jen.Id("buf"), jen.Uint16().Parens(v))),
			))),
		documented("Read"+name+" reads "+withArticle(name)+" from d; field names it in errors.",
			jen.Func().Id("Read"+name).Params(readParams()...).Id(name).Add(inline(
				jen.Return(jen.Id(name).Parens(jen.Id("d").Dot("Uint16").Call(jen.Id("field")))),
			))),
	)
}

func enumValues(e *idl.Enum) []jen.Code {
	var values []jen.Code
	for _, v := range e.Values {
		constant := jen.Id(valueName(e, v)).Id(goName(e)).Op("=").Lit(int(v.Number))
		values = append(values, documented(docOf(v, ""), constant))
	}
	return values
}

// valueName returns what a value is called in Go: PresenceAway.
func valueName(e *idl.Enum, v *idl.EnumValue) string { return goName(e) + goName(v) }

// enumString returns the String method.
func (g *generator) enumString(e *idl.Enum) jen.Code {
	name, v := goName(e), jen.Id("v")
	number := jen.Lit(name+"(").Op("+").Qual(strconvPath, "Itoa").Call(jen.Int().Parens(v)).Op("+").Lit(")")
	body := []jen.Code{jen.Return(number)}
	if len(e.Values) > 0 {
		var cases []jen.Code
		for _, value := range e.Values {
			cases = append(cases, jen.Case(jen.Id(valueName(e, value))).Block(jen.Return(jen.Lit(value.Name))))
		}
		body = []jen.Code{jen.Switch(v).Block(cases...), jen.Return(number)}
	}
	return documented(
		"String returns the value's name as the IDL has it, or "+name+"(n) for a number without one.",
		jen.Func().Params(jen.Id("v").Id(name)).Id("String").Params().String().Block(body...),
	)
}
