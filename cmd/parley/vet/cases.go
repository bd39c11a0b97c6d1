package vet

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// Cases reports a switch over a generated enum or union that has no default and misses a value or a case.
var Cases = newAnalyzer("cases", `find switches over an enum or a union that miss a case

A switch over a generated enum, or a type switch over a generated union, has every value or case of the interface
definition, or a default. Deprecated ones may be missing, and so may nil and the Unknown of a union.`, checkCases)

func checkCases(c *check) {
	for _, file := range c.files {
		for at := range file.Preorder((*ast.SwitchStmt)(nil), (*ast.TypeSwitchStmt)(nil)) {
			switch s := at.Node().(type) {
			case *ast.SwitchStmt:
				if s.Tag != nil {
					c.valueSwitch(s)
				}
			case *ast.TypeSwitchStmt:
				c.typeSwitch(s)
			}
		}
	}
}

// valueSwitch checks a switch over an enum. One that compares with what is known at run time only is let be.
func (c *check) valueSwitch(s *ast.SwitchStmt) {
	missing := c.contracts.membersOf(c.TypesInfo.TypeOf(s.Tag))
	clauses, hasDefault := clausesOf(s.Body)
	for _, e := range clauses {
		value := c.TypesInfo.Types[e].Value
		if value == nil {
			return
		}
		missing = slices.DeleteFunc(missing, func(o types.Object) bool {
			constant, ok := o.(*types.Const)
			return !ok || constant.Val().ExactString() == value.ExactString()
		})
	}
	c.missing(s, s.Tag, missing, hasDefault)
}

// typeSwitch checks a switch over a union. A clause for an interface stands for all cases that implement it.
func (c *check) typeSwitch(s *ast.TypeSwitchStmt) {
	over := switched(s)
	missing := c.contracts.membersOf(c.TypesInfo.TypeOf(over))
	clauses, hasDefault := clausesOf(s.Body)
	for _, e := range clauses {
		clause := c.TypesInfo.TypeOf(e)
		missing = slices.DeleteFunc(missing, func(o types.Object) bool {
			if wide, ok := clause.Underlying().(*types.Interface); ok {
				return types.Implements(o.Type(), wide)
			}
			return types.Identical(clause, o.Type())
		})
	}
	c.missing(s, over, missing, hasDefault)
}

// missing reports what a switch misses.
func (c *check) missing(s ast.Stmt, over ast.Expr, missing []types.Object, hasDefault bool) {
	if len(missing) == 0 || hasDefault {
		return
	}
	var names []string
	for _, o := range missing {
		names = append(names, o.Pkg().Name()+"."+o.Name())
	}
	c.found(s, "the switch over %s misses %s: add a case for what is missing, or a default",
		types.TypeString(c.TypesInfo.TypeOf(over), (*types.Package).Name), strings.Join(names, ", "))
}

// switched returns what a type switch looks at: e in switch e := e.(type).
func switched(s *ast.TypeSwitchStmt) ast.Expr {
	var assertion ast.Expr
	switch assign := s.Assign.(type) {
	case *ast.AssignStmt:
		assertion = assign.Rhs[0]
	case *ast.ExprStmt:
		assertion = assign.X
	}
	return ast.Unparen(assertion).(*ast.TypeAssertExpr).X
}

// clausesOf returns what the clauses of a switch name, and whether there is a default.
func clausesOf(body *ast.BlockStmt) (all []ast.Expr, hasDefault bool) {
	for _, s := range body.List {
		clause := s.(*ast.CaseClause)
		all = append(all, clause.List...)
		hasDefault = hasDefault || clause.List == nil
	}
	return all, hasDefault
}
