package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl"
	"github.com/parley-rpc/parley/idl/format"
	"github.com/parley-rpc/parley/idl/syntax"
)

// An excerpt is some of the declarations of a schema, to be printed in canonical form.
type excerpt struct {
	schema  *idl.Schema
	decls   map[idl.Decl]bool
	methods map[*idl.Service]*idl.Method // the one method that is wanted of a service that is not in decls
}

func newExcerpt(schema *idl.Schema) *excerpt {
	return &excerpt{schema, map[idl.Decl]bool{}, map[*idl.Service]*idl.Method{}}
}

func (e *excerpt) add(d idl.Decl) { e.decls[d] = true }

// addAll adds d and what it refers to, and so on.
func (e *excerpt) addAll(d idl.Decl) {
	if e.decls[d] {
		return
	}
	e.add(d)
	for t := range idl.Types(d) {
		if t.Kind == idl.Named {
			e.addAll(t.Decl)
		}
	}
	if service, ok := d.(*idl.Service); ok {
		for _, m := range service.Methods {
			e.addThrown(m)
		}
	}
}

func (e *excerpt) addThrown(m *idl.Method) {
	for _, thrown := range m.Throws {
		e.addAll(thrown)
	}
}

// addMethod adds one method of its service, and what it refers to.
func (e *excerpt) addMethod(m *idl.Method) {
	e.methods[m.Service] = m
	for _, f := range m.Arguments() {
		for t := range f.Type.All() {
			if t.Kind == idl.Named {
				e.addAll(t.Decl)
			}
		}
	}
	e.addThrown(m)
}

// print prints the declarations package by package, each package before those that it imports, with the packages'
// comments if docs is true.
func (e *excerpt) print(w io.Writer, docs bool) error {
	parted := ""
	for _, p := range slices.Backward(e.schema.Packages) {
		text := e.packageText(p)
		if text == "" {
			continue
		}
		fmt.Fprint(w, parted)
		parted = "\n"
		if docs {
			printComment(w, p.Doc)
		}
		clause := "package " + p.Name
		if p.Path != p.Name {
			clause += " // " + p.Path
		}
		if _, err := fmt.Fprintf(w, "%s\n%s", clause, text); err != nil {
			return err
		}
	}
	return nil
}

func printComment(w io.Writer, doc string) {
	for line := range strings.Lines(doc) {
		fmt.Fprintln(w, strings.TrimRight("// "+line, " \n"))
	}
}

// packageText returns what is wanted of p, each declaration behind a blank line.
func (e *excerpt) packageText(p *idl.Package) string {
	var text strings.Builder
	for _, f := range p.Files {
		canonical := canonical(f)
		for i, d := range f.Decls {
			source := canonical.Decls[i]
			service, _ := d.(*idl.Service)
			switch m := e.methods[service]; {
			case e.decls[d]:
				text.WriteString("\n" + between(canonical, source.Head().Doc, source, source.End()) + "\n")
			case m != nil:
				text.WriteString("\n" + methodText(canonical, source.(*syntax.Service), m) + "\n")
			}
		}
	}
	return text.String()
}

// canonical returns the tree of f's canonical form, whose declarations are those of f.
func canonical(f *idl.File) *syntax.File {
	tree, _ := syntax.Parse(f.Name, format.File(f.Syntax)) // what was correct stays so
	return tree
}

// methodText returns the service with nothing in it but m.
func methodText(f *syntax.File, service *syntax.Service, m *idl.Method) string {
	i := slices.Index(m.Service.Methods, m)
	source := service.Methods[i]
	head := between(f, nil, service, service.Lbrace+1)
	return head + "\n\t" + between(f, source.Doc, source, source.End()) + "\n}"
}

// between returns the text from the comment, or else from the node, to the given place.
func between(f *syntax.File, doc *syntax.CommentGroup, node syntax.Node, end syntax.Pos) string {
	start := node.Pos()
	if doc != nil {
		start = doc.List[0].Slash
	}
	return string(f.Source[start:end])
}
