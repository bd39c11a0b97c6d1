package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// runtimePath is the package that generated code imports.
const runtimePath = "github.com/parley-rpc/parley/runtime"

// Background reports a new context where a function has been given one.
var Background = newAnalyzer("background", `find context.Background() where a ctx is in reach

A function with a parameter of type context.Context passes it on, and hands a variable of that type to the calls that it
makes. A context from context.Background or context.TODO has not its deadline, is not canceled with it, and a call with
it carries none of its metadata. Work that must outlive ctx takes context.WithoutCancel(ctx). Only packages that import generated code or Parley's runtime are looked at.
«ctx = context.Background()», for a ctx that is nil, is let be.`, checkBackground)

func checkBackground(c *check) {
	if !c.usesParley() {
		return
	}
	for _, file := range c.files {
		for at := range file.Preorder((*ast.CallExpr)(nil)) {
			f, ok := typeutil.Callee(c.TypesInfo, at.Node().(*ast.CallExpr)).(*types.Func)
			if !ok || f.FullName() != "context.Background" && f.FullName() != "context.TODO" {
				continue
			}
			ctx := c.contextParameter(at)
			if ctx == nil && c.isArgument(at) {
				ctx = c.contextVariable(at)
			}
			if ctx != nil && !c.assignedTo(at, ctx) {
				c.found(at.Node(), "%s() leaves the deadline, the cancellation and the metadata of %s behind: pass %s on, or context.WithoutCancel(%s) to work that outlives it",
					f.FullName(), ctx.Name(), ctx.Name(), ctx.Name())
			}
		}
	}
}

// usesParley reports whether the package imports generated code or Parley's runtime, or is such a one.
func (c *check) usesParley() bool {
	for _, imported := range append(c.Pkg.Imports(), c.Pkg) {
		if c.contracts[imported] != nil || imported.Path() == runtimePath || strings.HasPrefix(imported.Path(), runtimePath+"/") {
			return true
		}
	}
	return false
}

// contextParameter returns the context.Context that the innermost function around a place with one was given by name;
// nil if none was.
func (c *check) contextParameter(at inspector.Cursor) *types.Var {
	for function := range at.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		var t *ast.FuncType
		switch f := function.Node().(type) {
		case *ast.FuncDecl:
			t = f.Type
		case *ast.FuncLit:
			t = f.Type
		}
		for _, parameter := range t.Params.List {
			for _, name := range parameter.Names {
				if v, ok := c.TypesInfo.Defs[name].(*types.Var); ok && name.Name != "_" && isContext(v.Type()) {
					return v
				}
			}
		}
	}
	return nil
}

// isArgument reports whether a place is an argument of a stub call.
func (c *check) isArgument(at inspector.Cursor) bool {
	if at.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	_, ok := c.stubCall(at.Parent())
	return ok
}

// contextVariable returns a local context.Context that a place could name; nil if there is none.
func (c *check) contextVariable(at inspector.Cursor) *types.Var {
	place := at.Node().Pos()
	for scope := c.Pkg.Scope().Innermost(place); scope != nil && scope != c.Pkg.Scope(); scope = scope.Parent() {
		for _, name := range scope.Names() {
			_, found := scope.LookupParent(name, place) // what is declared below is not there yet
			if v, ok := found.(*types.Var); ok && v.Kind() == types.LocalVar && isContext(v.Type()) {
				return v
			}
		}
	}
	return nil
}

func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context" && named.Obj().Name() == "Context"
}

// assignedTo reports whether the call is the whole right side of ctx = context.Background().
func (c *check) assignedTo(call inspector.Cursor, ctx *types.Var) bool {
	if call.ParentEdgeKind() != edge.AssignStmt_Rhs {
		return false
	}
	assign := call.Parent().Node().(*ast.AssignStmt)
	id, ok := assign.Lhs[call.ParentEdgeIndex()].(*ast.Ident)
	return ok && assign.Tok == token.ASSIGN && c.TypesInfo.Uses[id] == ctx
}
