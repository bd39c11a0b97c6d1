package main

import (
	"github.com/parley-rpc/parley/idl/lint"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

func lintCommand() *cobra.Command {
	var root, format string
	book := lintRules()
	c := &cobra.Command{
		Use:   "lint [-root DIR] [-format FORMAT] [-rules] [-explain RULE] [PACKAGES]",
		Short: "point at what packages had better say otherwise",
		Long: `Lint points at what packages may say and had better not: what has no comment, what reads badly in Go, what will trouble
callers. PACKAGES are folders and patterns such as ./...; without any it is the current folder. What they import is read, and
not looked at.

The exit status is 1 if something was found. A comment «// parley:ignore RULE reason» on the line above silences a rule.`,
		Example:           "  parley lint ./...\n  parley lint -explain enum-zero",
		ValidArgsFunction: completePackages,
		RunE: func(c *cobra.Command, patterns []string) error {
			if book.asked() {
				return book.answer(c.OutOrStdout())
			}
			if err := checkFormat(format); err != nil {
				return err
			}
			trees, err := loader{root: root}.load(patterns)
			if err != nil {
				return printMistakes(c.OutOrStdout(), format, err)
			}
			var findings syntax.ErrorList
			for _, tree := range trees {
				findings = append(findings, lint.Check(tree.schema)...)
			}
			return printFindings(c.OutOrStdout(), format, findings, always)
		},
	}
	rootFlag(c, &root)
	formatFlag(c, &format)
	book.flags(c)
	return c
}

// lintRules returns what lint says of its rules.
func lintRules() *ruleBook {
	book := &ruleBook{}
	for _, r := range lint.Rules() {
		book.all = append(book.all, ruleText{id: r.ID, summary: r.Summary, why: r.Why,
			examples: []ruleExample{{"This is found", r.Bad}, {"This is not", r.Good}}})
	}
	return book
}
