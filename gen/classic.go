package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// serverParam is the parameter of an XRPC function that names the server.
const serverParam = "server"

// classic returns, for each method of a @classic service, the two functions of the classic form: one that calls
// a server by its address and one that turns a request's bytes into a response's.
func (g *generator) classic(s *idl.Service) []jen.Code {
	var code []jen.Code
	for _, m := range s.Methods {
		code = append(code, g.classicClient(m), g.classicServer(m))
	}
	return code
}

func (g *generator) classicClient(m *idl.Method) jen.Code {
	s := m.Service
	args := []jen.Code{jen.Qual(contextPath, "Background").Call()}
	vars := g.variables(m, m.Params)
	for _, v := range vars {
		args = append(args, v.id())
	}
	server := variable{&idl.Field{Type: &idl.Type{Kind: idl.String}}, serverParam}
	doc := goName(m) + "RPC calls " + s.Name + "." + m.Name +
		" of the server at the given address, over a connection of its own."
	return documented(paragraphs(doc, deprecatedWith(m)),
		jen.Func().Id(goName(m)+"RPC").Params(g.paramList(append([]variable{server}, vars...))...).Add(g.results(m)).Block(
			jen.Return(jen.Id("New"+goName(s)+"Client").Call(runtimeName("Classic").Call(jen.Id(serverParam))).
				Dot(goName(m)).Call(args...)),
		))
}

func (g *generator) classicServer(m *idl.Method) jen.Code {
	s := m.Service
	handler := runtimeName("Handler").Values(
		pair("Method", jen.Op("&").Add(describe(m))),
		pair("Handle", jen.Id(stubsName(s)).Values(jen.Id("service")).Dot(goName(m))),
	)
	doc := goName(m) + "ServerStub answers one request of " + s.Name + "." + m.Name + ": parameters in, results and the error's text out."
	return documented(paragraphs(doc, deprecatedWith(m)),
		jen.Func().Id(goName(m)+"ServerStub").Params(
			jen.Id("ctx").Qual(contextPath, "Context"),
			jen.Id("service").Id(goName(s)),
			jen.Id("request").Index().Byte(),
		).Index().Byte().Block(
			jen.Return(runtimeName("ClassicReply").Call(jen.Id("ctx"), handler, jen.Id("request"))),
		))
}
