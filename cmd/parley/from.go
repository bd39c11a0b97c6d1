package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing/fstest"

	"github.com/parley-rpc/parley/cmd/parley/from"
	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl"
	"github.com/spf13/cobra"
)

// maxService is the largest number that a service may have.
const maxService = 254

// A translation is one run of parley from.
type translation struct {
	options        from.Options
	out            string
	stdout, stderr io.Writer
}

func fromCommand() *cobra.Command {
	var t translation
	c := &cobra.Command{
		Use:   "from [-service NAME] [-number N] [-package NAME] [-o FILE] PACKAGE[.INTERFACE] or FILE.go",
		Short: "write the .parley file of Go that exists",
		Long: `From writes the definition of a Go interface, or of the exported functions of a package or file, with all the types
that they need, of the whole module, in one package; a comment says which package a type comes from. A parameter context.Context and an error at the end are dropped:
every method has them. An integer type with constants becomes an enum, an interface with an unexported method a union,
an iterator, channel or io.Reader a stream, an error that a comment names or a function returns a declared error.
What could not be carried is said in a comment in its place, and on the standard error. Numbers are given in the
order of the source. Read the result, then keep it: the Go is not looked at again.`,
		Example: `  parley from ./store.Store
  parley from -service Files -number 7 -o api/store/store.parley ./store/files.go`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			t.stdout, t.stderr = c.OutOrStdout(), c.ErrOrStderr()
			return t.run(c.Context(), args)
		},
	}
	c.Flags().StringVar(&t.options.Service, "service", "", "the service's `NAME`; else the interface's, or the package's")
	c.Flags().IntVar(&t.options.Number, "number", 1, "the service's number `N`, 0 to 254")
	c.Flags().StringVar(&t.options.Package, "package", "", "the definition's package `NAME`; else that of the folder of FILE, or the Go package's")
	c.Flags().StringVarP(&t.out, "out", "o", "", "write to a new `FILE` instead of the standard output")
	return c
}

// run writes the definition of what args name.
func (t *translation) run(ctx context.Context, args []string) error {
	if err := t.check(args); err != nil {
		return err
	}
	result, err := from.Convert(ctx, args[0], t.options)
	var target *from.TargetError
	if errors.As(err, &target) {
		return usageError{target}
	}
	if err != nil {
		return err
	}
	if err := t.write(result.Text); err != nil {
		return err
	}
	for _, n := range result.Notes {
		n.Position.Filename = shortPath(n.Position.Filename)
		fmt.Fprintln(t.stderr, n)
	}
	switch n := len(result.Notes); n {
	case 0:
	case 1:
		fmt.Fprintln(t.stderr, "1 thing reads otherwise than the Go; a comment in the definition says so in its place")
	default:
		fmt.Fprintf(t.stderr, "%d things read otherwise than the Go; comments in the definition say so in their places\n", n)
	}
	return checkText(result)
}

var packageName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)

// check refuses a command line that cannot be, and fills in the package's name.
func (t *translation) check(args []string) error {
	switch {
	case len(args) != 1:
		return usagef("name one interface, package or file of Go, as in ./store.Store")
	case t.options.Number < 0 || t.options.Number > maxService:
		return usagef("%d is no number of a service: they go from 0 to %d", t.options.Number, maxService)
	}
	if t.out != "" && t.options.Package == "" {
		folder, err := filepath.Abs(filepath.Dir(t.out))
		if err != nil {
			return err
		}
		t.options.Package = filepath.Base(folder)
	}
	if name := t.options.Package; name != "" && !packageName.MatchString(name) {
		return usagef("a package, which is called like its folder, has a name like chatRoom, not %q", name)
	}
	if t.out != "" && filepath.Ext(t.out) != idl.Extension {
		return usagef("%s is to end in %s", t.out, idl.Extension)
	}
	return nil
}

// write writes text to the file, which must be new, or to the standard output.
func (t *translation) write(text []byte) error {
	if t.out == "" {
		_, err := t.stdout.Write(text)
		return err
	}
	if _, err := os.Stat(t.out); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s is there already: name another file, or remove it", t.out)
	}
	if err := os.MkdirAll(filepath.Dir(t.out), 0o777); err != nil {
		return err
	}
	return replaceFile(t.out, text, 0o644)
}

// checkText reports what of the definition needs another name: in Go a type may collide with what is generated.
func checkText(r *from.Result) error {
	root := fstest.MapFS{r.Package + "/" + r.Package + idl.Extension: {Data: r.Text}}
	schema, err := idl.Load(idl.Root{FS: root}, r.Package)
	if err != nil {
		return err
	}
	return gen.Check(schema).Err()
}
