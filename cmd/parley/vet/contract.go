package vet

import (
	"go/constant"
	"go/types"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/txtar"
)

// A contract is what analyzers need to know of the interface definition that a generated package was made of. Go's
// names differ from those of the IDL in capitals alone (HttpApi is HTTPAPI), so all keys are in lower case.
type contract struct {
	path      string              // of the IDL package: "justchat/room"
	members   map[string][]string // of an enum or union: what its values or cases are called in Go, in lower case
	methods   map[string]method   // by service and name: "room.join"
	functions map[string]method   // what calls a classic method without a client: "joinrpc"
	errors    map[string]bool     // those declared here; true if they are deprecated
}

// A method is one of a service.
type method struct {
	name   string   // "Room.Join"
	throws []string // full names of the errors that a caller should expect: "justchat/room.NameTaken"
}

// contracts are the contracts of the generated packages that a package knows, its own too.
type contracts map[*types.Package]*contract

// readContracts reads the constant IDL of generated packages. Constants are part of what the compiler exports, so the
// other packages' source is not needed.
var readContracts = &analysis.Analyzer{
	Name:       "contracts",
	Doc:        "read the interface definitions that generated packages carry",
	ResultType: reflect.TypeFor[contracts](),
	Run: func(pass *analysis.Pass) (any, error) {
		all := contracts{}
		seen := map[*types.Package]bool{}
		var visit func(*types.Package)
		visit = func(pkg *types.Package) {
			if seen[pkg] {
				return
			}
			seen[pkg] = true
			if text := definition(pkg); text != nil {
				all[pkg] = readContract(text)
			}
			for _, imported := range pkg.Imports() {
				visit(imported)
			}
		}
		visit(pass.Pkg)
		return all, nil
	},
}

// definition returns the interface definition that pkg carries, nil if parley did not generate it.
func definition(pkg *types.Package) *txtar.Archive {
	text, ok := pkg.Scope().Lookup("IDL").(*types.Const)
	if !ok || text.Val().Kind() != constant.String {
		return nil
	}
	archive := txtar.Parse([]byte(constant.StringVal(text.Val())))
	if len(archive.Files) == 0 || path.Ext(archive.Files[0].Name) != ".parley" {
		return nil
	}
	return archive
}

// readContract reads an interface definition. What it cannot read, because a newer parley wrote it, is left out.
func readContract(definition *txtar.Archive) *contract {
	c := &contract{
		path:      path.Dir(definition.Files[0].Name),
		members:   map[string][]string{},
		methods:   map[string]method{},
		functions: map[string]method{},
		errors:    map[string]bool{},
	}
	var files []*syntax.File
	for _, f := range definition.Files {
		file, _ := syntax.Parse(f.Name, f.Data)
		files = append(files, file)
		c.readTypes(file)
	}
	for _, file := range files {
		c.readServices(file)
	}
	return c
}

// readTypes reads a file's enums, unions and errors. A deprecated value or case need not be handled.
func (c *contract) readTypes(file *syntax.File) {
	for _, d := range file.Decls {
		name := strings.ToLower(d.Head().Name.Name)
		switch d := d.(type) {
		case *syntax.Enum:
			for _, v := range d.Values {
				if v.Name != nil && !annotated(v.Annotations, "deprecated") {
					c.members[name] = append(c.members[name], name+strings.ToLower(v.Name.Name))
				}
			}
		case *syntax.Union:
			for _, f := range d.Cases {
				if len(f.Names) == 1 && !annotated(f.Annotations, "deprecated") {
					c.members[name] = append(c.members[name], name+strings.ToLower(f.Names[0].Name))
				}
			}
		case *syntax.Error:
			c.errors[name] = annotated(d.Annotations, "deprecated")
		}
	}
}

// readServices reads a file's services, once the errors of the whole package are known.
func (c *contract) readServices(file *syntax.File) {
	for _, d := range file.Decls {
		service, ok := d.(*syntax.Service)
		if !ok {
			continue
		}
		for _, m := range service.Methods {
			if m.Name == nil {
				continue
			}
			read := method{service.Name.Name + "." + m.Name.Name, c.throws(file, m)}
			c.methods[strings.ToLower(read.name)] = read
			if annotated(service.Annotations, "classic") {
				c.functions[strings.ToLower(m.Name.Name)+"rpc"] = read
			}
		}
	}
}

// throws returns the full names of the errors that m declares, without those that the package itself deprecates.
func (c *contract) throws(file *syntax.File, m *syntax.Method) []string {
	var names []string
	for _, t := range m.Throws {
		switch {
		case t.Name == nil:
		case t.Package != nil:
			names = append(names, importPath(file, t.Package.Name)+"."+t.Name.Name)
		case !c.errors[strings.ToLower(t.Name.Name)]:
			names = append(names, c.path+"."+t.Name.Name)
		}
	}
	return names
}

// importPath returns the path of the package that file imports by a name.
func importPath(file *syntax.File, name string) string {
	for _, i := range file.Imports {
		if i.Path == nil {
			continue
		}
		full := i.Path.Unquote()
		if i.Alias != nil && i.Alias.Name == name || i.Alias == nil && path.Base(full) == name {
			return full
		}
	}
	return name
}

// key returns what a generated thing is called in the maps of a contract, "" if people wrote it: only what is exported
// is generated under a name of the definition.
func key(o types.Object) string {
	if !o.Exported() {
		return ""
	}
	return strings.ToLower(o.Name())
}

func annotated(all []*syntax.Annotation, name string) bool {
	return slices.ContainsFunc(all, func(a *syntax.Annotation) bool { return a.Name != nil && a.Name.Name == name })
}

// of returns the contract of the package that declares a named type, and the type's name; nil if there is none.
func (all contracts) of(t types.Type) (*contract, types.Object) {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || all[named.Obj().Pkg()] == nil {
		return nil, nil
	}
	return all[named.Obj().Pkg()], named.Obj()
}

// membersOf returns the constants of an enum, or the case types of a union, that a switch over t should have, in the
// order of the definition; none if t is neither. The Unknown of a union is not of the definition, nor is nil.
func (all contracts) membersOf(t types.Type) []types.Object {
	c, of := all.of(t)
	if c == nil {
		return nil
	}
	wanted := c.members[key(of)]
	members := make([]types.Object, len(wanted))
	for _, name := range of.Pkg().Scope().Names() {
		o := of.Pkg().Scope().Lookup(name)
		if i := slices.Index(wanted, key(o)); i >= 0 {
			members[i] = o
		}
	}
	return slices.DeleteFunc(members, func(o types.Object) bool { return o == nil })
}

// errorName returns the full name of the declared error that t is, or points to; "" if it is none.
func (all contracts) errorName(t types.Type) string {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	c, of := all.of(t)
	if c == nil {
		return ""
	}
	if _, declared := c.errors[key(of)]; !declared {
		return ""
	}
	return c.path + "." + of.Name()
}
