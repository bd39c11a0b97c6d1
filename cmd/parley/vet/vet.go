// Package vet finds mistakes in Go code that uses what parley generates: analyzers for the parley command, for go vet
// and for whatever else runs golang.org/x/tools/go/analysis. README.md beside this file has an example of each.
//
// Each analyzer has a file here. They share contract.go, which reads the interface definition that a generated package
// carries, call.go, which knows a call of a client stub and what becomes of its results, and ignore.go, the comments
// that silence an analyzer. run.go runs them over packages, gocommand.go on behalf of the go command.
package vet

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzers returns all analyzers, in the order of their names.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{Background, Cases, Dropped, Streams, Throws}
}

// A check is one run of an analyzer over one package.
type check struct {
	*analysis.Pass
	contracts contracts
	files     []inspector.Cursor // those that people wrote
	ignored   ignores
}

// newAnalyzer returns an analyzer whose findings run reports.
func newAnalyzer(name, doc string, run func(*check)) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:     name,
		Doc:      doc,
		Requires: []*analysis.Analyzer{inspect.Analyzer, readContracts},
		Run: func(pass *analysis.Pass) (any, error) {
			c := &check{
				Pass:      pass,
				contracts: pass.ResultOf[readContracts].(contracts),
				ignored:   ignoresOf(pass),
			}
			for file := range pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root().Children() {
				if !ast.IsGenerated(file.Node().(*ast.File)) {
					c.files = append(c.files, file)
				}
			}
			run(c)
			return nil, nil
		},
	}
}

// found reports a finding at a node, unless a comment says to ignore it.
func (c *check) found(at ast.Node, format string, args ...any) {
	if !c.ignored.has(c.Fset.Position(at.Pos()), c.Analyzer.Name) {
		c.Pass.ReportRangef(at, format, args...)
	}
}
