package idl

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/parley-rpc/parley/idl/syntax"
)

// Extension is what the names of the language's files end in.
const Extension = ".parley"

// A Root is a folder below which packages lie. Imports and the paths given to Load are relative to it.
type Root struct {
	FS   fs.FS
	Name string // what stands before the names of files in diagnostics: "examples", or "" for nothing

	// Runtime is the path of the package that is the runtime's own, which alone may have service 255, "" if there is none.
	Runtime string
}

// Load reads the packages in the folders paths, root-relative and with slashes, and all that they import,
// and checks every rule of the language.
//
// A mistake in the files gives a syntax.ErrorList with all the mistakes of all files, in order, at most one a line.
// Any other error says which folder could not be read as a package; what the file system said is wrapped in it.
// There is no Schema when there is an error.
func Load(root Root, paths ...string) (*Schema, error) {
	c := &checker{root: root, units: map[string]*unit{}}
	for _, dir := range slices.Sorted(slices.Values(paths)) {
		if err := checkPath(dir); err != nil {
			return nil, err
		}
		u, err := c.visit(dir)
		if err != nil {
			return nil, err
		}
		u.Named = true
	}
	c.check()
	c.errors.Sort()
	if err := c.errors.Err(); err != nil {
		return nil, err
	}
	schema := &Schema{}
	for _, u := range c.order {
		schema.Packages = append(schema.Packages, u.Package)
	}
	return schema, nil
}

// checkPath refuses what cannot be the path of a package below a root.
func checkPath(dir string) error {
	if dir == "." {
		return errors.New(`the root itself cannot be a package: move its files to a folder with a name`)
	}
	if !isPath(dir) {
		return fmt.Errorf("%q is not a path below the schema root, like %q", dir, "justchat/room")
	}
	return nil
}

// pathForm matches what can be part of a Go import path, too.
var pathForm = regexp.MustCompile(`^[A-Za-z0-9][-A-Za-z0-9._~]*(/[A-Za-z0-9][-A-Za-z0-9._~]*)*$`)

// isPath reports whether dir can be the path of a package.
func isPath(dir string) bool { return pathForm.MatchString(dir) && fs.ValidPath(dir) }

// A checker is one run of Load.
type checker struct {
	root   Root
	units  map[string]*unit // by path
	order  []*unit          // each behind what it imports
	path   []*unit          // from the package named to Load to the one that is being read
	errors syntax.ErrorList

	borrowed  []*borrowed // methods, in the order in which they were resolved
	proposals int         // how often nearest was asked
}

// A unit is a package that is being checked.
type unit struct {
	*Package
	sources []*source
	lost    map[string]bool // names whose declarations may have fallen to a syntax error
}

// A source is a file that is being checked.
type source struct {
	*File
	checker *checker
	unit    *unit
	imports map[string]*imported // by qualifier

	damaged  bool        // has syntax errors, so that part of it may be missing from its tree
	mistakes map[int]int // lines that have a diagnostic, with its column; 0 is the parser's, which nothing displaces
}

// errNoFiles is the error for a folder that is there and holds no package.
var errNoFiles = errors.New("it holds no " + Extension + " files")

// visit returns the package in the folder dir, having read all that it imports.
func (c *checker) visit(dir string) (*unit, error) {
	if u := c.units[dir]; u != nil {
		return u, nil
	}
	u, err := c.read(dir)
	if err != nil {
		return nil, fmt.Errorf("package %q: %w", dir, err)
	}
	c.units[dir] = u
	c.path = append(c.path, u)
	for _, s := range u.sources {
		if err := s.followImports(); err != nil {
			return nil, err
		}
	}
	c.path = c.path[:len(c.path)-1]
	c.order = append(c.order, u)
	return u, nil
}

// read parses the files of the folder dir.
func (c *checker) read(dir string) (*unit, error) {
	entries, err := fs.ReadDir(c.root.FS, dir)
	if err != nil {
		return nil, err
	}
	u := &unit{
		Package: &Package{Path: dir, Name: path.Base(dir), scope: map[string]Decl{}},
		lost:    map[string]bool{},
	}
	for _, entry := range entries {
		if !IsSource(entry) {
			continue
		}
		if strings.ContainsFunc(entry.Name(), unicode.IsControl) {
			return nil, fmt.Errorf("the file name %q has a control character", entry.Name())
		}
		text, err := fs.ReadFile(c.root.FS, path.Join(dir, entry.Name()))
		if err != nil {
			return nil, err
		}
		c.parse(u, entry.Name(), text)
	}
	if len(u.sources) == 0 {
		return nil, errNoFiles
	}
	return u, nil
}

// IsSource reports whether entry is a file of a package. What begins with a dot or an underscore is
// an editor's or somebody's own, as it is for the go command. A pipe or a socket is none: reading it may wait for ever.
func IsSource(entry fs.DirEntry) bool {
	name, mode := entry.Name(), entry.Type()
	return (mode.IsRegular() || mode == fs.ModeSymlink) && strings.HasSuffix(name, Extension) && name[0] != '.' && name[0] != '_'
}

// parse adds the file name, which has that text, to u.
func (c *checker) parse(u *unit, name string, text []byte) {
	tree, mistakes := syntax.Parse(path.Join(c.root.Name, u.Path, name), text)
	c.errors = append(c.errors, mistakes...)
	s := &source{
		File:     &File{Package: u.Package, Name: name, Syntax: tree},
		checker:  c,
		unit:     u,
		imports:  map[string]*imported{},
		damaged:  len(mistakes) > 0,
		mistakes: map[int]int{},
	}
	for _, m := range mistakes {
		s.mistakes[m.Line] = 0
	}
	u.sources = append(u.sources, s)
	u.Files = append(u.Files, s.File)
	if s.damaged {
		s.noteLost()
	}
}

// check looks at everything that was read: first all names, so that what is said about them can then be resolved.
func (c *checker) check() {
	for _, u := range c.order {
		for _, s := range u.sources {
			s.checkClause()
			s.declareAll()
		}
		u.Doc = u.joinDocs()
	}
	for _, u := range c.order {
		for _, s := range u.sources {
			s.resolveAll()
			s.checkUnused()
		}
		c.checkServices(u)
		c.checkRecursion(u)
	}
	c.checkBorrowed()
}

// sources returns the files of all packages.
func (c *checker) sources() iter.Seq[*source] {
	return func(yield func(*source) bool) {
		for _, u := range c.order {
			for _, s := range u.sources {
				if !yield(s) {
					return
				}
			}
		}
	}
}
