package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// newCommand returns parley with all its subcommands.
func newCommand() *cobra.Command {
	root := &cobra.Command{
		Use:                        "parley COMMAND",
		Long:                       "Parley works on .parley files: it checks them, lays them out, and writes the Go code that they describe. It also talks to servers of them.",
		Example:                    "  parley gen ./...\n  parley help gen",
		Args:                       cobra.ArbitraryArgs,
		RunE:                       noCommand,
		SilenceErrors:              true,
		SilenceUsage:               true,
		SuggestionsMinimumDistance: 2, // wrong letters
		CompletionOptions:          cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	root.SetHelpFunc(func(c *cobra.Command, _ []string) { printHelp(c.OutOrStdout(), c) })
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{singleDashes(err)} })
	root.SetHelpCommand(helpCommand())
	root.AddCommand(genCommand(), checkCommand(), fmtCommand())
	root.AddCommand(projectCommand(), fromCommand())
	root.AddCommand(lintCommand(), breakingCommand(), vetCommand())
	root.AddCommand(callCommand(), describeCommand(), pingCommand())
	root.AddCommand(docCommand(), explainCommand())
	root.AddCommand(lspCommand(), versionCommand(), completionCommand())
	return root
}

// noCommand is what parley does when its first argument is no subcommand.
func noCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return usagef("a command is missing: %s", strings.Join(commandNames(c), ", "))
	}
	if near := c.SuggestionsFor(args[0]); len(near) > 0 {
		return usagef("there is no command %q, did you mean %s?", args[0], strings.Join(near, " or "))
	}
	return usagef("there is no command %q, only %s", args[0], strings.Join(commandNames(c), ", "))
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			names = append(names, sub.Name())
		}
	}
	return names
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "print what a command does",
		Long:    "Help prints what a command does, its flags and an example, as its flag -h does.",
		Example: "  parley help fmt",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return noCommand(c.Root(), args)
			}
			printHelp(c.OutOrStdout(), about)
			return nil
		},
	}
}

// printHelp prints what c does, how it is called, its subcommands, an example and its flags.
func printHelp(w io.Writer, c *cobra.Command) {
	c.DisableFlagsInUseLine = true // Use has them
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", c.Long, c.UseLine())
	if c.HasAvailableSubCommands() {
		fmt.Fprint(w, "\nCommands:\n")
	}
	for _, sub := range c.Commands() {
		fmt.Fprintf(w, "  %-12s %s\n", sub.Name(), sub.Short)
	}
	fmt.Fprintf(w, "\nExample:\n%s\n\nFlags:\n", c.Example)
	c.InitDefaultHelpFlag()
	var flags [][2]string
	width := 12
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			name, usage := flagHelp(f)
			flags, width = append(flags, [2]string{name, usage}), max(width, len(name))
		}
	})
	for _, f := range flags {
		fmt.Fprintf(w, "  %-*s %s\n", width, f[0], f[1])
	}
}

// flagHelp returns a flag with one dash, as Go programs have it, and what it does.
func flagHelp(f *pflag.Flag) (name, usage string) {
	value, usage := pflag.UnquoteUsage(f)
	name = strings.TrimSpace("-" + f.Name + " " + value)
	if f.Shorthand != "" {
		name = "-" + f.Shorthand + ", " + name
	}
	return name, usage
}

// singleDashes returns an error about flags that names them with one dash, as the user wrote them.
func singleDashes(err error) error {
	return errors.New(strings.NewReplacer(" --", " -", `"--`, `"-`).Replace(err.Error()))
}

// doubleDashes returns args with the long flags as cobra wants them: it knows -w and --out, but takes -out for
// three flags of one letter. Here a dash and more than one letter is one flag, as everywhere in Go.
func doubleDashes(args []string) []string {
	doubled := slices.Clone(args)
	for i, arg := range doubled {
		name, _, _ := strings.Cut(arg, "=")
		switch {
		case arg == "--":
			return doubled
		case len(name) > 2 && name[0] == '-' && unicode.IsLetter(rune(name[1])):
			doubled[i] = "-" + arg
		}
	}
	return doubled
}
