package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// codecTest returns the test of all types, and a fuzz target for each but the enums, which are numbers.
func (g *generator) codecTest(types, unions []idl.Decl) []jen.Code {
	var trips, targets []jen.Code
	for _, d := range types {
		args := []jen.Code{g.named("Write", d), g.named("Read", d)}
		if len(unions) > 0 {
			args = append(args, jen.Id("unions").Op("..."))
		}
		trips = append(trips, testFunc("RoundTrip").Call(append([]jen.Code{jen.Id("t")}, args...)...))
		if _, isEnum := d.(*idl.Enum); !isEnum {
			targets = append(targets, documented(
				"Fuzz"+goName(d)+" reads any bytes as "+withArticle(goName(d))+", and writes what it has read.",
				jen.Func().Id("Fuzz"+goName(d)).Params(jen.Id("f").Op("*").Qual(testingPath, "F")).Block(
					testFunc("Fuzz").Call(append([]jen.Code{jen.Id("f")}, args...)...))))
		}
	}
	code := []jen.Code{documented("TestCodec writes random values of each type and reads them back.",
		jen.Func().Id("TestCodec").Params(jen.Id("t").Op("*").Qual(testingPath, "T")).Block(trips...))}
	if len(unions) > 0 {
		code = append([]jen.Code{g.unionCases(unions)}, code...)
	}
	return append(code, targets...)
}

// unionCases returns the variable that says what can be in each union.
func (g *generator) unionCases(unions []idl.Decl) jen.Code {
	var all []jen.Code
	for _, d := range unions {
		u := d.(*idl.Union)
		path := g.imports[u.File.Package].path
		var cases []jen.Code
		for _, c := range u.Cases {
			cases = append(cases, jen.Line().Qual(path, caseName(u, c)).Values())
		}
		if tag, free := unusedTag(u); free {
			cases = append(cases, jen.Line().Qual(path, unknownName(u)).Values(pair("Tag", jen.Lit(tag))))
		}
		all = append(all, testFunc("Cases").Types(g.named("", u)).Call(append(cases, jen.Line())...))
	}
	return documented("unions are what the types have in them, with their cases.",
		jen.Var().Id("unions").Op("=").Index().Add(testFunc("Union")).Add(rows(all)))
}

// unusedTag returns the least tag that no case of u has.
func unusedTag(u *idl.Union) (tag int, free bool) {
	used := map[int]bool{}
	for _, c := range u.Cases {
		used[int(c.Tag)] = true
	}
	for tag = 1; used[tag]; tag++ {
	}
	return tag, tag < 1<<16
}

// unionsIn returns the unions among pkg's types and in their values: those of other packages too, but for packages
// in a folder internal from which Go lets pkg import nothing.
func unionsIn(pkg *idl.Package, types []idl.Decl) []idl.Decl {
	var unions []idl.Decl
	seen := map[idl.Decl]bool{}
	for todo := slices.Clone(types); len(todo) > 0; todo = todo[1:] {
		d := todo[0]
		if seen[d] {
			continue
		}
		seen[d] = true
		visible := strings.HasPrefix(pkg.Path+"/", internalParent(d.Base().File.Package.Path))
		if _, ok := d.(*idl.Union); ok && visible {
			unions = append(unions, d)
		}
		for t := range idl.Types(d) {
			if t.Decl != nil {
				todo = append(todo, t.Decl)
			}
		}
	}
	return unions
}
