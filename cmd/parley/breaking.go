package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/breaking"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/spf13/cobra"
)

// A breakingRun is one run of parley breaking.
type breakingRun struct {
	root, format string
	categories   string
	server       remote.Target
	stdout       io.Writer
	stderr       io.Writer
}

func breakingCommand() *cobra.Command {
	var b breakingRun
	book := breakingRules()
	c := &cobra.Command{
		Use:   "breaking [-root DIR] [-category LIST] [-format FORMAT] [-rules] [-explain RULE] OLD NEW",
		Short: "report which changes break programs that exist",
		Long: `Breaking compares a schema with what it was, and reports which changes break programs built with the old one.

OLD and NEW are each a folder, which stands for all packages in and below it; git:REVISION, the current folder as it was then,
or git:REVISION:FOLDER for another; or tcp://HOST:PORT, or tls://, what a running server says of itself: then only the packages
that it has are compared.

A change breaks the WIRE (programs misunderstand each other), a @classic service, CLASSIC, whose parameters, results and form are
fixed, or the SOURCE of programs, which have to follow. The exit status is 1 if something was found.`,
		Example: `  parley breaking git:v1.2.0 .
  parley breaking -category WIRE,CLASSIC git:v1.2.0:examples examples
  parley breaking -explain field-type`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(c *cobra.Command, args []string) error {
			if book.asked() {
				return book.answer(c.OutOrStdout())
			}
			if len(args) != 2 {
				return usagef("name what there was and what there is: parley breaking OLD NEW")
			}
			b.stdout, b.stderr = c.OutOrStdout(), c.ErrOrStderr()
			return b.run(c.Context(), args[0], args[1])
		},
	}
	c.Flags().StringVar(&b.root, "root", "", "imports start from `DIR` inside of OLD and of NEW; else as for other commands")
	c.Flags().StringVar(&b.categories, "category", strings.Join(breaking.Categories(), ","), "only what is in `LIST` counts for the exit status")
	completeFlag(c, "category", breaking.Categories())
	formatFlag(c, &b.format)
	serverFlags(c, &b.server)
	book.flags(c)
	return c
}

// breakingRules returns what breaking says of its rules.
func breakingRules() *ruleBook {
	book := &ruleBook{}
	for _, r := range breaking.Rules() {
		book.all = append(book.all, ruleText{id: r.ID, category: r.Category, summary: r.Summary, why: r.Why,
			examples: []ruleExample{{"Old", r.Old}, {"New", r.New}}})
	}
	return book
}

// run compares two schemas and prints what the change breaks.
func (b *breakingRun) run(ctx context.Context, before, after string) error {
	if err := checkFormat(b.format); err != nil {
		return err
	}
	fails, err := parseCategories(b.categories)
	if err != nil {
		return err
	}
	was, err := b.schema(ctx, before)
	if err != nil {
		return printMistakes(b.stdout, b.format, err)
	}
	is, err := b.schema(ctx, after)
	if err != nil {
		return printMistakes(b.stdout, b.format, err)
	}
	if was, err = b.common(before, was, after, is); err != nil {
		return err
	}
	return printFindings(b.stdout, b.format, breaking.Compare(was, is), func(d *syntax.Diagnostic) bool {
		return fails[d.Category]
	})
}

// parseCategories returns which categories a list such as WIRE,CLASSIC names.
func parseCategories(list string) (map[string]bool, error) {
	named := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		category := strings.ToUpper(strings.TrimSpace(name))
		if !slices.Contains(breaking.Categories(), category) {
			return nil, usagef("there is no category %q, only %s", name, strings.Join(breaking.Categories(), ", "))
		}
		named[category] = true
	}
	return named, nil
}

// schema returns the schema that an argument stands for.
func (b *breakingRun) schema(ctx context.Context, arg string) (*idl.Schema, error) {
	if revision, ok := strings.CutPrefix(arg, "git:"); ok {
		return gitSchema(ctx, revision, b.root)
	}
	if isServer(arg) {
		return b.serverSchema(ctx, arg)
	}
	if info, err := os.Stat(arg); err != nil {
		return nil, usagef("there is no folder %q; a git revision is written git:v1.2.0, a server tcp://host:port", arg)
	} else if !info.IsDir() {
		return nil, usagef("%q is a file: name its folder", arg)
	}
	return folderSchema(arg, b.root)
}

// isServer reports whether arg stands for a server.
func isServer(arg string) bool {
	return strings.HasPrefix(arg, "tcp://") || strings.HasPrefix(arg, "tls://")
}

// serverSchema asks a server what it serves.
func (b *breakingRun) serverSchema(ctx context.Context, address string) (*idl.Schema, error) {
	target := b.server
	target.Address = address
	caller, description, err := ask(ctx, target)
	if errors.Is(err, transport.ErrClassicOnly) {
		return nil, fmt.Errorf("%s: a server that speaks only the classic form cannot describe itself: name the folder or git revision that it was built from", address)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", address, err)
	}
	defer caller.Close()
	if len(description.Schema.Packages) == 0 {
		return nil, fmt.Errorf("%s: the server describes no packages", address)
	}
	return description.Schema, nil
}

// folderSchema loads all packages in and below folder, or below root inside of it.
func folderSchema(folder, root string) (*idl.Schema, error) {
	l := loader{}
	if root != "" {
		l.root = filepath.Join(folder, root)
		folder = l.root
	}
	trees, err := l.load([]string{filepath.Join(folder, "...")})
	if err != nil {
		return nil, err
	}
	if len(trees) > 1 {
		return nil, errRoots(folder, trees[0].root, trees[1].root)
	}
	return trees[0].schema, nil
}

// errRoots says that packages of different schema roots cannot be compared in one go.
func errRoots(what, one, other string) error {
	return usagef("%s has packages of more than one schema root, %s and %s: name a folder below one of them", what, one, other)
}

// common returns the packages of before that are to be compared. A server need not have them all; what only one of the two
// has then is left out, and said. Schemas with nothing in common are an error.
func (b *breakingRun) common(before string, was *idl.Schema, after string, is *idl.Schema) (*idl.Schema, error) {
	shared, onlyBefore := split(was, is)
	if len(shared) == 0 {
		return nil, usagef("no package of %s is in %s: %s has %s, %s has %s; -root DIR names the schema root in both",
			before, after, before, paths(was.Packages), after, paths(is.Packages))
	}
	if isServer(before) {
		_, onlyAfter := split(is, was)
		b.note(before, onlyAfter)
	}
	if isServer(after) {
		b.note(after, onlyBefore)
		return &idl.Schema{Packages: shared}, nil
	}
	return was, nil
}

// split returns the packages of a that b has too, and those that it has not.
func split(a, b *idl.Schema) (shared, rest []*idl.Package) {
	for _, pkg := range a.Packages {
		if b.Package(pkg.Path) != nil {
			shared = append(shared, pkg)
		} else {
			rest = append(rest, pkg)
		}
	}
	return shared, rest
}

// note says on the standard error which packages a server does not have.
func (b *breakingRun) note(server string, packages []*idl.Package) {
	if len(packages) > 0 {
		fmt.Fprintf(b.stderr, "parley breaking: %s does not have %s: not compared\n", server, paths(packages))
	}
}

// paths lists packages, of many only the first.
func paths(packages []*idl.Package) string {
	const most = 5
	var all []string
	for _, pkg := range packages {
		all = append(all, pkg.Path)
	}
	if len(all) > most {
		all = append(all[:most], "…")
	}
	return strings.Join(all, ", ")
}
