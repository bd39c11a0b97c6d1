package syntax

// Parse reads a file and returns its tree and all that is wrong with it, sorted, at most one mistake a line.
// The file is never nil. If the list is not empty, the tree holds what could be read: declarations always have a name,
// members a name and a type or number, though these may be a BadType or BadLiteral.
// The name is what diagnostics call the file; it is not opened. The file keeps source, which must not change any more.
func Parse(name string, source []byte) (*File, ErrorList) {
	text := string(source)
	f := &File{Name: name, Source: source, Package: NoPos, text: text, lines: splitLines(text)}
	p := &parser{file: f, reported: map[int]bool{}}
	p.tokens = scan(f, p.report)
	p.parseFile()
	p.errors.Sort()
	return f, p.errors
}

// A parser turns tokens into a tree, by recursive descent. A function that does not find what it needs reports that and
// makes the parser lost: nothing is taken, nothing reported until recover finds a place from which to go on.
type parser struct {
	file   *File
	tokens []token
	next   int  // the token to be taken next
	lost   bool // since a mistake, until recover
	parens int  // how many parentheses are open in this item

	nested   int  // how many declarations this one stands inside, which is a mistake
	unclosed bool // whether the last body ended without a brace

	errors   ErrorList
	reported map[int]bool // lines with a mistake: what else is wrong there is mostly its consequence
}

// report adds a mistake, unless its line has one.
func (p *parser) report(pos, end Pos, hint, format string, args ...any) {
	line := p.file.Position(pos).Line
	if p.reported[line] {
		return
	}
	p.reported[line] = true
	p.errors = append(p.errors, p.file.Diagnose(pos, end, hint, format, args...))
}

// complain reports a mistake at the next token, from which the parser knows how to go on.
func (p *parser) complain(hint, format string, args ...any) {
	if !p.lost {
		p.report(p.token().pos, p.token().end, hint, format, args...)
	}
}

// fail reports a mistake at the next token. Then the parser is lost.
func (p *parser) fail(hint, format string, args ...any) {
	p.complain(hint, format, args...)
	p.lost = true
}

// expected reports that the next token is not what should stand there.
func (p *parser) expected(hint, what string) {
	switch {
	case hint != "":
	case p.at('\''), p.at('`'):
		hint = `a string stands between "`
	case p.at(';'):
		hint = `a ";" stands only behind what it ends`
	}
	p.fail(hint, "expected %s, found %s", what, p.describe(p.token()))
}

// peek returns the nth token from the next on.
func (p *parser) peek(n int) token { return p.tokens[min(p.next+n, len(p.tokens)-1)] }

func (p *parser) token() token            { return p.peek(0) }
func (p *parser) textOf(t token) string   { return p.file.text[t.pos:t.end] }
func (p *parser) at(kind tokenKind) bool  { return p.token().kind == kind }
func (p *parser) atWord(text string) bool { return p.isWord(0, text) }

func (p *parser) isWord(n int, text string) bool {
	t := p.peek(n)
	return t.kind == word && p.textOf(t) == text
}

// advance takes the next token.
func (p *parser) advance() token {
	t := p.token()
	if t.kind != endOfFile {
		p.next++
	}
	return t
}

// got takes the next token if it is of that kind.
func (p *parser) got(kind tokenKind) bool {
	if p.lost || !p.at(kind) {
		return false
	}
	p.advance()
	return true
}

// lastEnd returns where the last token that was taken ends.
func (p *parser) lastEnd() Pos {
	if p.next == 0 {
		return 0
	}
	return p.tokens[p.next-1].end
}

// skipLines takes the end of a line where one is allowed.
func (p *parser) skipLines() { p.got(newline) }

// ident takes a name, or returns nil.
func (p *parser) ident(what string) *Ident {
	if !p.lost && p.at(word) {
		t := p.advance()
		return &Ident{NamePos: t.pos, Name: p.textOf(t)}
	}
	p.expected("", what)
	return nil
}

// literal takes a literal of one of the kinds. If there is none, it returns a BadLiteral.
func (p *parser) literal(hint, what string, kinds ...LiteralKind) *Literal {
	t := p.token()
	for _, kind := range kinds {
		if !p.lost && t.kind == tokenOf[kind] {
			p.advance()
			return &Literal{ValuePos: t.pos, Kind: kind, Text: p.textOf(t)}
		}
	}
	p.expected(hint, what)
	return &Literal{ValuePos: p.lastEnd(), Kind: BadLiteral}
}

var tokenOf = map[LiteralKind]tokenKind{Int: intToken, Float: floatToken, String: stringToken, Duration: timeToken, Word: word}

// natural takes an integer without a sign.
func (p *parser) natural(hint, what string) *Literal {
	lit := p.literal(hint, what, Int)
	if lit.Kind == Int && lit.Text[0] == '-' {
		p.report(lit.Pos(), lit.End(), "", "%s is not negative", what)
	}
	return lit
}

// lead takes the annotations in front of something and finds its doc comment: the lines straight above the first
// annotation, or if there are none, above a later one or the thing itself.
func (p *parser) lead() (doc *CommentGroup, annotations []*Annotation) {
	doc = p.token().doc
	for !p.lost && p.at('@') {
		annotations = append(annotations, p.annotation())
		p.skipLines()
		if doc == nil {
			doc = p.token().doc
		}
	}
	if len(annotations) > 0 && !p.lost && !p.at(word) && !p.at(intToken) {
		last := annotations[len(annotations)-1]
		p.report(last.At, last.Close, "an annotation stands before what it annotates", "the annotation stands before nothing")
		p.lost = true
	}
	return doc, annotations
}

func (p *parser) annotation() *Annotation {
	a := &Annotation{At: p.advance().pos}
	if a.Name = p.ident("the name of an annotation"); a.Name == nil {
		a.Name = &Ident{NamePos: p.lastEnd()}
	}
	if p.got('(') {
		a.Argument = p.literal("write @"+a.Name.Name+" without parentheses if it has no argument",
			"an argument", Int, Float, String, Duration, Word)
		p.closeArgument()
	}
	a.Close = p.lastEnd()
	return a
}

func (p *parser) closeArgument() {
	if p.at(',') {
		p.fail("", "an annotation has one argument at most")
	}
	if !p.got(')') {
		p.expected("", `")"`)
	}
}
