package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// server returns RegisterX and the server stubs of a service.
func (g *generator) server(s *idl.Service) []jen.Code {
	code := []jen.Code{g.register(s)}
	if len(s.Methods) == 0 {
		return code
	}
	name := stubsName(s)
	code = append(code, documented(name+" are the server stubs of "+goName(s)+": parameters out of a call, results into it.",
		jen.Type().Id(name).Id("struct").Add(inline(jen.Id("service").Id(goName(s))))))
	for _, m := range s.Methods {
		code = append(code, jen.Func().Params(jen.Id("s").Id(name)).Id(goName(m)).
			Params(jen.Id("ctx").Qual(contextPath, "Context"), jen.Id("call").Op("*").Add(runtimeName("Call"))).Error().
			Block(g.serverStub(m)...))
	}
	return code
}

func (g *generator) register(s *idl.Service) jen.Code {
	var handlers []jen.Code
	for _, m := range s.Methods {
		handlers = append(handlers, jen.Values(
			pair("Method", jen.Op("&").Add(describe(m))),
			pair("Handle", jen.Id("stubs").Dot(goName(m))),
		))
	}
	values := []jen.Code{
		pair("Name", jen.Lit(s.FullName())),
		pair("Number", jen.Lit(int(s.Number))),
		pair("Package", jen.Id(g.names.description)),
	}
	var body []jen.Code
	if len(handlers) > 0 {
		values = append(values, pair("Handlers", jen.Index().Add(runtimeName("Handler")).Add(rows(handlers))))
		body = append(body, jen.Id("stubs").Op(":=").Id(stubsName(s)).Values(jen.Id("service")))
	}
	body = append(body, jen.Id("registrar").Dot("Register").Call(runtimeName("Service").Add(rows(values))))
	name := g.names.register + goName(s)
	doc := wrapped(name+" lets service answer the calls of "+goName(s)+" that reach registrar.") +
		"\nIt panics if registrar has a service of that number already."
	return documented(paragraphs(doc, deprecatedWith(s)), jen.Func().Id(name).
		Params(jen.Id("registrar").Add(runtimeName("Registrar")), jen.Id("service").Id(goName(s))).Block(body...))
}

// serverStub returns the body of one server stub.
func (g *generator) serverStub(m *idl.Method) []jen.Code {
	var body, args []jen.Code
	args = append(args, jen.Id("ctx"))
	for _, p := range g.variables(m, m.Params) {
		args = append(args, p.id())
		body = append(body, p.id().Op(":=").Add(g.read(p.field.Type, callDecoder, jen.Lit(p.field.Name))))
	}
	body = append(body, ifError(jen.Id("call").Dot("Decoded").Call(), jen.Return(jen.Id("err"))))
	if m.ParamStream != nil {
		stream, before := g.paramStream(m)
		args, body = append(args, stream), append(body, before...)
	}
	return append(body, g.answer(m, jen.Id("s").Dot("service").Dot(goName(m)).Call(args...))...)
}

// answer returns the statements that call the service and write its results.
func (g *generator) answer(m *idl.Method, service jen.Code) []jen.Code {
	switch {
	case m.ResultStream != nil:
		return g.replyStream(m, service)
	case len(m.Results) == 0:
		return []jen.Code{jen.Return(service)}
	}
	var names, writes []jen.Code
	for _, r := range g.variables(m, m.Results) {
		names = append(names, r.id())
		writes = append(writes, g.write(r.field.Type, jen.Id("call").Dot("Out"), r.id()))
	}
	body := []jen.Code{
		jen.List(append(names, jen.Id("err"))...).Op(":=").Add(service),
		jen.If(jen.Id("err").Op("!=").Nil()).Block(jen.Return(jen.Id("err"))),
	}
	body = append(body, writes...)
	return append(body, jen.Return(jen.Nil()))
}
