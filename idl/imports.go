package idl

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// An imported is what a qualifier stands for in one file.
type imported struct {
	node *syntax.Import
	path string
	unit *unit // nil if the import is broken, which was reported
	used bool
}

// followImports reads what s imports. Its error is one of reading the files.
func (s *source) followImports() error {
	seen := map[string]bool{}
	for _, node := range s.Syntax.Imports {
		dir, ok := s.importPath(node)
		if !ok {
			continue
		}
		if seen[dir] {
			s.report(node.Path, "", "%q is imported twice", dir)
			continue
		}
		seen[dir] = true
		target, err := s.follow(node, dir)
		if err != nil {
			return err
		}
		s.qualify(node, &imported{node: node, path: dir, unit: target})
	}
	return nil
}

// importPath returns the path that an import names.
func (s *source) importPath(node *syntax.Import) (string, bool) {
	dir := node.Path.Unquote()
	if dir == "" && s.damaged {
		return "", false // it is not a string, which was reported
	}
	if !isPath(dir) {
		s.report(node.Path, s.checker.hintImport(s.unit.Path, dir), "%q cannot be the path of a package", dir)
		return "", false
	}
	return dir, true
}

// follow returns the package in dir, or nil if it has reported that there is none.
func (s *source) follow(node *syntax.Import, dir string) (*unit, error) {
	c := s.checker
	if dir == s.unit.Path {
		s.report(node.Path, "the files of a package see each other's names", "package %q imports itself", dir)
		return nil, nil
	}
	if i := slices.IndexFunc(c.path, func(u *unit) bool { return u.Path == dir }); i >= 0 {
		s.report(node.Path, "", "import cycle: %s", ring(c.path[i:], func(u *unit) string { return u.Path }))
		return c.path[i], nil
	}
	if info, err := fs.Stat(c.root.FS, dir); err == nil && !info.IsDir() || err != nil && !errors.Is(err, fs.ErrPermission) {
		s.report(node.Path, c.hintImport(s.unit.Path, dir), "there is no folder %q below the schema root", dir)
		return nil, nil
	}
	u, err := c.visit(dir)
	if errors.Is(err, errNoFiles) {
		s.report(node.Path, c.hintImport(s.unit.Path, dir), "folder %q holds no %s files", dir, Extension)
		return nil, nil
	}
	return u, err
}

// qualify enters an import under its qualifier.
func (s *source) qualify(node *syntax.Import, i *imported) {
	name, at := path.Base(i.path), syntax.Node(node.Path)
	if node.Alias != nil {
		name, at = node.Alias.Name, node.Alias
		s.checkCase(node.Alias, lowerCamel, "import alias")
	}
	if i.unit != nil && !slices.Contains(s.Package.Imports, i.unit.Package) {
		s.Package.Imports = append(s.Package.Imports, i.unit.Package)
		slices.SortFunc(s.Package.Imports, func(a, b *Package) int { return strings.Compare(a.Path, b.Path) })
	}
	if other := s.imports[name]; other != nil {
		s.report(at, "name one of them otherwise: import other \"…\"", "%q stands for two imports, %q and %q", name, other.path, i.path)
		return
	}
	s.imports[name] = i
}

// checkUnused reports the imports that no type of s mentions. Where part of s could not be read they may be used there.
func (s *source) checkUnused() {
	if s.damaged {
		return
	}
	for name, i := range s.imports {
		if i.unit != nil && !i.used {
			s.report(i.node.Path, "", "%q is imported as %s and not used", i.path, name)
		}
	}
}

// checkClause reports a package clause that does not bear the folder's name.
func (s *source) checkClause() {
	folder, clause := s.Package.Name, s.Syntax.Ident
	switch {
	case clause == nil:
		// The parser has reported it.
	case !lowerCamel.matches(folder):
		s.report(clause, "the folder's name must be letters and digits, the first a small letter", "folder %q cannot name a package", folder)
	case clause.Name != folder:
		s.report(clause, "write: package "+folder, "package %q does not bear the name of its folder, %q", clause.Name, folder)
	}
}

// hintImport proposes another path for one that names no package: the one that was meant relative to
// the importing package at from, else the nearest, else what there is.
func (c *checker) hintImport(from, dir string) string {
	if !c.proposes() {
		return ""
	}
	relative := path.Clean(dir)
	for _, meant := range []string{path.Join(from, relative), path.Join(path.Dir(from), relative), relative} {
		if c.holdsPackage(meant) && meant != from && meant != dir {
			return "imports are relative to the schema root: " + strconv.Quote(meant)
		}
	}
	var near []string
	parent := path.Dir(strings.TrimLeft(relative, "./"))
	for !c.isFolder(parent) {
		parent = path.Dir(parent)
	}
	entries, _ := fs.ReadDir(c.root.FS, parent)
	for _, entry := range entries {
		if sub := path.Join(parent, entry.Name()); sub != from && c.holdsPackage(sub) {
			near = append(near, sub)
		}
	}
	if meant := syntax.Nearest(relative, near); meant != "" {
		return "did you mean " + strconv.Quote(meant) + "?"
	}
	return listing("there is ", near)
}

// isFolder reports whether dir is a folder below the root, or the root.
func (c *checker) isFolder(dir string) bool {
	info, err := fs.Stat(c.root.FS, dir)
	return dir == "." || err == nil && info.IsDir()
}

// holdsPackage reports whether dir is a folder with files of the language.
func (c *checker) holdsPackage(dir string) bool {
	if !isPath(dir) {
		return false
	}
	entries, err := fs.ReadDir(c.root.FS, dir)
	return err == nil && slices.ContainsFunc(entries, IsSource)
}
