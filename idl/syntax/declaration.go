package syntax

// parseFile takes the whole file.
func (p *parser) parseFile() {
	p.skipLines()
	p.packageClause()
	for !p.at(endOfFile) {
		switch {
		case p.got(newline):
		case p.imports():
			p.imported()
		case p.at('}'):
			p.complain("it closes nothing", `unexpected "}"`)
			p.advance()
		default:
			p.declaration()
		}
	}
}

func (p *parser) packageClause() {
	if !p.atWord("package") {
		hint := "package NAME, the name of the folder"
		if p.at(word) && p.peek(1).kind == word && Nearest(p.textOf(p.token()), []string{"package"}) != "" {
			hint = "did you mean package?"
		} else {
			p.complain(hint, "the file does not begin with a package clause")
			return
		}
		p.complain(hint, "unknown keyword %s", p.describe(p.token()))
	}
	f := p.file
	f.Doc = p.token().doc
	f.Package = p.advance().pos
	f.Ident = p.ident("the name of the package")
	p.endItem("the package clause", noHint)
}

func noHint() string { return "" }

// imported takes an import, or a group of them in parentheses as Go has it, which is reported.
func (p *parser) imported() {
	if len(p.file.Decls) > 0 {
		p.complain("", "imports stand before the first declaration")
	}
	doc, keyword := p.token().doc, p.advance().pos
	if !p.at('(') {
		p.importPath(doc, keyword)
		return
	}
	p.complain("write import in front of each path", "imports do not stand in groups")
	p.advance()
	p.skipLines()
	for !p.at(')') && !p.at('}') && !p.at(endOfFile) && !p.declares(0) {
		p.importPath(p.token().doc, p.token().pos)
	}
	p.got(')')
	p.endItem("the imports", noHint)
}

func (p *parser) importPath(doc *CommentGroup, keyword Pos) {
	i := &Import{Doc: doc, Keyword: keyword}
	if p.at(word) {
		i.Alias = p.ident("")
	}
	i.Path = p.literal("", "the path of a package in quotes", String)
	if i.Path.Kind == String {
		p.file.Imports = append(p.file.Imports, i)
	}
	p.endItem("the import", noHint)
}

// declaration takes one declaration. What is none is reported and skipped, up to the next.
func (p *parser) declaration() {
	start := p.next
	head := DeclHead{Lbrace: NoPos}
	head.Doc, head.Annotations = p.lead()
	if n := len(head.Annotations); n > 0 && p.imports() {
		p.report(head.Annotations[0].At, head.Annotations[n-1].Close, "", "an import has no annotations")
		return
	}
	keyword := p.keyword()
	head.Keyword = p.token().pos
	if !p.lost {
		p.advance()
		head.Name = p.ident("the name of the " + keyword)
	}
	if p.lost {
		p.recoverFile(start)
		return
	}
	p.file.Decls = append(p.file.Decls, p.body(keyword, head))
	if p.unclosed {
		p.unclosed = false // the next declaration begins here
		return
	}
	p.endItem("the "+keyword, func() string { return p.declarationHint(keyword) })
}

// body takes what follows the name of a declaration.
func (p *parser) body(keyword string, head DeclHead) Decl {
	switch keyword {
	case "const":
		return p.constant(head)
	case "enum":
		return p.enum(head)
	case "union":
		return p.union(head)
	case "error":
		return p.errorType(head)
	case "service":
		return p.service(head)
	}
	d := &Struct{DeclHead: head}
	p.block(&d.DeclHead, keyword, func() { d.Fields = append(d.Fields, p.structField()...) })
	return d
}

func (p *parser) constant(head DeclHead) *Const {
	d := &Const{DeclHead: head}
	if !p.got('=') {
		p.expected("write const "+head.Name.Name+" = VALUE, without a type", `"="`)
	}
	d.Value = p.literal("", "a number, a string, true or false", Int, Float, String, Word)
	d.Close = p.lastEnd()
	return d
}

func (p *parser) enum(head DeclHead) *Enum {
	d := &Enum{DeclHead: head}
	p.block(&d.DeclHead, "enum", func() {
		doc, annotations := p.lead()
		if r := p.reserved(doc, annotations); r != nil {
			d.Reserved = append(d.Reserved, r)
		} else if v := p.enumValue(doc, annotations); v != nil {
			d.Values = append(d.Values, v)
		}
	})
	return d
}

