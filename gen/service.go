package gen

import (
	"fmt"
	"strings"
	"time"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// service returns a service's interface, the description of its methods, its client and its server stubs.
func (g *generator) service(s *idl.Service) []jen.Code {
	code := []jen.Code{g.serviceInterface(s), g.methods(s)}
	code = append(code, g.client(s)...)
	code = append(code, g.server(s)...)
	if s.Classic {
		code = append(code, g.classic(s)...)
	}
	return code
}

func (g *generator) serviceInterface(s *idl.Service) jen.Code {
	var members []jen.Code
	for i, m := range s.Methods {
		if i > 0 {
			members = append(members, jen.Line())
		}
		plain := fmt.Sprintf("%s is method %d of %s.", goName(m), m.Number, goName(s))
		doc := paragraphs(docOf(m, plain), g.lentDoc(m), g.throwsDoc(m))
		members = append(members, documented(doc, jen.Id(goName(m)).Add(g.signature(m))))
	}
	return documented(docOf(s, declaredIn(s, "a service")), jen.Type().Id(goName(s)).Interface(members...))
}

// throwsDoc says which declared errors a method has.
func (g *generator) throwsDoc(m *idl.Method) string {
	var names []string
	for _, e := range m.Throws {
		name := goName(e)
		if p := e.File.Package; p != g.pkg {
			name = g.imports[p].name + "." + name
		}
		names = append(names, "*"+name)
	}
	if names == nil {
		return ""
	}
	return wrapped("Throws " + strings.Join(names, ", ") + ".")
}

// lentDoc says which bytes are lent by a method that is @borrowed, to whom and until when.
func (g *generator) lentDoc(m *idl.Method) string {
	loans := m.Loans(func(f *idl.Field) string { return g.localName(f, m) })
	if loans == nil {
		return ""
	}
	return wrapped("Lends bytes: " + strings.Join(loans, "; ") + ". What is to be kept has to be cloned, with bytes.Clone.")
}

// A variable is a parameter or a result as a variable of Go.
type variable struct {
	field *idl.Field
	name  string
}

func (v variable) id() *jen.Statement { return jen.Id(v.name) }

func (g *generator) variables(m *idl.Method, fields []*idl.Field) []variable {
	var all []variable
	for _, f := range fields {
		all = append(all, variable{f, g.localName(f, m)})
	}
	return all
}

// signature returns (ctx context.Context, user string) (users []string, err error).
func (g *generator) signature(m *idl.Method) jen.Code {
	params := append([]jen.Code{jen.Id("ctx").Qual(contextPath, "Context")}, g.paramList(g.variables(m, m.Params))...)
	if m.ParamStream != nil {
		params = append(params, g.variables(m, []*idl.Field{m.ParamStream})[0].id().Add(g.sequence(m.ParamStream)))
	}
	if m.ResultStream != nil {
		return jen.Params(params...).Add(g.sequence(m.ResultStream))
	}
	return jen.Params(params...).Add(g.results(m))
}

// sequence returns the type of a stream.
func (g *generator) sequence(f *idl.Field) jen.Code {
	return jen.Qual(iterPath, "Seq2").Types(g.goType(f.Type), jen.Error())
}

// paramList returns the declarations of variables, a type's name once for a run that shares it.
func (g *generator) paramList(vars []variable) []jen.Code {
	var params []jen.Code
	groups(vars, func(names []jen.Code, t *idl.Type) {
		params = append(params, jen.List(names...).Add(g.goType(t)))
	})
	return params
}

// results returns error, or the named results with err behind them.
func (g *generator) results(m *idl.Method) jen.Code {
	if len(m.Results) == 0 {
		return jen.Error()
	}
	return jen.Params(append(g.paramList(g.variables(m, m.Results)), jen.Id("err").Error())...)
}

// methods returns the variable that describes a service's methods to the runtime.
func (g *generator) methods(s *idl.Service) jen.Code {
	var names []string
	var values []jen.Code
	for _, m := range s.Methods {
		names = append(names, goName(m))
		values = append(values, pair(goName(m), g.method(m)))
	}
	name := methodsName(s)
	if len(names) == 0 {
		return jen.Null()
	}
	return documented(name+" describes the methods of "+goName(s)+" to the runtime.",
		jen.Var().Id(name).Op("=").Struct(jen.Add(nameList(names)).Add(runtimeName("Method"))).Add(rows(values)))
}

// method returns the description of one method.
func (g *generator) method(m *idl.Method) jen.Code {
	values := []jen.Code{
		pair("Service", jen.Lit(m.Service.FullName())),
		pair("Name", jen.Lit(m.Name)),
		pair("Type", jen.Id(fmt.Sprintf("0x%04x", m.WireType()))),
	}
	if m.Service.Classic {
		values = append(values, pair("Classic", jen.True()))
	}
	if m.Idempotent {
		values = append(values, pair("Idempotent", jen.True()))
	}
	if m.Borrowed {
		values = append(values, pair("Borrowed", jen.True()))
	}
	if m.Timeout > 0 {
		values = append(values, pair("Timeout", duration(m.Timeout)))
	}
	if len(m.Throws) > 0 {
		values = append(values, jen.Line().Add(pair("Throws", g.throws(m))))
	}
	if m.Service.Classic && len(m.Results) > 0 {
		values = append(values, jen.Line().Add(pair("Zero", g.zeroResults(m))))
	}
	return runtimeName("Method").Values(values...)
}

func (g *generator) throws(m *idl.Method) jen.Code {
	var errors []jen.Code
	for _, e := range m.Throws {
		errors = append(errors, runtimeName("Throws").Types(g.named("", e)).Call())
	}
	return jen.Index().Add(runtimeName("ErrorType")).Values(errors...)
}

// zeroResults returns the function that writes a classic method's results with nothing in them.
func (g *generator) zeroResults(m *idl.Method) jen.Code {
	var out jen.Code = jen.Id("out")
	for _, r := range m.Results {
		out = g.writeZero(r.Type, out)
	}
	return jen.Func().Params(jen.Id("out").Index().Byte()).Index().Byte().Add(inline(jen.Return(out)))
}

// duration returns d in the largest unit that it is a multiple of.
func duration(d time.Duration) jen.Code {
	units := []struct {
		size time.Duration
		name string
	}{
		{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"},
		{time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}, {time.Nanosecond, "Nanosecond"},
	}
	for _, u := range units {
		if d%u.size != 0 {
			continue
		}
		if d == u.size {
			return jen.Qual(timePath, u.name)
		}
		return jen.Id(fmt.Sprint(int64(d/u.size))).Op("*").Qual(timePath, u.name)
	}
	return nil
}
