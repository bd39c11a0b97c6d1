package from

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// A goal is what a definition is to be made of.
type goal struct {
	pattern string // of the package, for the go command
	name    string // the interface; "" for functions
	file    string // the name of its file with the functions; "" for those of the package
}

// parseTarget takes a target apart. Relative ones begin in dir.
func parseTarget(dir, target string) (goal, error) {
	if strings.Contains(target, "...") {
		return goal{}, targetErrorf("%q is a pattern: name one package, or one interface of it, as in ./chat.Room", target)
	}
	path := target
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err == nil && info.IsDir() {
		return goal{pattern: folderPattern(target)}, nil
	}
	if strings.HasSuffix(target, ".go") {
		if err != nil {
			return goal{}, targetErrorf("there is no file %q", target)
		}
		return goal{pattern: folderPattern(filepath.Dir(target)), file: filepath.Base(target)}, nil
	}
	g := goal{pattern: target}
	if dot := strings.LastIndexByte(target, '.'); dot > strings.LastIndexByte(target, '/') && token.IsIdentifier(target[dot+1:]) && token.IsExported(target[dot+1:]) {
		g.pattern, g.name = target[:dot], target[dot+1:]
	}
	if g.pattern == "" {
		g.pattern = "."
	}
	info, err = os.Stat(filepath.Join(dir, g.pattern))
	if err == nil && info.IsDir() {
		g.pattern = folderPattern(g.pattern)
	} else if strings.HasPrefix(g.pattern, ".") {
		return goal{}, targetErrorf("there is no folder %q", g.pattern)
	}
	return g, nil
}

// folderPattern returns what the go command calls a folder.
func folderPattern(folder string) string {
	if filepath.IsAbs(folder) {
		return folder
	}
	return "./" + filepath.ToSlash(filepath.Clean(folder))
}

// A source is the Go that a definition is made of.
type source struct {
	fset     *token.FileSet
	target   *types.Package
	packages map[string]*packages.Package // those of the target's module that it needs, by path
	docs     map[token.Pos]string         // comments on declarations, by the places of the names
	nodes    map[token.Pos]ast.Node       // functions, types and values, by the places of the names
}

// load fills the source: the package of g, and with it all of its module that it imports.
func (s *source) load(ctx context.Context, dir string, g goal) error {
	paths, err := modulePackages(ctx, dir, g)
	if err != nil {
		return err
	}
	s.fset = token.NewFileSet()
	loaded, err := packages.Load(&packages.Config{Context: ctx, Dir: dir, Fset: s.fset, Mode: packages.LoadSyntax}, paths...)
	if err != nil {
		return err
	}
	s.packages, s.docs, s.nodes = map[string]*packages.Package{}, map[token.Pos]string{}, map[token.Pos]ast.Node{}
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return compileError(p)
		}
		s.packages[p.PkgPath] = p
		for _, f := range p.Syntax {
			s.index(f)
		}
	}
	s.target = s.packages[paths[0]].Types
	isFile := func(path string) bool { return filepath.Base(path) == g.file }
	if g.file != "" && !slices.ContainsFunc(s.packages[paths[0]].GoFiles, isFile) {
		return targetErrorf("%s is no file of package %s here: it is a test, or build constraints keep it out", g.file, paths[0])
	}
	return nil
}

// position returns the place of pos in the file where it stands, whatever a //line says.
func (s *source) position(pos token.Pos) token.Position { return s.fset.PositionFor(pos, false) }

// modulePackages returns the import path of g's package, then those of its module that it needs.
func modulePackages(ctx context.Context, dir string, g goal) ([]string, error) {
	mode := packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps | packages.NeedModule
	found, err := packages.Load(&packages.Config{Context: ctx, Dir: dir, Mode: mode}, g.pattern)
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, targetErrorf("%q stands for %d packages: name one", g.pattern, len(found))
	}
	target := found[0]
	if len(target.Errors) > 0 && len(target.GoFiles) == 0 {
		return nil, targetErrorf("no package %q: %s", g.pattern, strings.TrimSpace(target.Errors[0].Msg))
	}
	paths := []string{target.PkgPath}
	packages.Visit(found, nil, func(p *packages.Package) {
		if p != target && p.Module != nil && target.Module != nil && p.Module.Path == target.Module.Path {
			paths = append(paths, p.PkgPath)
		}
	})
	return paths, nil
}

// compileError returns what is wrong with p, not more than a screen of it.
func compileError(p *packages.Package) error {
	text := fmt.Sprintf("package %s does not compile:", p.PkgPath)
	seen := map[string]bool{}
	for _, e := range p.Errors {
		if place, _, _ := strings.Cut(e.Error(), ": "); e.Pos != "" && e.Pos != "-" && !seen[place] && len(seen) < 10 {
			seen[place] = true // the parser and the type checker may both report it
			text += "\n\t" + e.Error()
		}
	}
	if len(seen) == 0 {
		text += "\n\t" + strings.TrimSpace(p.Errors[0].Msg)
	}
	return errors.New(text)
}

// index enters the declarations of a file.
func (s *source) index(file *ast.File) {
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			for _, spec := range n.Specs {
				s.indexSpec(n, spec)
			}
		case *ast.FuncDecl:
			s.docs[n.Name.Pos()], s.nodes[n.Name.Pos()] = n.Doc.Text(), n
		case *ast.Field:
			s.indexField(n)
		}
		return true
	})
}

func (s *source) indexSpec(group *ast.GenDecl, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.TypeSpec:
		s.nodes[spec.Name.Pos()] = spec
		s.docs[spec.Name.Pos()] = firstText(spec.Doc, spec.Comment)
		if !group.Lparen.IsValid() {
			s.docs[spec.Name.Pos()] = firstText(spec.Doc, group.Doc, spec.Comment)
		}
	case *ast.ValueSpec:
		for _, name := range spec.Names {
			s.nodes[name.Pos()] = spec
			s.docs[name.Pos()] = firstText(spec.Doc, spec.Comment)
			if !group.Lparen.IsValid() {
				s.docs[name.Pos()] = firstText(spec.Doc, group.Doc, spec.Comment)
			}
		}
	}
}

// indexField enters a field of a struct, or a method or embedded type of an interface.
func (s *source) indexField(field *ast.Field) {
	text := firstText(field.Doc, field.Comment)
	for _, name := range field.Names {
		s.docs[name.Pos()] = text
	}
}

// firstText returns the text of the first comment that there is.
func firstText(groups ...*ast.CommentGroup) string {
	for _, g := range groups {
		if text := g.Text(); text != "" {
			return text
		}
	}
	return ""
}
