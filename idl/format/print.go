package format

import (
	"cmp"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

func (p *printer) printFile() {
	f := p.file
	p.text(f.Package, "package "+f.Ident.Name)
	p.endLine()
	p.imports()
	for i, d := range f.Decls {
		p.parted = i == 0 || !single(d) || !single(f.Decls[i-1])
		p.decl(d)
		p.endLine()
	}
	p.parted = false
	p.commentsBefore(f.End())
}

// single reports whether d stands on one line, so that others like it may stand above and below.
func single(d syntax.Decl) bool {
	switch d := d.(type) {
	case *syntax.Const:
		return len(d.Annotations) == 0
	case *syntax.Error:
		return len(d.Annotations) == 0 && !d.Body
	}
	return false
}

func (p *printer) decl(d syntax.Decl) {
	head := d.Head()
	p.annotations(head.Annotations)
	switch d := d.(type) {
	case *syntax.Const:
		p.text(head.Keyword, "const "+head.Name.Name+" = "+d.Value.Text)
	case *syntax.Enum:
		p.text(head.Keyword, "enum "+head.Name.Name)
		p.block(head, inOrder(nodes(d.Reserved), nodes(d.Values)))
	case *syntax.Struct:
		p.text(head.Keyword, "struct "+head.Name.Name)
		p.block(head, nodes(d.Fields))
	case *syntax.Union:
		p.text(head.Keyword, "union "+head.Name.Name)
		p.block(head, inOrder(nodes(d.Reserved), nodes(d.Cases)))
	case *syntax.Error:
		p.text(head.Keyword, "error "+head.Name.Name+" "+d.Text.Text)
		if len(d.Fields) > 0 || d.Body && p.hasComments(head.Lbrace, head.Close) {
			p.block(head, nodes(d.Fields))
		}
	case *syntax.Service:
		p.text(head.Keyword, "service "+head.Name.Name+" = "+d.Number.Text)
		p.block(head, inOrder(nodes(d.Reserved), nodes(d.Methods)))
	}
}

func (p *printer) annotations(list []*syntax.Annotation) {
	for _, a := range list {
		p.text(a.At, "@"+a.Name.Name)
		if a.Argument != nil {
			p.text(a.Argument.Pos(), "("+a.Argument.Text+")")
		}
		p.endLine()
		p.tight = true
	}
}

// block prints a body with its braces.
func (p *printer) block(head *syntax.DeclHead, items []syntax.Node) {
	rbrace := head.Close - 1
	if len(items) == 0 && !p.hasComments(head.Lbrace, rbrace) {
		p.text(head.Lbrace, " {}")
		return
	}
	p.text(head.Lbrace, " {")
	p.endLine()
	p.indent++
	p.tight = true
	for _, item := range items {
		p.item(item)
		p.endLine()
	}
	p.commentsBefore(rbrace)
	p.indent--
	p.tight = true
	p.text(rbrace, "}")
}

func nodes[T syntax.Node](list []T) []syntax.Node {
	all := make([]syntax.Node, len(list))
	for i, n := range list {
		all[i] = n
	}
	return all
}

// inOrder puts reserved lines where they stand among the other items.
func inOrder(reserved, others []syntax.Node) []syntax.Node {
	all := append(reserved, others...)
	slices.SortFunc(all, func(a, b syntax.Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return all
}

func (p *printer) item(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Reserved:
		p.reserved(n)
	case *syntax.EnumValue:
		p.annotations(n.Annotations)
		p.text(n.Name.Pos(), n.Name.Name)
		p.column()
		p.text(n.Number.Pos(), "= "+n.Number.Text)
	case *syntax.Field:
		p.field(n)
	case *syntax.Method:
		p.method(n)
	}
}

func (p *printer) reserved(r *syntax.Reserved) {
	var numbers []string
	for _, n := range r.Numbers {
		numbers = append(numbers, n.Text)
	}
	p.text(r.Keyword, "reserved "+strings.Join(numbers, ", "))
}

// field prints a field of a struct or an error, or a case of a union.
func (p *printer) field(f *syntax.Field) {
	p.annotations(f.Annotations)
	if f.Tag != nil {
		p.text(f.Tag.Pos(), f.Tag.Text+":")
		p.column()
	}
	p.text(f.Names[0].Pos(), f.Names[0].Name)
	p.column()
	p.text(f.Type.Pos(), f.Type.String())
}
