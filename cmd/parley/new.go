package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"go/token"
	"go/types"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/parley-rpc/parley/gen"
	"github.com/parley-rpc/parley/idl/syntax"
	"github.com/spf13/cobra"
	"golang.org/x/mod/module"
)

//go:embed template
var templateFiles embed.FS

// templates are the files of a new project but go.mod, go.sum and what is generated.
var templates = template.Must(template.ParseFS(templateFiles, "template/*.tmpl"))

// A project is one run of parley new. Its exported fields are what templates know.
type project struct {
	Name    string // of the folder: my-chat
	Module  string // the path of its Go module
	Package string // of the definition, and its folder: mychat
	Service string // MyChat
	Runtime string // the import path of package runtime

	checkout string // the folder with Parley; "" until it is found
	stdout   io.Writer
}

func projectCommand() *cobra.Command {
	var p project
	c := &cobra.Command{
		Use:   "new [-module PATH] [-parley DIR] NAME",
		Short: "make a project with a service, a server, a client and a test",
		Long: `New makes a folder NAME with a Go module that builds and passes its test: the definition of one service with a
unary method and a stream, its generated code, a server, a client, and a test of both in one process.
Parley is not published: go.mod replaces it by a checkout, the one of the module in the current folder, else the one
that this program was built from.`,
		Example: `  parley new hello
  parley new -module example.com/team/file-store file-store`,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, args []string) error {
			p.stdout = c.OutOrStdout()
			return p.run(c.Context(), args)
		},
	}
	c.Flags().StringVar(&p.Module, "module", "", "the `PATH` of the Go module; else example.com/NAME")
	c.Flags().StringVar(&p.checkout, "parley", "", "the checkout of Parley lies in `DIR`")
	_ = c.MarkFlagDirname("parley") // it fails only for a flag that is not there
	return c
}

// run makes the project that args name.
func (p *project) run(ctx context.Context, args []string) error {
	if err := p.name(args); err != nil {
		return err
	}
	if err := checkFree(p.Name); err != nil {
		return err
	}
	var err error
	if p.checkout, err = findCheckout(ctx, p.checkout); err != nil {
		return err
	}
	if err := p.publish(ctx); err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "made %s; next: cd %s && go test ./...\n", p.Name, p.Name)
	if work, info := upwards(".", "go.work"); info != nil {
		fmt.Fprintf(p.stdout, "%s does not list it: run «go work use ./%s» there first\n", shortPath(filepath.Join(work, "go.work")), p.Name)
	}
	return nil
}

var projectName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// reservedPackages are the names that the project's package cannot have: the code uses them for something else, or Go does.
var reservedPackages = strings.Fields(`address caller client cmd context ctx documentation err errors flag fmt greeting i init
	internal iter limit listener log main name net newClient next number ok os run runtime s server signal stop t testdata testing vendor yield`)

// name fills in what follows from the project's name, and refuses one that does not do.
func (p *project) name(args []string) error {
	if len(args) != 1 {
		return usagef("give the project one name, such as hello")
	}
	p.Name = args[0]
	if !projectName.MatchString(p.Name) {
		return usagef("%q is no name for a project: take small letters, digits and dashes, as in file-store", p.Name)
	}
	for word := range strings.SplitSeq(p.Name, "-") {
		p.Package += word
		p.Service += strings.ToUpper(word[:1]) + word[1:]
	}
	p.Service = gen.GoName(p.Service) // the same in the definition and in Go
	if slices.Contains(reservedPackages, p.Package) || token.IsKeyword(p.Package) || types.Universe.Lookup(p.Package) != nil {
		return usagef("a package %q would be in the way of other Go: take another name, such as %s-app", p.Package, p.Name)
	}
	if p.Module == "" {
		p.Module = "example.com/" + p.Name
	}
	p.Runtime = parleyModule + "/runtime"
	if err := module.CheckImportPath(p.Module); err != nil {
		return usagef("-module: %w", err)
	}
	return nil
}

// checkFree refuses a folder in which something is.
func checkFree(folder string) error {
	switch entries, err := os.ReadDir(folder); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%s is there already: take another name", folder)
	case len(entries) > 0:
		return fmt.Errorf("the folder %s is not empty: take another name, or empty it", folder)
	}
	return nil
}

// publish makes the project aside, and moves it to its place, where an empty folder may be, when all of it is there.
func (p *project) publish(ctx context.Context) error {
	aside, err := os.MkdirTemp(".", ".parley-new-*")
	if err != nil {
		return err
	}
	folder := filepath.Join(aside, p.Name)
	err = p.make(ctx, folder)
	if err == nil {
		os.Remove(p.Name) // nothing, or empty; else Rename fails
		err = os.Rename(folder, p.Name)
	}
	return errors.Join(err, os.RemoveAll(aside))
}

// make writes the project to folder.
func (p *project) make(ctx context.Context, folder string) error {
	files := map[string]string{
		"README.md.tmpl":      "README.md",
		"service.parley.tmpl": p.Package + "/" + p.Package + ".parley",
		"generate.go.tmpl":    p.Package + "/generate.go",
		"server.go.tmpl":      "server/server.go",
		"server_test.go.tmpl": "server/server_test.go",
		"server_main.go.tmpl": "cmd/server/main.go",
		"client_main.go.tmpl": "cmd/client/main.go",
	}
	for name, file := range files {
		content, err := p.render(name)
		if err != nil {
			return err
		}
		if err := writeNew(filepath.Join(folder, filepath.FromSlash(file)), content); err != nil {
			return err
		}
	}
	if err := p.moduleFiles(folder); err != nil {
		return err
	}
	if _, info := upwards(".", rootMarker); info != nil { // the project's imports start in the project
		if err := writeNew(filepath.Join(folder, rootMarker), nil); err != nil {
			return err
		}
	}
	g := generation{root: folder, test: true, stdout: p.stdout}
	err := g.run(ctx, []string{filepath.Join(folder, p.Package)})
	if mistakes, ok := errors.AsType[syntax.ErrorList](err); ok { // the templates are right but for the names
		return usagef("%s does not go with the names that are generated, take another, such as %s-app: %s", p.Name, p.Name, mistakes[0].Message)
	}
	return err
}

// render returns what a template makes of the project, laid out if it is Go.
func (p *project) render(name string) ([]byte, error) {
	var content bytes.Buffer
	if err := templates.ExecuteTemplate(&content, name, p); err != nil {
		return nil, err
	}
	if strings.HasSuffix(name, ".go.tmpl") {
		return format.Source(content.Bytes())
	}
	return content.Bytes(), nil
}

func writeNew(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o666)
}
