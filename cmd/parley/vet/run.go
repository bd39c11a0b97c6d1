package vet

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// A Finding is one thing that an analyzer has found. As JSON it has the fields that findings in .parley files have.
type Finding struct {
	File     string `json:"file"`   // its absolute path
	Line     int    `json:"line"`   // from 1
	Column   int    `json:"column"` // from 1, in bytes
	Analyzer string `json:"rule"`
	Message  string `json:"message"`
}

// A PatternError says that a pattern stands for no Go package.
type PatternError struct{ Reason string }

func (e *PatternError) Error() string { return e.Reason }

// Run runs analyzers over the Go packages that patterns stand for in the working folder, with their tests, and returns
// what they find, in order. Its error is a *[PatternError], or has what keeps packages from being compiled.
func Run(ctx context.Context, analyzers []*analysis.Analyzer, tags string, patterns ...string) ([]Finding, error) {
	return run(&packages.Config{Context: ctx, BuildFlags: []string{"-tags=" + tags}}, analyzers, patterns...)
}

func run(config *packages.Config, analyzers []*analysis.Analyzer, patterns ...string) ([]Finding, error) {
	config.Mode = packages.LoadSyntax | packages.NeedModule
	config.Tests = true
	loaded, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, fmt.Errorf("the go command lists no packages: %w", err)
	}
	if len(loaded) == 0 {
		return nil, &PatternError{fmt.Sprintf("%s stands for no Go package", strings.Join(patterns, " "))}
	}
	if err := loadErrors(loaded); err != nil {
		return nil, err
	}
	graph, err := checker.Analyze(analyzers, loaded, nil)
	if err != nil {
		return nil, err
	}
	return findings(graph)
}

// loadErrors returns what is wrong with packages, each thing once though tests have it again.
func loadErrors(loaded []*packages.Package) error {
	var errs []error
	seen := map[string]bool{}
	for _, pkg := range loaded {
		for _, e := range pkg.Errors {
			if e.Kind == packages.ListError && len(pkg.GoFiles) == 0 {
				return &PatternError{strings.TrimSpace(e.Msg)}
			}
			if compiled := strings.HasPrefix(e.Msg, "# "); compiled || seen[e.Error()] {
				continue // what the compiler prints is among the type errors
			}
			seen[e.Error()] = true
			errs = append(errs, e)
		}
	}
	return errors.Join(errs...)
}

// findings returns what a run has found, sorted. A file that is compiled for tests once more counts once.
func findings(graph *checker.Graph) ([]Finding, error) {
	var all []Finding
	for _, action := range graph.Roots {
		if action.Err != nil {
			return nil, fmt.Errorf("%s of %s: %w", action.Analyzer, action.Package, action.Err)
		}
		for _, d := range action.Diagnostics {
			at := action.Package.Fset.Position(d.Pos)
			all = append(all, finding(at, action.Analyzer.Name, d.Message))
		}
	}
	slices.SortFunc(all, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column,
			cmp.Compare(a.Analyzer, b.Analyzer), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(all), nil
}

func finding(at token.Position, analyzer, message string) Finding {
	return Finding{at.Filename, at.Line, at.Column, analyzer, message}
}
