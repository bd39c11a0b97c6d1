package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// client returns a service's client with a stub for each method.
func (g *generator) client(s *idl.Service) []jen.Code {
	name, caller := goName(s)+"Client", jen.Id("caller").Add(runtimeName("Caller"))
	code := []jen.Code{
		documented(paragraphs(name+" is "+withArticle(goName(s))+" at the other end of a runtime.Caller.\n"+
			"It may be used by any number of goroutines at once.", deprecatedWith(s)),
			jen.Type().Id(name).Id("struct").Add(inline(caller.Clone()))),
		documented(paragraphs("New"+name+" returns a client whose calls go through caller.", deprecatedWith(s)),
			jen.Func().Id("New"+name).Params(caller).Op("*").Id(name).
				Add(inline(jen.Return(jen.Op("&").Id(name).Values(jen.Id("caller")))))),
		jen.Var().Id("_").Id(goName(s)).Op("=").Parens(jen.Op("*").Id(name)).Parens(jen.Nil()),
	}
	for _, m := range s.Methods {
		doc := goName(m) + " calls " + s.Name + "." + m.Name + "."
		if m.ResultStream != nil {
			doc += " Each range over what it returns is a call of its own."
		}
		code = append(code, documented(paragraphs(doc, g.lentDoc(m), deprecatedWith(m)),
			jen.Func().Params(jen.Id("c").Op("*").Id(name)).Id(goName(m)).Add(g.signature(m)).Block(g.clientStub(m)...)))
	}
	return code
}

// clientStub returns the body of a client's method.
func (g *generator) clientStub(m *idl.Method) []jen.Code {
	if m.ResultStream != nil {
		return g.streamingStub(m)
	}
	var call jen.Code = jen.Id("c").Dot("caller").Dot("Call").Call(jen.Id("ctx"), jen.Id("call"))
	body := g.newCall(m)
	if m.ParamStream != nil {
		send, before := g.sendStream(m)
		call, body = send, append(body, before...)
	}
	var failed, decoded []jen.Code
	results := g.variables(m, m.Results)
	for _, r := range results {
		failed = append(failed, g.zero(r.field.Type))
		decoded = append(decoded, r.id())
	}
	body = append(body, ifError(call, jen.Return(append(failed, jen.Id("err"))...)))
	for _, r := range results {
		body = append(body, r.id().Op("=").Add(g.read(r.field.Type, callDecoder, jen.Lit(r.field.Name))))
	}
	return append(body, jen.Return(append(decoded, jen.Id("call").Dot("Decoded").Call())...))
}

// newCall returns the statements that make a call with its parameters.
func (g *generator) newCall(m *idl.Method) []jen.Code {
	body := []jen.Code{
		jen.Id("call").Op(":=").Add(runtimeName("NewCall")).Call(jen.Op("&").Add(describe(m))),
		jen.Defer().Id("call").Dot("Release").Call(),
	}
	for _, p := range g.variables(m, m.Params) {
		body = append(body, g.write(p.field.Type, jen.Id("call").Dot("Out"), p.id()))
	}
	return body
}

// describe returns the variable that describes m.
func describe(m *idl.Method) *jen.Statement { return jen.Id(methodsName(m.Service)).Dot(goName(m)) }

// ifError returns if err := call; err != nil { then }.
func ifError(call, then jen.Code) jen.Code {
	return jen.If(jen.Id("err").Op(":=").Add(call), jen.Id("err").Op("!=").Nil()).Block(then)
}
