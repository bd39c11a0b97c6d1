package vet

import (
	"go/ast"
	"go/types"
	"iter"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// A stubCall is a call of a method of a generated client or service interface, or of the function that a classic method
// has besides. A call of a type that implements the interface is none.
type stubCall struct {
	method
	*ast.CallExpr
	at     inspector.Cursor
	stream bool // whether it returns a stream, else its last result is an error
}

// stubCalls returns the stub calls of all files.
func (c *check) stubCalls() iter.Seq[stubCall] {
	return func(yield func(stubCall) bool) {
		for _, file := range c.files {
			for at := range file.Preorder((*ast.CallExpr)(nil)) {
				if call, ok := c.stubCall(at); ok && !yield(call) {
					return
				}
			}
		}
	}
}

func (c *check) stubCall(at inspector.Cursor) (stubCall, bool) {
	call := at.Node().(*ast.CallExpr)
	f, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok || c.contracts[f.Pkg()] == nil {
		return stubCall{}, false
	}
	m, ok := c.contracts[f.Pkg()].method(f)
	if !ok {
		return stubCall{}, false
	}
	for at.ParentEdgeKind() == edge.ParenExpr_X {
		at = at.Parent()
	}
	results := f.Signature().Results()
	return stubCall{m, call, at, isStream(results.At(results.Len() - 1).Type())}, true
}

// method returns the method that a function of the generated package calls.
func (c *contract) method(f *types.Func) (method, bool) {
	receiver := f.Signature().Recv()
	if receiver == nil {
		m, ok := c.functions[key(f)]
		return m, ok
	}
	t := receiver.Type()
	if pointer, ok := t.(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return method{}, false
	}
	service := key(named.Obj())
	m, ok := c.methods[service+"."+key(f)]
	if !ok {
		m, ok = c.methods[strings.TrimSuffix(service, "client")+"."+key(f)]
	}
	return m, ok
}

// isStream reports whether t is what a stub returns for a stream.
func isStream(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "iter" && named.Obj().Name() == "Seq2"
}

// targets returns what the results of the call are assigned to, none if they are not.
func (call stubCall) targets() []ast.Expr {
	var targets []ast.Expr
	switch parent := call.at.Parent().Node().(type) {
	case *ast.AssignStmt:
		if len(parent.Rhs) == 1 {
			targets = parent.Lhs
		}
	case *ast.ValueSpec:
		if len(parent.Values) == 1 {
			for _, name := range parent.Names {
				targets = append(targets, name)
			}
		}
	}
	return targets
}

// lastTarget returns the variable that the call's last result is assigned to, nil if there is none.
func (call stubCall) lastTarget() *ast.Ident {
	targets := call.targets()
	if len(targets) == 0 {
		return nil
	}
	id, _ := targets[len(targets)-1].(*ast.Ident)
	return id
}

// uses returns where the function around the call uses a local variable, its declaration and the assignments to it left
// out. It is false for any other variable, which may be used anywhere.
func (c *check) uses(call stubCall, id *ast.Ident) ([]inspector.Cursor, bool) {
	v, ok := c.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok || v.Kind() != types.LocalVar {
		return nil, false
	}
	var uses []inspector.Cursor
	for function := range call.at.Enclosing((*ast.FuncDecl)(nil)) {
		for at := range function.Preorder((*ast.Ident)(nil)) {
			used := at.Node().(*ast.Ident)
			if c.TypesInfo.Uses[used] == v && at.ParentEdgeKind() != edge.AssignStmt_Lhs {
				uses = append(uses, at)
			}
		}
		return uses, true
	}
	return nil, false
}

// comparedWithNil reports whether the variable that stands at a place is compared with nil there.
func (c *check) comparedWithNil(at inspector.Cursor) bool {
	comparison, ok := at.Parent().Node().(*ast.BinaryExpr)
	if !ok {
		return false
	}
	other := comparison.X
	if other == at.Node() {
		other = comparison.Y
	}
	return c.TypesInfo.Types[other].IsNil()
}
