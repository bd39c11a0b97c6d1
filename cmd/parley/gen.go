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
	"sync"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/spf13/cobra"
)

// A generation is one run of parley gen.
type generation struct {
	root, out      string // as they were named, "" if they were not
	test           bool   // with the packages that help to test
	check, verbose bool
	stdout         io.Writer
}

func genCommand() *cobra.Command {
	var g generation
	c := &cobra.Command{
		Use:   "gen [-root DIR] [-out DIR] [-test=false] [-check] [-v] [PACKAGES]",
		Short: "write the Go code of packages",
		Long: `Gen writes the Go code of packages: X.parley.go for each X.parley. Only files that change are touched; generated
files whose source is gone are removed. When anything is wrong with a package it writes nothing at all.
PACKAGES are folders and patterns such as ./...; without any it is the current folder. The Go import path of the
code is found from the go.mod above it.

In the folder Xtest below that of package X it writes help for tests: a fake of each service, a client in the same
process, and tests of the types' codec. -test=false leaves it out, and removes it where it is.`,
		Example: `  parley gen ./...
  parley gen -root examples -out generated ./examples/...
  parley gen -check ./...
  parley gen -test=false ./...`,
		ValidArgsFunction: completePackages,
		RunE: func(c *cobra.Command, patterns []string) error {
			g.stdout = c.OutOrStdout()
			return g.run(c.Context(), patterns)
		},
	}
	rootFlag(c, &g.root)
	c.Flags().StringVar(&g.out, "out", "", "write below `DIR`, in folders as below the root; without it beside the .parley files")
	c.Flags().BoolVar(&g.test, "test", true, "write help for tests too; -test=false does not")
	c.Flags().BoolVar(&g.check, "check", false, "write nothing, name the files that are not as they would be written")
	c.Flags().BoolVarP(&g.verbose, "verbose", "v", false, "name the files that are written and removed")
	_ = c.MarkFlagDirname("out") // it fails only for a flag that is not there
	return c
}

// run generates, or checks, the packages that patterns stand for.
func (g *generation) run(ctx context.Context, patterns []string) error {
	trees, err := loader{root: g.root}.load(patterns)
	if err != nil {
		return err
	}
	if g.out != "" && len(trees) > 1 {
		return usagef("the packages have several schema roots (%s, %s) and cannot share an output folder: name one with -root DIR, or generate them one after the other",
			shortPath(trees[0].root), shortPath(trees[1].root))
	}
	var changes []change
	for _, t := range trees {
		more, err := g.plan(ctx, t)
		if err != nil {
			return err
		}
		changes = append(changes, more...)
	}
	changes = withoutReplaced(changes)
	slices.SortFunc(changes, func(a, b change) int { return strings.Compare(a.path, b.path) })
	if g.check {
		return g.report(changes, patterns)
	}
	return g.apply(changes)
}

// plan returns what is to be done for the packages of t that were named.
func (g *generation) plan(ctx context.Context, t tree) ([]change, error) {
	out, err := g.outputFolder(t)
	if err != nil {
		return nil, err
	}
	paths, err := importPaths(out, t.schema)
	if err != nil {
		return nil, err
	}
	var changes []change
	for _, pkg := range t.schema.Packages {
		if !pkg.Named {
			continue
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		files, help, err := g.generate(pkg, func(path string) string { return paths[path] })
		if err != nil {
			return nil, err
		}
		code, err := compare(mirrored(out, pkg), files)
		if err != nil {
			return nil, err
		}
		tests, err := planHelp(t.root, out, pkg, help)
		if err != nil {
			return nil, err
		}
		changes = append(append(changes, code...), tests...)
	}
	return changes, nil
}

// generate returns the Go of pkg and of the help to test it, which are made at the same time.
func (g *generation) generate(pkg *idl.Package, importPath func(string) string) (files, help []gen.File, err error) {
	var helping sync.WaitGroup
	var helpErr error
	if g.test {
		helping.Go(func() { help, helpErr = gen.GenerateHelp(pkg, importPath) }) // generate waits
	}
	files, err = gen.Generate(pkg, importPath)
	helping.Wait()
	return files, help, errors.Join(err, helpErr)
}

// planHelp returns what is to be done for the files that help to test pkg.
func planHelp(root, out string, pkg *idl.Package, files []gen.File) ([]change, error) {
	name := gen.HelpName(pkg)
	source := filepath.Join(root, filepath.FromSlash(pkg.Path), name)
	entries, _ := os.ReadDir(source) // usually it is not there
	if len(files) > 0 && slices.ContainsFunc(entries, idl.IsSource) {
		return nil, fmt.Errorf("%s is a package, where the help to test %s would be: rename one of them, or leave the help out with -test=false",
			shortPath(source), pkg.Path)
	}
	return compareHelp(filepath.Join(mirrored(out, pkg), name), files)
}

// importPaths returns the Go import path of each package of schema, by its path below the root, which out mirrors.
func importPaths(out string, schema *idl.Schema) (map[string]string, error) {
	paths := map[string]string{}
	for _, pkg := range schema.Packages {
		path, err := importPath(mirrored(out, pkg))
		if err != nil {
			return nil, err
		}
		paths[pkg.Path] = path
	}
	return paths, nil
}

// mirrored returns the folder below out for the Go code of pkg.
func mirrored(out string, pkg *idl.Package) string {
	return filepath.Join(out, filepath.FromSlash(pkg.Path))
}

// outputFolder returns the absolute path of the folder that mirrors the schema root of t.
func (g *generation) outputFolder(t tree) (string, error) {
	if g.out == "" {
		return t.root, nil
	}
	return filepath.Abs(g.out)
}

// apply carries changes out.
func (g *generation) apply(changes []change) error {
	for _, c := range changes {
		if err := c.apply(); err != nil {
			return err
		}
		if g.verbose {
			fmt.Fprintf(g.stdout, "%s %s\n", c.verb(), shortPath(c.path))
		}
	}
	return nil
}

// report prints what changes are due and what to do about them.
func (g *generation) report(changes []change, patterns []string) error {
	if len(changes) == 0 {
		return nil
	}
	for _, c := range changes {
		fmt.Fprintf(g.stdout, "%s is %s\n", shortPath(c.path), c.state)
	}
	return fmt.Errorf("the generated code is not what its source says, run: %s", g.command(patterns))
}

// command returns the command line that brings everything up to date.
func (g *generation) command(patterns []string) string {
	words := []string{"parley", "gen"}
	if g.root != "" {
		words = append(words, "-root", g.root)
	}
	if g.out != "" {
		words = append(words, "-out", g.out)
	}
	if !g.test {
		words = append(words, "-test=false")
	}
	return strings.Join(append(words, patterns...), " ")
}
