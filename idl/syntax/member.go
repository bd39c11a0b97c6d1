package syntax

// structField takes a line of a struct or error. It returns a field for each name, though there should be one.
func (p *parser) structField() []*Field {
	doc, annotations := p.lead()
	p.numberedField()
	f := &Field{Doc: doc, Annotations: annotations}
	f.Names = p.fieldNames()
	if len(f.Names) == 0 {
		p.endItem("", noHint)
		return nil
	}
	f.Type = p.fieldType("field", f.Names)
	p.endItem("the field", func() string { return p.fieldHint(f) })
	fields := []*Field{f}
	for i := 1; i < len(f.Names); i++ {
		fields = append(fields, &Field{Doc: doc, Annotations: annotations, Names: f.Names[i : i+1], Type: f.Type})
	}
	f.Names = f.Names[:1:1]
	return fields
}

// fieldNames takes the name of a field. Further names behind commas are reported.
func (p *parser) fieldNames() (names []*Ident) {
	for {
		name := p.ident("the name of a field")
		if name == nil {
			return names
		}
		names = append(names, name)
		if !p.at(',') || p.peek(1).kind != word {
			return names
		}
		p.complain("one field a line", "a field has one name")
		p.advance()
	}
}

// numberedField reports a number in front of a field, as other languages have it.
func (p *parser) numberedField() {
	if p.at(intToken) && p.peek(1).kind == ':' {
		p.complain("their order is what counts", "the fields of a struct have no numbers")
		p.advance()
		p.advance()
	}
}

// fieldType takes the type behind a name. A type in front of the name, as C has it, is reported and put right.
func (p *parser) fieldType(what string, names []*Ident) *Type {
	last := names[len(names)-1]
	if p.at(newline) || p.at(',') || p.at(')') || p.at(';') || p.at('}') || p.at(endOfFile) {
		if !p.lost {
			p.report(last.Pos(), last.End(), p.untypedHint(what, last.Name), "%s %q has no type", what, last.Name)
			p.lost = p.at(newline) && p.parens > 0
		}
		return &Type{Start: p.lastEnd(), Close: p.lastEnd(), Kind: BadType}
	}
	t := p.parseType(0)
	if swapped(last, t) {
		p.report(last.Pos(), t.End(), "write "+t.Name.Name+" "+last.Name, "the type of a %s stands behind its name", what)
		t.Name, names[len(names)-1] = last, t.Name
	}
	return t
}