func (p *parser) enumValue(doc *CommentGroup, annotations []*Annotation) *EnumValue {
	v := &EnumValue{Doc: doc, Annotations: annotations}
	if v.Name = p.ident("the name of a value"); v.Name == nil {
		p.endItem("", noHint)
		return nil
	}
	if !p.got('=') {
		p.expected("the number is written out: "+v.Name.Name+" = 0", `"=" and a number`)
	}
	v.Number = p.literal("", "a number", Int)
	p.endItem("the value", noHint)
	return v
}

func (p *parser) union(head DeclHead) *Union {
	d := &Union{DeclHead: head}
	p.block(&d.DeclHead, "union", func() {
		doc, annotations := p.lead()
		if r := p.reserved(doc, annotations); r != nil {
			d.Reserved = append(d.Reserved, r)
		} else if f := p.unionCase(doc, annotations); f != nil {
			d.Cases = append(d.Cases, f)
		}
	})
	return d
}

func (p *parser) errorType(head DeclHead) *Error {
	d := &Error{DeclHead: head}
	hint := "write error " + head.Name.Name + ` "what went wrong"`
	if p.at('{') || p.at(newline) || p.at(endOfFile) || p.at(';') {
		p.complain(hint, "error %q has no text", head.Name.Name)
		d.Text = &Literal{ValuePos: p.token().pos, Kind: BadLiteral}
	} else {
		d.Text = p.literal(hint, "the error's text in quotes", String)
	}
	d.Close = p.lastEnd()
	if p.at('{') || p.lost {
		p.block(&d.DeclHead, "error", func() { d.Fields = append(d.Fields, p.structField()...) })
		d.Body = d.Lbrace.IsValid()
	}
	return d
}

func (p *parser) service(head DeclHead) *Service {
	d := &Service{DeclHead: head}
	hint := "write service " + head.Name.Name + " = 1 {"
	if p.at('{') {
		p.complain(hint, "service %q has no number", head.Name.Name)
		d.Number = &Literal{ValuePos: p.token().pos, Kind: BadLiteral}
	} else {
		if !p.got('=') {
			p.expected(hint, `"=" and the service's number`)
		}
		d.Number = p.natural(hint, "the service's number")
	}
	p.block(&d.DeclHead, "service", func() {
		doc, annotations := p.lead()
		if r := p.reserved(doc, annotations); r != nil {
			d.Reserved = append(d.Reserved, r)
		} else if m := p.method(doc, annotations); m != nil {
			d.Methods = append(d.Methods, m)
		}
	})
	return d
}

// maxNested is how deep declarations inside others are followed.
const maxNested = 8

// block takes the items of a declaration between braces. Each call of item takes one and what ends it.
func (p *parser) block(head *DeclHead, keyword string, item func()) {
	p.openBlock(head)
	for !p.lost {
		p.skipLines()
		if p.got('}') || p.endsUnclosed(head, keyword) {
			break
		}
		if p.declares(p.annotationsAhead()) {
			p.complain("put it in front of the "+keyword+" or behind it", "a declaration stands inside %s %q", keyword, head.Name.Name)
			p.nested++
			p.declaration()
			p.nested--
			continue
		}
		p.parens = 0
		item()
	}
	head.Close = p.lastEnd()
}

// openBlock takes the brace. One on the next line is reported. A parser that is lost goes on behind a brace on this line.
func (p *parser) openBlock(head *DeclHead) {
	if p.lost {
		p.resumeAt('{')
	}
	if !p.lost && p.at(newline) && p.peek(1).kind == '{' {
		p.advance()
		p.complain("", `"{" stands on the line of the name`)
	}
	if pos := p.token().pos; p.got('{') {
		head.Lbrace = pos
		return
	}
	p.expected("", `"{"`)
}

// endsUnclosed reports whether a body ends without its brace: with the file, or because a declaration begins
// that is not indented.
func (p *parser) endsUnclosed(head *DeclHead, keyword string) bool {
	const hint = `put a "}" behind its last line`
	name := head.Name
	if p.at(endOfFile) {
		p.report(name.Pos(), name.End(), hint, "%s %q is not closed", keyword, name.Name)
		return true
	}
	n := p.annotationsAhead()
	p.unclosed = p.declares(n) && (p.nested == maxNested || p.file.Position(p.peek(n).pos).Column == 1)
	if p.unclosed {
		t := p.peek(n)
		p.report(t.pos, t.end, hint, "%s %q of line %d is not closed", keyword, name.Name, p.file.Position(head.Keyword).Line)
	}
	return p.unclosed
}

// annotationsAhead returns how many tokens the annotations take that stand here.
func (p *parser) annotationsAhead() int {
	n := 0
	for p.peek(n).kind == '@' {
		n += 2
		if p.peek(n).kind == '(' {
			n += 3
		}
		if p.peek(n).kind == newline {
			n++
		}
	}
	return n
}
