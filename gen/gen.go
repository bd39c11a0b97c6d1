// Package gen turns a resolved Schema into Go: types with their codec, the interface of each service, its client
// and its server stubs.
//
// Each shape of the language has a file here that makes its Go: const.go, enum.go, struct.go, union.go, error.go,
// service.go, client.go, server.go, stream.go and classic.go. They share types.go, which knows a type's Go form and
// how it is written and read, and names.go, which knows what things are called. What they make is put together in
// file.go and rendered in jen.go, the only file that deals with the ways of jennifer. The test help of a package is a
// package of its own: help.go, help_service.go and help_codec.go. What cannot become Go is found
// before: check.go looks at names, path.go at folders, size.go at structs.
package gen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// A File is one file of Go.
type File struct {
	Name    string // without its folder: "room.parley.go"
	Content []byte
}

// Generate returns the Go of one package, a file for each of its own, in the order of their names. importPath gives
// the import path of the Go of an IDL package, named by its root-relative path, pkg's own and those that it imports.
//
// A package whose import path is that of package runtime becomes part of it: its Go names what is there without a
// qualifier, and adds no exported names but the services, their clients and the types.
//
// The same package gives the same bytes. Its schema must have passed Check.
func Generate(pkg *idl.Package, importPath func(pkgPath string) string) ([]File, error) {
	g := newGenerator(pkg, importPath)
	var files []File
	hasPackageFile := false
	for _, f := range pkg.Files {
		isPackageFile := f.Name == pkg.Name+idl.Extension
		hasPackageFile = hasPackageFile || isPackageFile
		file, err := g.file(f, isPackageFile)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if !hasPackageFile {
		file, err := g.file(nil, true)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// A generator makes the Go of one package.
type generator struct {
	pkg     *idl.Package
	self    string          // the import path of what is made
	name    string          // the name of the Go package that is made
	taken   map[string]bool // what parameters and results may not be called, besides ownNames
	names   packageNames
	imports map[*idl.Package]goImport
}

// A goImport is how a file of Go imports the Go of an IDL package.
type goImport struct {
	path  string
	name  string // what it is called in the files of this package
	alias bool   // whether the import has to say so
}

func newGenerator(pkg *idl.Package, importPath func(string) string) *generator {
	g := &generator{pkg: pkg, self: importPath(pkg.Path), name: goPackageName(pkg), names: publicNames, imports: map[*idl.Package]goImport{}}
	if g.inRuntime() {
		g.names = runtimeNames
	}
	for p, name := range importNames(pkg) {
		g.imports[p] = goImport{path: importPath(p.Path), name: name, alias: name != p.Name}
	}
	return g
}

// decl returns the Go of one declaration, in the order in which it is to stand.
func (g *generator) decl(d idl.Decl) []jen.Code {
	switch d := d.(type) {
	case *idl.Const:
		return []jen.Code{g.constant(d)}
	case *idl.Enum:
		return g.enum(d)
	case *idl.Struct:
		return g.structure(d)
	case *idl.Union:
		return g.union(d)
	case *idl.Error:
		return g.declaredError(d)
	case *idl.Service:
		return g.service(d)
	}
	return nil
}
