// Package from writes the interface definition of Go that exists: of an interface, or of the exported functions of a
// package or file.
//
// It reads the table of types of the language backwards. load.go finds the Go, service.go makes methods of its
// functions, types.go knows a type's form in the language, struct.go, enum.go, union.go and error.go declare what
// types name, names.go says what things are called, and write.go makes text of it.
package from

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"github.com/parley-rpc/parley/idl/format"
)

// Options say what Go does not. The zero value has a default for each.
type Options struct {
	Dir     string // where the go command runs and relative targets begin; "" is the working folder
	Package string // the definition's package; "" is the Go package's name
	Service string // the service's name; "" is the interface's, or the package's for functions
	Number  int    // the service's, 0 to 254
}

// A Result is an interface definition and what it could not carry.
type Result struct {
	Package string // its name, which is to be that of its folder
	Text    []byte // in the canonical form
	Notes   []Note // in the order of Text
}

// A Note says what of the Go was changed or left out, as does a comment of the definition in its place.
type Note struct {
	Position token.Position
	Text     string
}

// String returns «file:line:column: text».
func (n Note) String() string { return fmt.Sprintf("%s: %s", n.Position, n.Text) }

// A TargetError says that the target is nothing that a definition can be made of.
type TargetError struct{ text string }

func (e *TargetError) Error() string { return e.text }

func targetErrorf(format string, args ...any) error {
	return &TargetError{fmt.Sprintf(format, args...)}
}

// Convert returns the definition of target: a folder or an import path, with «.Interface» behind it for an
// interface, or a file of Go. It runs the go command. A target that does not make sense gives a *TargetError.
func Convert(ctx context.Context, target string, o Options) (*Result, error) {
	goal, err := parseTarget(o.Dir, target)
	if err != nil {
		return nil, err
	}
	c := &converter{options: o, declared: map[string]string{}, taken: map[string]bool{}}
	if err := c.load(ctx, o.Dir, goal); err != nil {
		return nil, err
	}
	name := cmp.Or(o.Package, lowerCamel(c.target.Name()))
	if name == "" {
		return nil, targetErrorf("package %s needs another name in the definition", c.target.Name())
	}
	if err := c.service(goal); err != nil {
		return nil, err
	}
	text, notes := c.text(name)
	text, err = format.Source(name+".parley", text)
	return &Result{Package: name, Text: text, Notes: notes}, err
}

// A converter makes one definition.
type converter struct {
	options Options
	source
	decls    []*decl
	declared map[string]string // the names of those, by the Go types
	taken    map[string]bool   // what Go would call them and what comes with them, in lower case
}

// A decl is one declaration of the definition.
type decl struct {
	doc   string
	head  []string // annotations
	text  string   // «struct Name»
	items []item   // what stands in its braces; nil for none
	notes []string // on the declaration as a whole
	pos   token.Pos
}

// An item is one line in a declaration's braces, or, if text is empty, only what is said in its place.
type item struct {
	doc   string
	head  []string // annotations
	text  string
	notes []string
	pos   token.Pos
}

// note returns the item that says in the place of something why it is not there.
func note(pos token.Pos, format string, args ...any) item {
	return item{notes: []string{fmt.Sprintf(format, args...)}, pos: pos}
}

// reserve returns a name like the one given that nothing of the package has in Go, and takes it.
func (c *converter) reserve(name string, pkg *types.Package) string {
	unique := name
	if c.isTaken(unique) && pkg != nil {
		name = camel(pkg.Name()) + name
		unique = name
	}
	for n := 2; c.isTaken(unique); n++ {
		unique = fmt.Sprint(name, n)
	}
	c.take(unique, "Write"+unique, "Read"+unique)
	return unique
}

func (c *converter) isTaken(name string) bool {
	return slices.ContainsFunc([]string{name, "Write" + name, "Read" + name}, func(n string) bool { return c.taken[fold(n)] })
}

func (c *converter) take(names ...string) {
	for _, name := range names {
		c.taken[fold(name)] = true
	}
}
