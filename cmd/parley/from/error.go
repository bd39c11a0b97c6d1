package from

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// codes are the codes of errors.
var codes = strings.Fields(`canceled unknown invalid_argument deadline_exceeded not_found already_exists permission_denied
	resource_exhausted failed_precondition aborted out_of_range unimplemented internal unavailable data_loss unauthenticated`)

// declaredError returns the name of the declaration of an error that obj stands for: a struct that is an error, or a
// variable made with errors.New. It is "" if obj is something else.
func (c *converter) declaredError(obj types.Object) string {
	if obj == nil || obj.Pkg() == nil || c.packages[obj.Pkg().Path()] == nil {
		return ""
	}
	switch obj := obj.(type) {
	case *types.Var:
		return c.sentinel(obj)
	case *types.TypeName:
		t, ok := obj.Type().(*types.Named)
		if !ok || t.TypeParams() != nil || !isError(t) || camel(obj.Name()) == "" {
			return ""
		}
		if st, ok := t.Underlying().(*types.Struct); ok {
			return c.declare(camel(obj.Name()), t, "error", func(d *decl, name string) { c.errorBody(d, name, t, st) })
		}
	}
	return ""
}

// sentinel declares the error that a variable of the package holds.
func (c *converter) sentinel(v *types.Var) string {
	name := camel(strings.TrimPrefix(v.Name(), "Err"))
	spec, ok := c.nodes[v.Pos()].(*ast.ValueSpec)
	if !ok || name == "" || !v.Exported() || !isError(v.Type()) || v.Parent() != v.Pkg().Scope() || len(spec.Values) != len(spec.Names) {
		return ""
	}
	call, ok := spec.Values[slices.IndexFunc(spec.Names, func(id *ast.Ident) bool { return id.Pos() == v.Pos() })].(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return ""
	}
	text := c.literal(v.Pkg(), call.Args[0])
	if text == "" {
		return ""
	}
	key := "var " + v.Pkg().Path() + "." + v.Name()
	if name, done := c.declared[key]; done {
		return name
	}
	name = c.reserve(name, v.Pkg())
	c.declared[key] = name
	d := &decl{pos: v.Pos(), text: "error " + name + " " + strconv.Quote(escape(text))}
	d.doc, d.head = described(c.docs[v.Pos()])
	d.notes = []string{"the variable " + c.qualifier(v.Pkg()) + v.Name() + " in Go"}
	c.decls = append(c.decls, d)
	return name
}

// literal returns the value of a constant string.
func (c *converter) literal(pkg *types.Package, e ast.Expr) string {
	if v := c.packages[pkg.Path()].TypesInfo.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return ""
}

func escape(text string) string { return strings.NewReplacer("{", "{{", "}", "}}").Replace(text) }

// errorBody fills the declaration of an error that is a struct.
func (c *converter) errorBody(d *decl, name string, t *types.Named, st *types.Struct) {
	d.items = c.fields(name, st)
	w := &errorText{converter: c, pkg: t.Obj().Pkg(), fields: map[token.Pos]string{}}
	for _, it := range d.items {
		if field, kind, _ := strings.Cut(it.text, " "); c.printable(kind) {
			w.fields[it.pos] = field
		}
	}
	text, ok := w.of(method(t, "Error"))
	if !ok {
		text = escape(strings.ToLower(strings.ReplaceAll(snake(t.Obj().Name()), "_", " ")))
		d.notes = append(d.notes, "the text that its method Error makes is not this one: write it with {field}")
	}
	d.text += " " + strconv.Quote(text)
	if code := c.code(method(t, "Code")); code != "" && code != "unknown" {
		d.head = append(d.head, "@code("+code+")")
	}
	if len(d.items) == 0 {
		d.items = nil
	}
}

// printable reports whether an error's text can have a field of this type.
func (c *converter) printable(kind string) bool {
	for _, basic := range basics {
		if kind == basic {
			return true
		}
	}
	enum := slices.ContainsFunc(c.decls, func(d *decl) bool { return d.text == "enum "+kind })
	return enum || kind == "bytes" || kind == "time" || kind == "duration"
}

// method returns the method of t or of a pointer to it.
func method(t *types.Named, name string) *types.Func {
	for m := range t.Methods() {
		if m.Name() == name {
			return m
		}
	}
	return nil
}

// returned returns what the body of a function returns if that is all that it does.
func (c *converter) returned(f *types.Func) (decl *ast.FuncDecl, value ast.Expr) {
	if f == nil {
		return nil, nil
	}
	decl, ok := c.nodes[f.Pos()].(*ast.FuncDecl)
	if !ok || decl.Body == nil || len(decl.Body.List) != 1 {
		return nil, nil
	}
	if ret, ok := decl.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
		return decl, ret.Results[0]
	}
	return nil, nil
}

// code returns the code that a method Code returns, as the language writes it.
func (c *converter) code(f *types.Func) string {
	_, value := c.returned(f)
	selector, ok := value.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	name := snake(strings.TrimPrefix(selector.Sel.Name, "Code"))
	if !slices.Contains(codes, name) {
		return ""
	}
	return name
}

// An errorText makes the text of an error of what its method Error returns.
type errorText struct {
	*converter
	pkg    *types.Package
	fields map[token.Pos]string // the names of the fields that a text can have
}

// of returns the text, and whether it can be told.
func (w *errorText) of(f *types.Func) (string, bool) {
	decl, value := w.returned(f)
	if decl == nil {
		return "", false
	}
	text, ok := w.expr(value)
	return text, ok && text != ""
}

// expr returns the text of an expression: a constant, a sum of texts, what fmt.Sprintf makes, or a field in anything.
func (w *errorText) expr(e ast.Expr) (string, bool) {
	if literal := w.literal(w.pkg, e); literal != "" {
		return escape(literal), true
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return w.expr(e.X)
	case *ast.BinaryExpr:
		left, ok := w.expr(e.X)
		right, ok2 := w.expr(e.Y)
		return left + right, ok && ok2 && e.Op == token.ADD
	case *ast.CallExpr:
		if f, ok := e.Fun.(*ast.SelectorExpr); ok && f.Sel.Name == "Sprintf" && len(e.Args) > 0 {
			return w.sprintf(e.Args)
		}
	}
	return w.field(e)
}

// verb matches what fmt puts a value in the place of, or a percent sign.
var verb = regexp.MustCompile(`%[+]?[vsdxqt%]`)

func (w *errorText) sprintf(args []ast.Expr) (string, bool) {
	form := escape(w.literal(w.pkg, args[0]))
	args = args[1:]
	ok := strings.Count(verb.ReplaceAllString(form, ""), "%") == 0
	text := verb.ReplaceAllStringFunc(form, func(v string) string {
		if v == "%%" || len(args) == 0 {
			ok = ok && v == "%%"
			return "%"
		}
		field, found := w.field(args[0])
		args, ok = args[1:], ok && found
		if strings.HasSuffix(v, "q") {
			field = `"` + field + `"`
		}
		return field
	})
	return text, ok && len(args) == 0
}

// field returns {name} for an expression in which one field stands: strconv.Itoa(e.Size).
func (w *errorText) field(e ast.Expr) (string, bool) {
	var found []string
	ast.Inspect(e, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		use := w.packages[w.pkg.Path()].TypesInfo.Uses[selector.Sel]
		if v, ok := use.(*types.Var); ok && v.IsField() {
			found = append(found, w.fields[v.Pos()])
		}
		return true
	})
	if len(found) != 1 || found[0] == "" {
		return "", false
	}
	return fmt.Sprintf("{%s}", found[0]), true
}
