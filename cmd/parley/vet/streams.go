package vet

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/inspector"
)

// Streams reports a call of a method that returns a stream if nothing can range over it.
var Streams = newAnalyzer("streams", `find streams that are never ranged over

A client makes the call of a method that returns a stream when something ranges over the stream. A stream that is
dropped, or kept in a variable that nothing uses, is a call that is never made.`, checkStreams)

func checkStreams(c *check) {
	for call := range c.stubCalls() {
		if call.stream && c.unused(call) {
			c.found(call, "%s is never called: that takes a range over the stream that it returns", call.name)
		}
	}
}

// unused reports whether nothing is done with the stream that a call returns.
func (c *check) unused(call stubCall) bool {
	switch call.at.Parent().Node().(type) {
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
		return true
	}
	id := call.lastTarget()
	if id == nil {
		return false
	}
	if id.Name == "_" {
		return true
	}
	uses, local := c.uses(call, id)
	for _, use := range uses {
		if !c.comparedWithNil(use) && !discarded(use) {
			return false
		}
	}
	return local
}

// discarded reports whether a use of a variable is _ = variable.
func discarded(use inspector.Cursor) bool {
	assign, ok := use.Parent().Node().(*ast.AssignStmt)
	if !ok || assign.Tok != token.ASSIGN || len(assign.Lhs) != 1 {
		return false
	}
	id, ok := assign.Lhs[0].(*ast.Ident)
	return ok && id.Name == "_"
}