// swapped reports whether name must be a type and t a name.
func swapped(name *Ident, t *Type) bool {
	if t.Kind != Named || t.Package != nil || isType(t.Name.Name) || isUpper(t.Name.Name[0]) {
		return false
	}
	return isType(name.Name) || isUpper(name.Name[0])
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// isType reports whether name is one of the types that are always there.
func isType(name string) bool {
	switch name {
	case "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
		"float32", "float64", "string", "bytes", "time", "duration":
		return true
	}
	return false
}

// unionCase takes Tag: name Type.
func (p *parser) unionCase(doc *CommentGroup, annotations []*Annotation) *Field {
	f := &Field{Doc: doc, Annotations: annotations}
	f.Tag = p.numbered("case")
	name := p.ident("the name of a case")
	if name == nil {
		p.endItem("", noHint)
		return nil
	}
	f.Names = []*Ident{name}
	f.Type = p.fieldType("case", f.Names)
	p.endItem("the case", func() string { return p.fieldHint(f) })
	return f
}

// numbered takes the number and colon in front of a case or a method.
func (p *parser) numbered(what string) *Literal {
	if !p.lost && p.at(word) {
		hint := "put one in front that was never used: 1: " + shorten(p.textOf(p.token()))
		if p.atWord("throws") {
			hint = "throws stands on the line of its method, which may break behind a comma"
		}
		p.complain(hint, "the %s has no number", what)
		return &Literal{ValuePos: p.token().pos, Kind: BadLiteral}
	}
	lit := p.natural("", "the number of a "+what)
	if !p.got(':') {
		p.expected("", `":" behind the number`)
	}
	return lit
}

// reserved takes a line of reserved numbers, or returns nil if there is none.
func (p *parser) reserved(doc *CommentGroup, annotations []*Annotation) *Reserved {
	if p.lost || !p.atWord("reserved") || p.peek(1).kind != intToken {
		return nil
	}
	for _, a := range annotations {
		p.report(a.Pos(), a.End(), "", "reserved numbers have no annotations")
	}
	r := &Reserved{Doc: doc, Keyword: p.advance().pos}
	for {
		r.Numbers = append(r.Numbers, p.natural("", "a reserved number"))
		if !p.got(',') {
			break
		}
	}
	r.Close = p.lastEnd()
	p.endItem("the reserved numbers", func() string { return "each number is written out: reserved 3, 4, 5" })
	return r
}

// method takes Number: Name(parameters) (results) throws errors.
func (p *parser) method(doc *CommentGroup, annotations []*Annotation) *Method {
	m := &Method{Doc: doc, Annotations: annotations, ParamParens: Parens{NoPos, NoPos}, ResultParens: Parens{NoPos, NoPos}}
	p.goMethod()
	m.Number = p.numbered("method")
	if m.Name = p.ident("the name of a method"); m.Name == nil {
		p.endItem("", noHint)
		return nil
	}
	m.Params = p.list("parameter", &m.ParamParens)
	if p.at('(') {
		m.Results = p.list("result", &m.ResultParens)
	}
	if !p.lost && p.atWord("throws") {
		p.advance()
		m.Throws = p.throws()
	}
	m.Close = p.lastEnd()
	p.endItem("the method", p.methodHint)
	return m
}

// goMethod reports a word that other languages put in front of a method.
func (p *parser) goMethod() {
	if p.at(word) && p.peek(1).kind == word && (p.atWord("func") || p.atWord("rpc") || p.atWord("def")) {
		p.complain("write 1: "+shorten(p.textOf(p.peek(1)))+"(parameter Type) (result Type)", "a method begins with its number")
		p.advance()
	}
}

// throws takes the errors that a method throws. The list may break behind a comma.
func (p *parser) throws() (types []*Type) {
	if p.at('(') {
		p.fail("write throws NotFound, Denied", "the errors of a method do not stand in parentheses")
	}
	for !p.lost {
		if !p.at(word) {
			p.expected("", "the name of an error")
			break
		}
		types = append(types, p.parseType(0))
		if !p.got(',') {
			break
		}
		p.skipLines()
	}
	return types
}

// list takes parameters or results in parentheses. It may break behind the first parenthesis and behind commas.
func (p *parser) list(what string, parens *Parens) (fields []*Field) {
	parens.Open = p.token().pos
	if !p.got('(') {
		parens.Open = NoPos
		p.expected("", `"("`)
		return nil
	}
	p.parens = 1
	p.skipLines()
	for !p.lost && !p.at(')') {
		if f := p.group(what); f != nil {
			fields = append(fields, f)
		}
		if !p.listGoesOn(what) {
			break
		}
	}
	parens.Close = p.token().pos
	if p.got(')') {
		p.parens = 0
	} else {
		parens.Close = NoPos
		p.expected(p.groupHint(fields), `"," or ")" behind the `+what)
	}
	return fields
}

// listGoesOn takes the comma behind an element of a list. One that is missing at the end of a line is reported.
func (p *parser) listGoesOn(what string) bool {
	if !p.lost && p.at(newline) && (p.peek(1).kind == ')' || p.peek(1).kind == word && !p.itemFollows(1)) {
		p.complain(`put a "," at the end of the line`, "a list breaks only behind a comma")
		p.advance()
		return true
	}
	if p.got(',') {
		p.skipLines()
		return true
	}
	return false
}

// group takes names that share a type.
func (p *parser) group(what string) *Field {
	f := &Field{}
	f.Doc, f.Annotations = p.lead()
	for {
		name := p.ident("the name of a " + what + ` or ")"`)
		if name == nil {
			break
		}
		f.Names = append(f.Names, name)
		if !p.at(',') || !p.nameBehindComma() {
			break
		}
		p.advance()
		p.skipLines()
	}
	if len(f.Names) == 0 {
		return nil
	}
	f.Type = p.fieldType(what, f.Names)
	return f
}

// nameBehindComma reports whether another name follows the comma: else the group has no type.
func (p *parser) nameBehindComma() bool {
	return p.peek(1).kind == word || p.peek(1).kind == newline && p.peek(2).kind == word
}
