// Package breaking finds what an older program would not understand, or not compile with, of a schema that has changed.
//
// [Compare] holds a schema against what it was, package by package, and gives a diagnostic for each change that breaks
// something: the rule that it falls under, what it breaks, where and why. Each of the [Rules] has a file here, with an
// example; README.md has them all, testdata more, among them what may change.
//
// Things are found again by their names, and where a name is gone by their numbers (link.go); fields, parameters and
// results by their places (fields.go); types whose names are gone by what they look like (shape.go).
package breaking

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// The categories of what a change can break, the worst first. A change is reported once, under the worst.
const (
	Wire    = "WIRE"    // programs of different ages misunderstand each other
	Classic = "CLASSIC" // callers of a @classic service fail, in which parameters, results and the form are fixed
	Source  = "SOURCE"  // programs have to be changed to compile and to work with the new code, or to name things by their new names
)

// Categories returns the categories, the worst first.
func Categories() []string { return []string{Wire, Classic, Source} }

// A Rule is one kind of change that breaks something.
type Rule struct {
	ID       string // "field-type"; it never changes
	Category string
	Summary  string // what has changed, in one line
	Why      string // what it breaks, and what to do instead
	Old, New string // a file and what breaks it; without a package clause they are of package chat
}

// Rules returns all rules, in the order of categories and ids. The caller must not change them.
func Rules() []*Rule {
	rules := []*Rule{
		packageRemoved, serviceRemoved, serviceNumber, methodRemoved, methodNumber, numberReused, numberFreed,
		declarationKind, fieldType, fieldOrder, fieldRemoved, streamChanged, enumNumber, unionTag, errorRemoved, errorCode,
		classicRemoved, classicFrozen,
		declarationRemoved, constKind, valueRemoved, methodAdded, methodBorrowed, parameterAdded, renamed,
	}
	slices.SortFunc(rules, func(a, b *Rule) int {
		if a.Category != b.Category {
			return slices.Index(Categories(), a.Category) - slices.Index(Categories(), b.Category)
		}
		return strings.Compare(a.ID, b.ID)
	})
	return rules
}

// Compare returns what of the change from before to after breaks something, in the order of the files. A diagnostic
// stands at the thing in after, or if it is gone in before. All packages of before are compared, those that were
// only imported too; packages that only after has break nothing.
func Compare(before, after *idl.Schema) syntax.ErrorList {
	c := &comparison{before: before, after: after, pairs: map[pair]verdict{}, heirs: map[string][]idl.Decl{}}
	for _, pkg := range before.Packages {
		if twin := after.Package(pkg.Path); twin != nil {
			c.packages(pkg, twin)
		} else {
			c.packageRemoved(pkg)
		}
	}
	c.reportGone()
	c.findings.Order()
	return c.findings
}

// A comparison is one run of Compare, or a trial inside of one.
type comparison struct {
	before, after *idl.Schema
	findings      syntax.ErrorList
	gone          []idl.Decl // types and consts of before whose names after does not have

	// Declarations of different names that were looked at, and of those of after the ones for each name of before.
	// Trials share them.
	pairs map[pair]verdict
	heirs map[string][]idl.Decl
}

// report adds a finding under rule, at the name of d. The hint may be "".
func (c *comparison) report(rule *Rule, d idl.Decl, hint, format string, args ...any) {
	finding := d.Base().Diagnose(hint, format, args...)
	finding.Rule, finding.Category = rule.ID, rule.Category
	c.findings = append(c.findings, finding)
}

// breaksWire reports whether what compare does in a trial finds something that breaks the wire.
func (c *comparison) breaksWire(compare func(trial *comparison)) bool {
	trial := &comparison{before: c.before, after: c.after, pairs: c.pairs, heirs: c.heirs}
	compare(trial)
	return slices.ContainsFunc(trial.findings, func(d *syntax.Diagnostic) bool { return d.Category == Wire })
}
