package vet

import "go/ast"

// Dropped reports a call whose error nobody gets.
var Dropped = newAnalyzer("dropped", `find calls whose error is dropped

Every call over a network can fail. The error of a stub is dropped if the call is a statement, if go or defer makes it,
if the error is assigned to _ beside other results, or if a stream is ranged over without it. «_ = call» alone says that
the call may fail, and is let be.`, checkDropped)

func checkDropped(c *check) {
	for call := range c.stubCalls() {
		if call.stream {
			loop, ok := call.at.Parent().Node().(*ast.RangeStmt)
			if ok && (loop.Value == nil || isBlank(loop.Value)) {
				c.found(call, "the errors of %s are dropped: range over the error too", call.name)
			}
			continue
		}
		switch call.at.Parent().Node().(type) {
		case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
			c.found(call, "the error of %s is dropped: handle it, or assign it to _ if the call may fail", call.name)
		}
		if onlyLastBlank(call.targets()) {
			c.found(call, "the error of %s is dropped: without it nobody knows whether the other results are any", call.name)
		}
	}
}

// onlyLastBlank reports whether the last of targets is _ and another one is not.
func onlyLastBlank(targets []ast.Expr) bool {
	for _, target := range targets {
		if !isBlank(target) {
			return isBlank(targets[len(targets)-1])
		}
	}
	return false
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}
