package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// declaredError returns an error's type, methods and codec.
func (g *generator) declaredError(e *idl.Error) []jen.Code {
	name := goName(e)
	pointer := jen.Id("v").Op("*").Id(name)
	code := []jen.Code{
		documented(docOf(e, declaredIn(e, "an error")), g.structType(name, e.Fields, errorMethods)),
		documented("Error returns the error's text.",
			jen.Func().Params(receiver(e)).Id("Error").Params().String().Add(inline(jen.Return(g.errorText(e))))),
		documented("Code returns runtime."+codeName(e)+".",
			jen.Func().Params(jen.Op("*").Id(name)).Id("Code").Params().Add(runtimeName("Code")).
				Add(inline(jen.Return(runtimeName(codeName(e)))))),
		documented("ErrorName returns the name that the error has on the wire.",
			jen.Func().Params(jen.Op("*").Id(name)).Id("ErrorName").Params().String().
				Add(inline(jen.Return(jen.Lit(e.FullName()))))),
	}
	code = append(code, binaryMethods(name, pointer, jen.Op("*").Id("v"))...)
	code = append(code, unmarshalMethod(name, e.Name, e.Fields))
	return append(code, g.structCodec(name, e.Fields, errorMethods)...)
}

// receiver returns the receiver of Error, which has a name if the text needs it.
func receiver(e *idl.Error) jen.Code {
	for _, part := range e.Text {
		if part.Field != nil {
			return jen.Id("v").Op("*").Id(goName(e))
		}
	}
	return jen.Op("*").Id(goName(e))
}

// codeName returns what runtime calls the error's code: CodeNotFound.
func codeName(e *idl.Error) string {
	name := "Code"
	for word := range strings.SplitSeq(e.Code, "_") {
		name += strings.ToUpper(word[:1]) + word[1:]
	}
	return name
}

// errorText returns the expression for the error's text.
func (g *generator) errorText(e *idl.Error) jen.Code {
	text := &jen.Statement{}
	for i, part := range e.Text {
		if i > 0 {
			text.Op("+")
		}
		if part.Field == nil {
			text.Lit(part.Literal)
		} else {
			text.Add(textOf(part.Field.Type, jen.Id("v").Dot(fieldName(part.Field, errorMethods))))
		}
	}
	return text
}

// textOf returns the expression for a value's text: what fmt.Sprint makes of it, bytes in hexadecimal, times as RFC 3339 has them.
func textOf(t *idl.Type, value jen.Code) jen.Code {
	ten := jen.Lit(10)
	switch t.Kind {
	case idl.String:
		return value
	case idl.Bytes:
		return jen.Qual(hexPath, "EncodeToString").Call(value)
	case idl.Bool:
		return jen.Qual(strconvPath, "FormatBool").Call(value)
	case idl.Int8, idl.Int16, idl.Int32:
		return jen.Qual(strconvPath, "FormatInt").Call(jen.Int64().Parens(value), ten)
	case idl.Int64:
		return jen.Qual(strconvPath, "FormatInt").Call(value, ten)
	case idl.Uint8, idl.Uint16, idl.Uint32:
		return jen.Qual(strconvPath, "FormatUint").Call(jen.Uint64().Parens(value), ten)
	case idl.Uint64:
		return jen.Qual(strconvPath, "FormatUint").Call(value, ten)
	case idl.Float32:
		return formatFloat(jen.Float64().Parens(value), 32)
	case idl.Float64:
		return formatFloat(value, 64)
	case idl.Time:
		return jen.Add(value).Dot("Format").Call(jen.Qual(timePath, "RFC3339Nano"))
	}
	return jen.Add(value).Dot("String").Call() // a duration, an enum
}

func formatFloat(value jen.Code, bits int) jen.Code {
	return jen.Qual(strconvPath, "FormatFloat").Call(value, jen.LitRune('g'), jen.Lit(-1), jen.Lit(bits))
}
