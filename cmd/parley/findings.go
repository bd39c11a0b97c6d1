package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
)

// formats are the ways in which findings are printed.
var formats = []string{"text", "json", "github"}

// formatFlag adds the flag that chooses one of formats.
func formatFlag(c *cobra.Command, format *string) {
	c.Flags().StringVar(format, "format", "text", "print what is found as `FORMAT`: text, json or github")
	completeFlag(c, "format", formats)
}

// completeFlag lets the shell complete the values of a flag.
func completeFlag(c *cobra.Command, flag string, values []string) {
	_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp)) // it fails only for a flag that is not there
}

func checkFormat(format string) error {
	if !slices.Contains(formats, format) {
		return usagef("there is no format %q, only %s", format, strings.Join(formats, ", "))
	}
	return nil
}

// printFindings prints list in a format, with the files named from the working folder. It returns errFindings if one of
// them fails the run.
func printFindings(w io.Writer, format string, list syntax.ErrorList, fails func(*syntax.Diagnostic) bool) error {
	for _, d := range list {
		d.File = shortPath(filepath.FromSlash(d.File))
	}
	list.Order()
	var err error
	switch format {
	case "json":
		err = printJSON(w, list, fails)
	case "github":
		err = printGitHub(w, list, fails)
	default:
		err = list.Print(w)
	}
	if err == nil && slices.ContainsFunc(list, fails) {
		return errFindings
	}
	return err
}

// printMistakes prints err as findings if it is the mistakes of .parley files and the format is for programs, which
// read the standard output alone. Else it returns err.
func printMistakes(w io.Writer, format string, err error) error {
	if list, ok := errors.AsType[syntax.ErrorList](err); ok && format != "text" {
		return printFindings(w, format, list, always)
	}
	return err
}

func always(*syntax.Diagnostic) bool { return true }

// A finding is a diagnostic as JSON has it. Fields are only ever added.
type finding struct {
	File      string `json:"file"`
	Line      int    `json:"line"`      // from 1
	Column    int    `json:"column"`    // from 1, in bytes
	EndColumn int    `json:"endColumn"` // just behind what is meant
	Rule      string `json:"rule"`      // "" for what the language refuses
	Category  string `json:"category"`
	Severity  string `json:"severity"` // error or warning
	Message   string `json:"message"`
	Hint      string `json:"hint"`
}

// severity returns what JSON and GitHub call d.
func severity(d *syntax.Diagnostic, fails func(*syntax.Diagnostic) bool) string {
	if fails(d) {
		return "error"
	}
	return "warning"
}

// printJSON prints one array, empty if there is nothing.
func printJSON(w io.Writer, list syntax.ErrorList, fails func(*syntax.Diagnostic) bool) error {
	findings := []finding{}
	for _, d := range list {
		findings = append(findings, finding{
			File: d.File, Line: d.Line, Column: d.Column, EndColumn: d.Column + d.Width,
			Rule: d.Rule, Category: d.Category, Severity: severity(d, fails), Message: d.Message, Hint: d.Hint,
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "\t")
	return encoder.Encode(findings)
}

var (
	githubText     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// printGitHub prints a workflow command a finding, as the runner of GitHub Actions understands them.
func printGitHub(w io.Writer, list syntax.ErrorList, fails func(*syntax.Diagnostic) bool) error {
	for _, d := range list {
		title, text := strings.Join(strings.Fields("parley "+d.Category+" "+d.Rule), " "), d.Message
		if d.Hint != "" {
			text += "\nhint: " + d.Hint
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,col=%d,endColumn=%d,title=%s::%s\n", severity(d, fails),
			githubProperty.Replace(d.File), d.Line, d.Column, d.Column+d.Width, githubProperty.Replace(title), githubText.Replace(text))
		if err != nil {
			return err
		}
	}
	return nil
}
