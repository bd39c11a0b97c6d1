package from

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/gen"
)

// maxMethods is how many methods a service has numbers for.
const maxMethods = 256

// service declares the service of g.
func (c *converter) service(g goal) error {
	d := &decl{items: []item{}}
	name := cmp.Or(c.options.Service, camel(cmp.Or(g.name, c.target.Name())))
	if !camelName.MatchString(name) {
		return targetErrorf("a service is called like ChatRoom, not %q: name it with -service", name)
	}
	c.take(name, name+"Client", "New"+name+"Client", "Register"+name, "IDL", "Package")
	functions, err := c.functions(g, d, name)
	if err != nil {
		return err
	}
	d.text = fmt.Sprintf("service %s = %d", name, c.options.Number)
	c.decls = append(c.decls, d)
	names := scope{}
	for _, f := range functions {
		number := 0
		for _, it := range d.items {
			if it.text != "" {
				number++
			}
		}
		d.items = append(d.items, c.method(f, number, names))
	}
	return nil
}

// functions returns what is to become methods, in the order of the source, and describes the service in d.
func (c *converter) functions(g goal, d *decl, service string) ([]*types.Func, error) {
	if g.name == "" {
		d.doc = fmt.Sprintf("%s has the functions of package %s.", service, c.target.Name())
		return c.exportedFunctions(g, d)
	}
	obj := c.target.Scope().Lookup(g.name)
	if obj == nil {
		return nil, targetErrorf("package %s has no %s%s", c.target.Path(), g.name, hint(c.interfaces()))
	}
	under, ok := obj.Type().Underlying().(*types.Interface)
	if _, isType := obj.(*types.TypeName); !isType || !ok {
		return nil, targetErrorf("%s of package %s is not an interface%s", g.name, c.target.Path(), hint(c.interfaces()))
	}
	if named, ok := obj.Type().(*types.Named); ok && named.TypeParams() != nil {
		return nil, targetErrorf("%s is generic: declare an interface for one type, as in «type Users interface { %s[User] }»", g.name, g.name)
	}
	if !under.IsMethodSet() {
		return nil, targetErrorf("%s is a constraint of types, not an interface with methods", g.name)
	}
	if under.NumMethods() == 0 {
		return nil, targetErrorf("interface %s has no methods", g.name)
	}
	d.pos = obj.Pos()
	d.doc, d.head = described(c.docs[obj.Pos()])
	return c.interfaceMethods(under), nil
}

// interfaces returns the names of the interfaces that the target's package exports.
func (c *converter) interfaces() []string {
	var names []string
	for _, name := range c.target.Scope().Names() {
		obj := c.target.Scope().Lookup(name)
		if _, isType := obj.(*types.TypeName); isType && obj.Exported() && types.IsInterface(obj.Type()) {
			names = append(names, name)
		}
	}
	return names
}

// hint returns what to name instead.
func hint(names []string) string {
	if names == nil {
		return ", and exports no interface"
	}
	return ": its interfaces are " + strings.Join(names, ", ")
}

// interfaceMethods returns the methods in the order of the source, embedded ones where they are declared.
func (c *converter) interfaceMethods(t *types.Interface) []*types.Func {
	methods := slices.Collect(t.Methods())
	slices.SortStableFunc(methods, func(a, b *types.Func) int { return c.compare(a.Pos(), b.Pos()) })
	return methods
}

// exportedFunctions returns the functions of the package or file.
func (c *converter) exportedFunctions(g goal, d *decl) ([]*types.Func, error) {
	var functions []*types.Func
	scope := c.target.Scope()
	for _, name := range scope.Names() {
		f, ok := scope.Lookup(name).(*types.Func)
		if ok && f.Exported() && (g.file == "" || filepath.Base(c.position(f.Pos()).Filename) == g.file) {
			functions = append(functions, f)
		}
	}
	if functions == nil {
		what := "package " + c.target.Path()
		if g.file != "" {
			what = "the file"
		}
		return nil, targetErrorf("%s exports no functions%s", what, hint(c.interfaces()))
	}
	slices.SortFunc(functions, func(a, b *types.Func) int { return c.compare(a.Pos(), b.Pos()) })
	d.pos = functions[0].Pos()
	return functions, nil
}

