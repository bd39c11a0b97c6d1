package format

import "github.com/parley-rpc/parley/idl/syntax"

func (p *printer) method(m *syntax.Method) {
	p.annotations(m.Annotations)
	p.text(m.Number.Pos(), m.Number.Text+":")
	p.column()
	p.text(m.Name.Pos(), m.Name.Name)
	p.list(m.Params, m.ParamParens, "(")
	if len(m.Results) > 0 || p.hasComments(m.ResultParens.Open, m.ResultParens.Close) {
		p.list(m.Results, m.ResultParens, " (")
	}
	p.throws(m.Throws)
}

// list prints parameters or results, on one line or each group on its own.
func (p *printer) list(fields []*syntax.Field, parens syntax.Parens, open string) {
	if !p.broken(fields, parens) {
		p.text(parens.Open, open)
		for i, f := range fields {
			if i > 0 {
				p.text(f.Pos(), ", ")
			}
			p.group(f)
		}
		p.text(parens.Close, ")")
		return
	}
	p.text(parens.Open, open)
	p.endLine()
	p.indent++
	p.tight = true
	for _, f := range fields {
		p.annotations(f.Annotations)
		p.group(f)
		p.text(f.End(), ",")
		p.endLine()
	}
	p.commentsBefore(parens.Close)
	p.indent--
	p.tight = true
	p.text(parens.Close, ")")
}

// broken reports whether a list has more than one line: if the author broke it at its beginning,
// or if it holds what needs a line of its own.
func (p *printer) broken(fields []*syntax.Field, parens syntax.Parens) bool {
	if p.hasComments(parens.Open, parens.Close) {
		return true
	}
	for _, f := range fields {
		if len(f.Annotations) > 0 {
			return true
		}
	}
	return len(fields) > 0 && p.line(fields[0].Pos()) > p.line(parens.Open)
}

func (p *printer) line(pos syntax.Pos) int { return p.file.Position(pos).Line }

// group prints names and the type that they share.
func (p *printer) group(f *syntax.Field) {
	for i, name := range f.Names {
		if i > 0 {
			p.text(f.Names[i-1].End(), ",")
			p.text(name.Pos(), " "+name.Name)
			continue
		}
		p.text(name.Pos(), name.Name)
	}
	p.text(f.Type.Pos(), " "+f.Type.String())
}

// throws prints the errors of a method, with the line breaks that the author put behind commas.
func (p *printer) throws(types []*syntax.Type) {
	p.indent++
	for i, t := range types {
		if i == 0 {
			p.text(t.Pos(), " throws "+t.String())
			continue
		}
		p.text(types[i-1].End(), ",")
		if p.line(t.Pos()) > p.line(types[i-1].End()) {
			p.endLine()
			p.commentsBefore(t.Pos())
			p.tight = true
		}
		p.text(t.Pos(), " "+t.String())
	}
	p.indent--
}
