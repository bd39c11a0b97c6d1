package vet

import (
	"go/ast"
	"go/types"
	"path"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Throws reports a call whose error ends in the function that makes it, with declared errors that it does not tell from
// others.
var Throws = newAnalyzer("throws", `find declared errors that nothing looks at

The error of a method with throws is looked at for each declared error, by errors.As, errors.AsType, errors.Is, a type
switch or an assertion, or it goes on: it is returned, wrapped, logged, or handed to anything else. It is a finding if
the function only compares it with nil. Deprecated errors and tests are let be.`, checkThrows)

func checkThrows(c *check) {
	for call := range c.stubCalls() {
		if len(call.throws) == 0 || strings.HasSuffix(c.Fset.Position(call.Pos()).Filename, "_test.go") {
			continue
		}
		id := call.errorTarget()
		if id == nil || id.Name == "_" {
			continue // handed on, or dropped
		}
		uses, local := c.uses(call, id)
		if !local {
			continue
		}
		if missing := c.unseen(call.throws, uses); len(missing) > 0 {
			them := "them"
			if len(missing) == 1 {
				them = "it"
			}
			c.found(call, "%s throws %s, and nothing here looks for %s: use errors.AsType, or pass %s on",
				call.name, strings.Join(missing, ", "), them, id.Name)
		}
	}
}

// errorTarget returns what the error of the call, or of its stream in a range, is assigned to; nil if it is not.
func (call stubCall) errorTarget() *ast.Ident {
	if loop, ok := call.at.Parent().Node().(*ast.RangeStmt); ok && call.stream {
		id, _ := loop.Value.(*ast.Ident)
		return id
	}
	if call.stream {
		return nil
	}
	return call.lastTarget()
}

// unseen returns, as Go calls them, those of the declared errors that none of the uses of a variable looks for; none
// if one of the uses hands the variable on.
func (c *check) unseen(declared []string, uses []inspector.Cursor) []string {
	missing := slices.Clone(declared)
	for _, use := range uses {
		if c.comparison(use) {
			continue
		}
		kinds, looks := c.looksFor(use)
		if !looks {
			return nil
		}
		for _, kind := range kinds {
			if c.contracts.errorName(kind) == "" && !isOther(kind) {
				return nil
			}
			missing = slices.DeleteFunc(missing, func(name string) bool {
				return strings.EqualFold(name, c.contracts.errorName(kind))
			})
		}
	}
	for i, name := range missing {
		missing[i] = "*" + path.Base(name)
	}
	return missing
}

// comparison reports whether a use of a variable is one side of a comparison: with nil, io.EOF and the like.
func (c *check) comparison(use inspector.Cursor) bool {
	_, ok := use.Parent().Node().(*ast.BinaryExpr)
	return ok
}

// looksFor returns the types that a use of an error asks for. It is false if the use is of another kind.
func (c *check) looksFor(use inspector.Cursor) ([]types.Type, bool) {
	switch parent := use.Parent().Node().(type) {
	case *ast.CallExpr:
		return c.errorsCall(parent, use)
	case *ast.TypeAssertExpr:
		if parent.Type != nil {
			return []types.Type{c.TypesInfo.TypeOf(parent.Type)}, true
		}
		statement := use.Parent().Parent()
		if statement.ParentEdgeKind() == edge.TypeSwitchStmt_Assign {
			return c.caseTypes(statement.Parent().Node().(*ast.TypeSwitchStmt))
		}
	}
	return nil, false
}

// errorsCall returns what a call of errors.Is, errors.As or errors.AsType about a use asks for.
func (c *check) errorsCall(call *ast.CallExpr, use inspector.Cursor) ([]types.Type, bool) {
	f, ok := typeutil.Callee(c.TypesInfo, call).(*types.Func)
	if !ok || f.Pkg() == nil || f.Pkg().Path() != "errors" || call.Args[0] != use.Node() {
		return nil, false
	}
	switch f.Name() {
	case "Is":
		target := c.TypesInfo.TypeOf(call.Args[1])
		if types.IsInterface(target) { // a variable such as context.Canceled, no declared error
			return nil, true
		}
		return []types.Type{target}, true
	case "As":
		target, ok := types.Unalias(c.TypesInfo.TypeOf(call.Args[1])).(*types.Pointer)
		if ok {
			return []types.Type{target.Elem()}, true
		}
	case "AsType":
		results, ok := c.TypesInfo.TypeOf(call).(*types.Tuple)
		if ok {
			return []types.Type{results.At(0).Type()}, true
		}
	}
	return nil, false
}

// caseTypes returns the types in a type switch about an error. It is false if the switch has the error as a variable
// and a default, which may hand it on.
func (c *check) caseTypes(s *ast.TypeSwitchStmt) ([]types.Type, bool) {
	clauses, hasDefault := clausesOf(s.Body)
	if _, bound := s.Assign.(*ast.AssignStmt); bound && hasDefault {
		return nil, false
	}
	var kinds []types.Type
	for _, clause := range clauses {
		kinds = append(kinds, c.TypesInfo.TypeOf(clause))
	}
	return kinds, true
}

// isOther reports whether t is a type of error that leaves the declared ones aside, unlike an interface that they may
// implement and runtime.Error, which has their code.
func isOther(t types.Type) bool {
	if types.IsInterface(t) {
		return false
	}
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.Obj().Pkg() == nil || named.Obj().Pkg().Path() != runtimePath || named.Obj().Name() != "Error"
}
