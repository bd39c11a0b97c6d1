package gen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// union returns a union's interface, a type for each case, and its codec.
func (g *generator) union(u *idl.Union) []jen.Code {
	name := goName(u)
	code := []jen.Code{
		documented(unionDoc(u), jen.Type().Id(name).Interface(
			jen.Qual(encodingPath, "BinaryAppender"),
			jen.Qual(encodingPath, "BinaryMarshaler"),
			jen.Id(sealName(u)).Params(),
		)),
	}
	for _, c := range u.Cases {
		plain := caseName(u, c) + " is the case " + c.Name + " of " + name + "."
		value := jen.Id("Value").Add(g.goType(c.Type)).Tag(map[string]string{"json": c.Name})
		code = append(code, documented(docOf(c, plain), jen.Type().Id(caseName(u, c)).Struct(value)))
	}
	code = append(code, documented(unknownName(u)+" is a case that a newer peer knows, kept as it came.",
		jen.Type().Id(unknownName(u)).Struct(jen.Id("Tag").Uint16(), jen.Id("Body").Index().Byte())))
	code = append(code, seals(u))
	for _, c := range caseNames(u) {
		code = append(code, binaryMethods(name, jen.Id("v").Id(c), jen.Id("v"))...)
	}
	return append(code, g.unionUnmarshal(u), g.unionWrite(u), g.unionRead(u))
}

// unionDoc returns the comment on the interface, which lists what it holds.
func unionDoc(u *idl.Union) string {
	holds := strings.Join(append(caseNames(u), "or nil for none"), ", ")
	if u.Doc == "" {
		return docOf(u, wrapped(declaredIn(u, "a union")+" It is "+holds+"."))
	}
	return paragraphs(docOf(u, ""), wrapped("It is "+holds+"."))
}

// caseNames returns the types that an interface value of u can hold.
func caseNames(u *idl.Union) []string {
	var names []string
	for _, c := range u.Cases {
		names = append(names, caseName(u, c))
	}
	return append(names, unknownName(u))
}

func caseName(u *idl.Union, c *idl.Case) string { return goName(u) + goName(c) }
func unknownName(u *idl.Union) string           { return goName(u) + "Unknown" }

// sealName returns the method that keeps other types out of the interface.
func sealName(u *idl.Union) string { return "is" + goName(u) }

// seals returns that method of each case.
func seals(u *idl.Union) jen.Code {
	var all []jen.Code
	for _, c := range caseNames(u) {
		all = append(all, jen.Func().Params(jen.Id(c)).Id(sealName(u)).Params().Block())
	}
	return lines(all...)
}

func (g *generator) unionWrite(u *idl.Union) jen.Code {
	name, buf := goName(u), jen.Id("buf")
	var cases []jen.Code
	for _, c := range u.Cases {
		cases = append(cases, jen.Case(jen.Id(caseName(u, c))).Block(
			jen.List(buf, jen.Id("start")).Op(":=").Add(codecFunc("BeginCase").Call(buf, jen.Lit(int(c.Tag)))),
			g.write(c.Type, buf, jen.Id("v").Dot("Value")),
			jen.Return(codecFunc("EndLength").Call(buf, jen.Id("start"))),
		))
	}
	cases = append(cases, jen.Case(jen.Id(unknownName(u))).Block(
		jen.Return(codecFunc("WriteCase").Call(buf, jen.Id("v").Dot("Tag"), jen.Id("v").Dot("Body"))),
	))
	return documented("Write"+name+" appends v to buf and returns the longer slice.",
		jen.Func().Id("Write"+name).Params(bufParam(), jen.Id("v").Id(name)).Index().Byte().Block(
			jen.Switch(jen.Id("v").Op(":=").Id("v").Assert(jen.Type())).Block(cases...),
			jen.Return(codecFunc("WriteNoCase").Call(buf)),
		))
}

func (g *generator) unionRead(u *idl.Union) jen.Code {
	name, d := goName(u), jen.Id("d")
	cases := []jen.Code{jen.Case(jen.Lit(0)).Comment("// none")}
	for _, c := range u.Cases {
		value := codecFunc("ReadCase").Call(d, jen.Lit(c.Name), g.reader(c.Type))
		cases = append(cases, jen.Case(jen.Lit(int(c.Tag))).Block(
			jen.Id("v").Op("=").Id(caseName(u, c)).Values(value),
		))
	}
	cases = append(cases, jen.Default().Block(
		jen.Id("v").Op("=").Id(unknownName(u)).Values(jen.Id("tag"), jen.Id("d").Dot("Rest").Call()),
	))
	return documented("Read"+name+" reads "+withArticle(name)+" from d; field names it in errors.",
		jen.Func().Id("Read"+name).Params(readParams()...).Params(jen.Id("v").Id(name)).Block(
			jen.List(jen.Id("tag"), jen.Id("body")).Op(":=").Id("d").Dot("BeginCase").Call(jen.Id("field")),
			jen.Switch(jen.Id("tag")).Block(cases...),
			jen.Id("d").Dot("End").Call(jen.Id("body"), jen.Id("field")),
			jen.Return(jen.Id("v")),
		))
}

func (g *generator) unionUnmarshal(u *idl.Union) jen.Code {
	name := goName(u)
	return documented("Unmarshal"+name+" returns the "+name+" that data holds, as AppendBinary wrote it.",
		jen.Func().Id("Unmarshal"+name).Params(jen.Id("data").Index().Byte()).Params(jen.Id("v").Id(name), jen.Id("err").Error()).Block(
			jen.Id("err").Op("=").Add(codecFunc("Unmarshal").Call(jen.Id("data"), jen.Lit(u.Name), jen.Op("&").Id("v"), jen.Id("Read"+name))),
			jen.Return(jen.Id("v"), jen.Id("err")),
		))
}
