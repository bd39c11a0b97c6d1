package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// A ruleText is what a command says of one of its rules.
type ruleText struct {
	id, category, summary, why string
	examples                   []ruleExample
}

// A ruleExample is a piece of a .parley file.
type ruleExample struct{ title, text string }

// A ruleBook is the part of a command that explains its rules.
type ruleBook struct {
	all     []ruleText
	list    bool
	explain string
	flagSet *pflag.FlagSet // of the command
}

// flags adds the flags that ask for rules.
func (b *ruleBook) flags(c *cobra.Command) {
	c.Flags().BoolVar(&b.list, "rules", false, "list the rules instead")
	c.Flags().StringVar(&b.explain, "explain", "", "explain `RULE`, with an example, instead")
	completeFlag(c, "explain", b.ids())
	b.flagSet = c.Flags()
}

// asked reports whether the command line asks for rules, and for nothing else.
func (b *ruleBook) asked() bool { return b.list || b.flagSet.Changed("explain") }

func (b *ruleBook) ids() []string {
	var ids []string
	for _, r := range b.all {
		ids = append(ids, r.id)
	}
	return ids
}

// answer prints what the command line asks for.
func (b *ruleBook) answer(w io.Writer) error {
	i := slices.Index(b.ids(), b.explain)
	switch {
	case b.list && b.flagSet.Changed("explain"):
		return usagef("-rules lists all rules, -explain explains one: leave one of the two out")
	case b.list:
		for _, r := range b.all {
			fmt.Fprintf(w, "%-*s%-20s %s\n", b.categoryWidth(), r.category, r.id, r.summary)
		}
	case i < 0:
		if meant := syntax.Nearest(b.explain, b.ids()); meant != "" {
			return usagef("there is no rule %q, did you mean %s?", b.explain, meant)
		}
		return usagef("there is no rule %q: -rules lists them", b.explain)
	default:
		b.all[i].print(w)
	}
	return nil
}

// categoryWidth returns how wide the column of the categories is, 0 if there are none.
func (b *ruleBook) categoryWidth() int {
	width := 0
	for _, r := range b.all {
		if r.category != "" {
			width = max(width, len(r.category)+1)
		}
	}
	return width
}

// print writes the rule with its examples.
func (r *ruleText) print(w io.Writer) {
	fmt.Fprintf(w, "%s: %s\n\n%s\n", strings.TrimSpace(r.category+" "+r.id), r.summary, r.why)
	for _, example := range r.examples {
		fmt.Fprintf(w, "\n%s:\n\n", example.title)
		for line := range strings.Lines(strings.TrimSpace(example.text) + "\n") {
			fmt.Fprintf(w, "    %s", line)
		}
	}
}
