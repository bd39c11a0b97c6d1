package main

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/parley-rpc/parley/cmd/parley/remote"
	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

func describeCommand() *cobra.Command {
	var target remote.Target
	var asJSON bool
	c := &cobra.Command{
		Use:   "describe [FLAGS] ADDRESS [NAME]",
		Short: "print the IDL of a running server",
		Long: `Describe asks the server at ADDRESS, host:port, for its IDL, and prints the services that it answers, with their methods and comments.
With the NAME of a service, a method or any other declaration it prints that, and the declarations that it
refers to. A server that speaks only the classic form cannot be asked.
With -json it is for programs: {"services": […], "types": […]}, the types being all that the services refer to.`,
		Example: `  parley describe localhost:7000
  parley describe -json localhost:7000
  parley describe localhost:7000 Greeter.Greet`,
		ValidArgsFunction: func(c *cobra.Command, args []string, typed string) ([]string, cobra.ShellCompDirective) {
			return completeName(c, target, args, typed)
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return usageError{errNoAddress}
			}
			ctx, stop := interruptible(c)
			defer stop()
			target.Address = args[0]
			return unlessInterrupted(ctx, printDescription(ctx, c.OutOrStdout(), target, args[1:], asJSON))
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print JSON rather than IDL")
	serverFlags(c, &target)
	return c
}

// printDescription prints the services of the server, or what is called names[0].
func printDescription(ctx context.Context, w io.Writer, target remote.Target, names []string, asJSON bool) error {
	ctx, cancel := withTimeout(ctx, target.Timeout)
	defer cancel()
	caller, d, err := ask(ctx, target)
	if err != nil {
		return err
	}
	defer caller.Close()
	e := newExcerpt(d.Schema)
	if len(names) > 0 {
		if err := e.addNamed(d, names[0]); err != nil {
			return usageError{err}
		}
	}
	for _, s := range d.Services {
		switch {
		case len(names) > 0:
		case asJSON:
			e.addAll(s)
		default:
			e.add(s)
		}
	}
	if asJSON {
		return e.printJSON(w)
	}
	if len(d.Services) == 0 {
		fmt.Fprintf(w, "// %s answers no service but the runtime's own.\n", caller.Address)
	}
	return e.print(w, len(names) == 0)
}

// addNamed adds the one declaration or method that is called name, and what it refers to.
func (e *excerpt) addNamed(d *remote.Description, name string) error {
	var found []idl.Decl
	all := d.Methods()
	for _, p := range d.Schema.Packages {
		for decl := range p.Decls() {
			if remote.Names(decl, name) {
				found = append(found, decl)
			}
			all = append(all, decl.Base().Name)
		}
	}
	switch {
	case len(found) == 1:
		e.addAll(found[0])
		return nil
	case len(found) > 1:
		return fmt.Errorf("%q is ambiguous: %s and %s", name, found[0].Base().FullName(), found[1].Base().FullName())
	}
	if m, err := d.Method(name); err == nil {
		e.addMethod(m)
		return nil
	}
	meant := syntax.Nearest(name, all)
	for i, m := range methodsOf(d) {
		if m.Name == name {
			meant = all[i]
		}
	}
	if meant != "" {
		return fmt.Errorf("the server declares no %q, did you mean %q?", name, meant)
	}
	return fmt.Errorf("the server declares no %q: without a NAME its services are printed", name)
}

// completeName completes a service, a method or a declaration behind an address.
func completeName(c *cobra.Command, target remote.Target, args []string, typed string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ctx, cancel := context.WithTimeout(c.Context(), completionTime)
	defer cancel()
	target.Address = args[0]
	caller, d, err := ask(ctx, target)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer caller.Close()
	completions := methodCompletions(d, typed)
	for _, p := range d.Schema.Packages {
		for decl := range p.Decls() {
			completions = append(completions, declCompletion(decl.Base()))
		}
	}
	slices.Sort(completions)
	return slices.Compact(completions), cobra.ShellCompDirectiveNoFileComp
}
