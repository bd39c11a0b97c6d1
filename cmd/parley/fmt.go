package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/format"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

// standardInput is what messages call it.
const standardInput = "<standard input>"

// A formatting is one run of parley fmt.
type formatting struct {
	list, write, diff bool
	stdin             io.Reader
	stdout            io.Writer
}

func fmtCommand() *cobra.Command {
	var f formatting
	c := &cobra.Command{
		Use:   "fmt [-l] [-w] [-d] [FILES or PACKAGES]",
		Short: "lay .parley files out",
		Long: `Fmt lays .parley files out in the one canonical way and prints the result, as gofmt does. Without arguments, or for
the argument -, it reads the standard input. PACKAGES are folders and patterns such as ./...`,
		Example: `  parley fmt -d ./...
  parley fmt -l -w ./...`,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"parley"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			f.stdin, f.stdout = c.InOrStdin(), c.OutOrStdout()
			return f.run(c.Context(), args)
		},
	}
	c.Flags().BoolVarP(&f.list, "list", "l", false, "print the names of the files whose layout is another")
	c.Flags().BoolVarP(&f.write, "write", "w", false, "write the result to the files instead of printing it")
	c.Flags().BoolVarP(&f.diff, "diff", "d", false, "print the differences instead of the result; the exit status is 1 if there are any")
	return c
}

// run formats what args name, one file after the other, those that come behind a broken one too.
func (f *formatting) run(ctx context.Context, args []string) error {
	files, err := sourceFiles(args)
	if err != nil {
		return err
	}
	if f.write && slices.Contains(files, standardInput) {
		return usagef("-w cannot write to the standard input: name files")
	}
	var errs []error
	for _, file := range files {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		errs = append(errs, f.file(file))
	}
	return errors.Join(errs...)
}

// sourceFiles returns the files that args name, and standardInput where they say so.
func sourceFiles(args []string) ([]string, error) {
	if len(args) == 0 {
		return []string{standardInput}, nil
	}
	var files []string
	var errs []error
	for _, arg := range args {
		info, err := os.Stat(arg)
		switch {
		case arg == "-":
			files = append(files, standardInput)
		case err == nil && !info.IsDir():
			files = append(files, filepath.Clean(arg))
		case err != nil && !strings.Contains(arg, "..."):
			errs = append(errs, usagef("there is no file or folder %q", arg))
		default:
			folders, err := expand([]string{arg})
			errs = append(errs, err)
			for _, folder := range folders {
				inside, err := filesIn(folder)
				files = append(files, inside...)
				errs = append(errs, err)
			}
		}
	}
	return files, errors.Join(errs...)
}

// filesIn returns the .parley files of one folder.
func filesIn(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	var files []string
	for _, entry := range entries {
		if idl.IsSource(entry) {
			files = append(files, filepath.Join(folder, entry.Name()))
		}
	}
	return files, err
}

// file formats one file and does with the result what the flags say.
func (f *formatting) file(name string) error {
	source, err := f.read(name)
	if err != nil {
		return err
	}
	result, err := format.Source(name, source)
	if err != nil {
		return err
	}
	if !f.list && !f.write && !f.diff {
		_, err := f.stdout.Write(result)
		return err
	}
	if bytes.Equal(source, result) {
		return nil
	}
	if f.list {
		fmt.Fprintln(f.stdout, name)
	}
	if f.write {
		err = replaceFile(name, result, 0o644)
	}
	if f.diff && err == nil {
		if _, err = f.stdout.Write(diff.Diff(name+".orig", source, name, result)); err == nil {
			err = errFindings
		}
	}
	return err
}

func (f *formatting) read(name string) ([]byte, error) {
	if name == standardInput {
		return io.ReadAll(f.stdin)
	}
	return os.ReadFile(name)
}
