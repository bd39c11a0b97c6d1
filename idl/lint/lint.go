// Package lint finds what a schema may say and had better not: what it leaves out, and what reads badly in Go.
//
// [Check] holds a schema against all [Rules]. Each rule has a file here, which explains it and shows a bad and a good
// example; README.md has them all. A comment silences a rule for the thing below it, see ignore.go.
package lint

import (
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
)

// A Rule is one thing to look for.
type Rule struct {
	ID      string // "enum-zero"; it never changes, since comments name it
	Summary string // what it wants, in one line
	Why     string // why, and what it leaves alone
	Bad     string // a file that it finds fault with; without a package clause it is one of package chat
	Good    string // the same, mended

	check func(*pass)
}

// Rules returns all rules in the order of their ids. The caller must not change them.
func Rules() []*Rule { return slices.Clone(rules) }

var rules []*Rule

// The rules call functions that ask for the rules' ids, so the list cannot be made where it is declared.
func init() {
	rules = []*Rule{
		comment, commentForm, deprecatedUse, enumZero, errorCode, errorText, idempotentVerb, ignoreRule,
		nameGet, nameGoWord, nameRepeat, nameStutter, timeAsNumber, unused,
	}
	slices.SortFunc(rules, func(a, b *Rule) int { return strings.Compare(a.ID, b.ID) })
}

// ruleIDs returns the ids of all rules that can be silenced.
func ruleIDs() []string {
	var ids []string
	for _, r := range rules {
		if r != ignoreRule {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

// Check returns what the rules find in the packages of schema that were named to Load, in the order of the source.
// What comments silence is left out. The same schema gives the same findings.
func Check(schema *idl.Schema) syntax.ErrorList {
	var findings syntax.ErrorList
	for _, pkg := range schema.Packages {
		if !pkg.Named {
			continue
		}
		var found syntax.ErrorList
		for _, rule := range rules {
			rule.check(&pass{schema, pkg, rule, &found})
		}
		findings = append(findings, silence(pkg, found)...)
	}
	findings.Order()
	return findings
}

// A pass is one rule looking at one package.
type pass struct {
	schema   *idl.Schema
	pkg      *idl.Package
	rule     *Rule
	findings *syntax.ErrorList
}

// report adds a finding about d, at its name. The hint may be "".
func (p *pass) report(d idl.Decl, hint, format string, args ...any) {
	p.add(d.Base().Diagnose(hint, format, args...))
}

// reportAt adds a finding about a part of file.
func (p *pass) reportAt(file *idl.File, at syntax.Node, hint, format string, args ...any) {
	p.add(file.Syntax.Diagnose(at.Pos(), at.End(), hint, format, args...))
}

func (p *pass) add(finding *syntax.Diagnostic) {
	finding.Rule = p.rule.ID
	*p.findings = append(*p.findings, finding)
}
