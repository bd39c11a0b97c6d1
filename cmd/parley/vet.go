package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/cmd/parley/vet"
	"github.com/spf13/cobra"
	"golang.org/x/tools/go/analysis"
)

// A vetting is one run of parley vet.
type vetting struct {
	only, skip []string
	tags       string
	json       bool
}

func vetCommand() *cobra.Command {
	var v vetting
	c := &cobra.Command{
		Use:   "vet [-only NAMES] [-skip NAMES] [-tags LIST] [-json] [PACKAGES]",
		Short: "find mistakes in Go code that uses generated code",
		Long: `Vet finds mistakes in Go code that uses what parley generated.

Its analyzers:
` + analyzerList() + `
PACKAGES are Go packages as the go command names them; without any it is the current folder's. Their tests are looked at
too. The exit status is 1 if something was found. A comment «//parley:ignore NAME reason» on the line or above it silences
an analyzer.

The go command runs the same analyzers, with their names as flags: go vet -vettool=$(which parley) -cases ./...`,
		Example: "  parley vet ./...\n  parley vet -only cases,throws -json ./...",
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: v.run,
	}
	c.Flags().StringSliceVar(&v.only, "only", nil, "run only the analyzers `NAMES`, with commas between them")
	c.Flags().StringSliceVar(&v.skip, "skip", nil, "run all analyzers but `NAMES`")
	c.Flags().StringVar(&v.tags, "tags", "", "build with the tags `LIST`, with commas between them")
	c.Flags().BoolVar(&v.json, "json", false, "print what is found as a JSON array")
	for _, flag := range []string{"only", "skip"} {
		// It fails only for a flag that is not there.
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(analyzerNames(), cobra.ShellCompDirectiveNoFileComp))
	}
	return c
}

func (v *vetting) run(c *cobra.Command, patterns []string) error {
	analyzers, err := v.analyzers()
	if err != nil {
		return err
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	found, err := vet.Run(c.Context(), analyzers, v.tags, patterns...)
	if pattern, ok := errors.AsType[*vet.PatternError](err); ok {
		return usageError{pattern}
	}
	if err != nil {
		return err
	}
	if err := v.print(c.OutOrStdout(), found); err != nil {
		return err
	}
	if len(found) > 0 {
		return errFindings
	}
	return nil
}

// analyzers returns those that the flags leave.
func (v *vetting) analyzers() ([]*analysis.Analyzer, error) {
	for _, name := range slices.Concat(v.only, v.skip) {
		if !slices.Contains(analyzerNames(), name) {
			return nil, usagef("there is no analyzer %q, only %s", name, strings.Join(analyzerNames(), ", "))
		}
	}
	chosen := slices.DeleteFunc(vet.Analyzers(), func(a *analysis.Analyzer) bool {
		return len(v.only) > 0 && !slices.Contains(v.only, a.Name) || slices.Contains(v.skip, a.Name)
	})
	if len(chosen) == 0 {
		return nil, usagef("-only and -skip leave no analyzer: leave one of %s", strings.Join(analyzerNames(), ", "))
	}
	return chosen, nil
}

// print prints findings, with the files named from the working folder.
func (v *vetting) print(w io.Writer, found []vet.Finding) error {
	for i := range found {
		found[i].File = shortPath(found[i].File)
	}
	if v.json {
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "\t")
		return encoder.Encode(append([]vet.Finding{}, found...)) // [] rather than null
	}
	for _, f := range found {
		if _, err := fmt.Fprintf(w, "%s:%d:%d: %s (%s)\n", f.File, f.Line, f.Column, f.Message, f.Analyzer); err != nil {
			return err
		}
	}
	return nil
}

func analyzerNames() []string {
	var names []string
	for _, a := range vet.Analyzers() {
		names = append(names, a.Name)
	}
	return names
}

// analyzerList returns a line for each analyzer.
func analyzerList() string {
	var list strings.Builder
	for _, a := range vet.Analyzers() {
		title, _, _ := strings.Cut(a.Doc, "\n")
		fmt.Fprintf(&list, "  %-12s %s\n", a.Name, title)
	}
	return list.String()
}