// method returns the item of one method.
func (c *converter) method(f *types.Func, number int, names scope) item {
	name := camel(f.Name())
	switch sig := f.Signature(); {
	case !f.Exported():
		return note(f.Pos(), "method %s is left out: it is not exported", f.Name())
	case sig.TypeParams() != nil:
		return note(f.Pos(), "%s is left out: it is generic", f.Name())
	case name == "":
		return note(f.Pos(), "%s is left out: its name has letters that the language does not know", f.Name())
	case number == maxMethods:
		return note(f.Pos(), "%s is left out: a service has %d methods at most", f.Name(), maxMethods)
	}
	s := &signature{converter: c, f: f, names: scope{}}
	params := s.params()
	results := s.results()
	it := item{pos: f.Pos()}
	it.doc, it.head = described(c.docs[f.Pos()])
	throws := c.throws(f, it.doc)
	it.doc = strings.TrimSpace(throwsLine.ReplaceAllString(it.doc, ""))
	if own := strings.TrimSpace(lendsLine.ReplaceAllString(it.doc, "")); own != it.doc {
		it.doc, it.head = own, append([]string{"@borrowed"}, it.head...)
	}
	if it.doc == fmt.Sprintf("%s is method %d of %s.", f.Name(), number, c.owner(f)) { // the generator's own
		it.doc = ""
	}
	name = names.unique(name)
	if standard := gen.StandardMethod(gen.GoName(name)); standard != "" {
		name = names.unique(name)
		s.note("%s: %s in Go, which go vet wants as %s has it", gen.GoName(name), f.Name(), standard)
	} else if goName := gen.GoName(name); goName != f.Name() {
		s.note("%s: %s in Go", goName, f.Name())
	}
	it.text = fmt.Sprintf("%d: %s(%s)", number, name, list(params))
	if results != nil {
		it.text += " (" + list(results) + ")"
	}
	if throws != nil {
		it.text += " throws " + strings.Join(throws, ", ")
	}
	it.notes = s.notes
	return it
}

// owner returns the name of the interface that declares f.
func (c *converter) owner(f *types.Func) string {
	if recv := f.Signature().Recv(); recv != nil {
		if named, ok := recv.Type().(*types.Named); ok {
			return named.Obj().Name()
		}
	}
	return ""
}

// list returns parameters or results, with a type once for neighbours that share it.
func list(vars []variable) string {
	var s strings.Builder
	for i, v := range vars {
		if i > 0 {
			s.WriteString(", ")
		}
		s.WriteString(v.name)
		if i == len(vars)-1 || v.typ != vars[i+1].typ {
			s.WriteString(" " + v.typ)
		}
	}
	return s.String()
}

// throws returns the declared errors that a function has: those that its comment names, then those that its body
// returns.
func (c *converter) throws(f *types.Func, doc string) []string {
	var names []string
	add := func(obj types.Object) {
		if name := c.declaredError(obj); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for _, word := range word.FindAllString(doc, -1) {
		add(c.lookup(f.Pkg(), word))
	}
	decl, ok := c.nodes[f.Pos()].(*ast.FuncDecl)
	if !ok {
		return names
	}
	info := c.packages[f.Pkg().Path()].TypesInfo
	ast.Inspect(decl, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for id := range identifiers(n) {
				add(info.Uses[id])
			}
		}
		return true
	})
	return names
}

// identifiers yields those of the last value that a statement returns.
func identifiers(ret *ast.ReturnStmt) func(yield func(*ast.Ident) bool) {
	return func(yield func(*ast.Ident) bool) {
		if len(ret.Results) == 0 {
			return
		}
		more := true
		ast.Inspect(ret.Results[len(ret.Results)-1], func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && more {
				more = yield(id)
			}
			_, function := n.(*ast.FuncLit)
			return more && !function
		})
	}
}

// lookup returns what a word like NotFound or store.ErrNotFound means in a package, nil if nothing.
func (c *converter) lookup(pkg *types.Package, word string) types.Object {
	qualifier, name, qualified := strings.Cut(word, ".")
	if !qualified {
		return exported(pkg, qualifier)
	}
	for _, imported := range pkg.Imports() {
		if imported.Name() == qualifier {
			return exported(imported, name)
		}
	}
	return nil
}

func exported(pkg *types.Package, name string) types.Object {
	if !token.IsExported(name) {
		return nil
	}
	return pkg.Scope().Lookup(name)
}
