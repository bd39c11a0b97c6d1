package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/parley-rpc/parley/gen/doc"
	"github.com/parley-rpc/parley/idl"
	"github.com/spf13/cobra"
)

// A documentation is one run of parley doc.
type documentation struct {
	root, format, out string // as they were named, "" if they were not
	stdout            io.Writer
}

func docCommand() *cobra.Command {
	var d documentation
	c := &cobra.Command{
		Use:   "doc [-root DIR] [-format html|md] [-o FILE] [PACKAGES]",
		Short: "write the documentation of packages",
		Long: `Doc writes one page about packages and all that they import: services, methods, types and errors with their numbers,
their comments, and who uses what. The page of HTML is one file that loads nothing; it has a search, and ?q=WORDS in
its address searches at once. PACKAGES are folders and patterns such as ./...; without any it is the current folder.

The format is that of -format, else what the name in -o ends in, else html.`,
		Example: `  parley doc -o api.html ./...
  parley doc -format md ./... >api.md`,
		ValidArgsFunction: completePackages,
		RunE: func(c *cobra.Command, patterns []string) error {
			d.stdout = c.OutOrStdout()
			return d.run(patterns)
		},
	}
	rootFlag(c, &d.root)
	c.Flags().StringVar(&d.format, "format", "", "`html` or md")
	c.Flags().StringVarP(&d.out, "out", "o", "", "write to `FILE` instead of the standard output")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"html", "md"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// run writes the page about the packages that patterns stand for.
func (d *documentation) run(patterns []string) error {
	render, err := d.renderer()
	if err != nil {
		return err
	}
	schema, err := loader{root: d.root}.loadOne(patterns)
	if err != nil {
		return err
	}
	page, err := render(schema)
	if err != nil {
		return err
	}
	if d.out == "" {
		_, err = d.stdout.Write(page)
		return err
	}
	if err := os.MkdirAll(filepath.Dir(d.out), 0o777); err != nil {
		return err
	}
	return replaceFile(d.out, page, 0o644)
}

// renderer returns what makes a page in the format that the flags ask for.
func (d *documentation) renderer() (func(*idl.Schema) ([]byte, error), error) {
	format, named := d.format, strings.ToLower(strings.TrimPrefix(filepath.Ext(d.out), "."))
	switch {
	case format != "":
	case named == "md" || named == "markdown":
		format = "md"
	default:
		format = "html"
	}
	switch format {
	case "html":
		return doc.HTML, nil
	case "md":
		return func(s *idl.Schema) ([]byte, error) { return doc.Markdown(s), nil }, nil
	}
	return nil, usagef("there is no format %q: name html or md", format)
}
