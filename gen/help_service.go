package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// doubles returns, for each service, the function that makes a client in the same process, and the fake.
func (g *generator) doubles(services []idl.Decl) []jen.Code {
	var code []jen.Code
	for _, d := range services {
		s := d.(*idl.Service)
		code = append(code, g.inProcess(s))
		code = append(code, g.fake(s)...)
	}
	return code
}

// inProcess returns NewX.
func (g *generator) inProcess(s *idl.Service) jen.Code {
	name, server := goName(s), jen.Id("server")
	path := g.imports[g.pkg].path
	doc := "New" + name + " returns a client of service, which a server in the same process answers for. " +
		"Values and errors cross as bytes, and no socket is opened. Client and server are closed when the test ends."
	return documented(paragraphs(wrapped(doc), deprecatedWith(s)),
		jen.Func().Id("New"+name).Params(
			jen.Id("t").Qual(testingPath, "TB"),
			jen.Id("service").Add(g.named("", s)),
			jen.Id("options").Op("...").Add(runtimeName("ClientOption")),
		).Op("*").Qual(path, name+"Client").Block(
			jen.Add(server).Op(":=").Add(runtimeName("NewServer").Call()),
			jen.Qual(path, "Register"+name).Call(server, jen.Id("service")),
			jen.Return(jen.Qual(path, "New"+name+"Client").Call(
				testFunc("InProcess").Call(jen.Id("t"), server, jen.Id("options").Op("...")))),
		))
}

// fake returns FakeX, a struct with a function for each method.
func (g *generator) fake(s *idl.Service) []jen.Code {
	name := "Fake" + goName(s)
	doc := name + " is " + withArticle(goName(s)) + " for tests: each method calls the function that is set for it. " +
		"One that is not set answers with the code unimplemented. " +
		"The functions are set before the first call, and may be called by several goroutines at once."
	names := fakeFields(s)
	var fields []jen.Code
	for i, m := range s.Methods {
		fields = append(fields, jen.Id(names[i]).Func().Add(g.signature(m)))
	}
	code := []jen.Code{
		documented(paragraphs(wrapped(doc), deprecatedWith(s)), jen.Type().Id(name).Struct(fields...)),
		jen.Var().Id("_").Add(g.named("", s)).Op("=").Parens(jen.Op("*").Id(name)).Parens(jen.Nil()),
	}
	for i, m := range s.Methods {
		code = append(code, documented(paragraphs(goName(m)+" calls "+names[i]+".", deprecatedWith(m)),
			jen.Func().Params(jen.Id("f").Op("*").Id(name)).Id(goName(m)).Add(g.signature(m)).Block(g.fakeMethod(m, name, names[i])...)))
	}
	return code
}

// fakeFields returns what the functions for the methods of s are called in its fake. No method has such a name.
func fakeFields(s *idl.Service) []string {
	taken := map[string]bool{}
	for _, m := range s.Methods {
		taken[goName(m)] = true
	}
	var names []string
	for _, m := range s.Methods {
		name := goName(m) + "Func"
		for taken[name] {
			name += "_"
		}
		names = append(names, name)
	}
	return names
}

// fakeMethod returns the body of a fake's method, whose function has the given name.
func (g *generator) fakeMethod(m *idl.Method, fake, function string) []jen.Code {
	field, text := jen.Id("f").Dot(function), jen.Lit(g.name+"."+fake+"."+function)
	args := []jen.Code{jen.Id("ctx")}
	for _, v := range g.variables(m, m.Params) {
		args = append(args, v.id())
	}
	if m.ParamStream != nil {
		args = append(args, g.streamParam(m))
	}
	var unset []jen.Code
	for _, r := range m.Results {
		unset = append(unset, g.zero(r.Type))
	}
	err := testFunc("Unset").Call(text)
	if m.ResultStream != nil {
		err = testFunc("Stream").Types(g.goType(m.ResultStream.Type)).Call(err)
	}
	unset = append(unset, err)
	return []jen.Code{
		jen.If(jen.Add(field).Op("==").Nil()).Block(jen.Return(unset...)),
		jen.Return(jen.Add(field).Call(args...)),
	}
}
