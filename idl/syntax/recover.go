package syntax

import "slices"

// Keywords are the words that open a declaration. They must not be changed.
var Keywords = []string{"const", "enum", "struct", "union", "error", "service"}

// isKeyword reports whether text opens a declaration.
func isKeyword(text string) bool { return slices.Contains(Keywords, text) }

// declares reports whether a declaration begins n tokens from here: a keyword, a name, and what may follow these.
func (p *parser) declares(n int) bool {
	if p.peek(n).kind != word || !isKeyword(p.textOf(p.peek(n))) || p.peek(n+1).kind != word {
		return false
	}
	switch p.peek(n + 2).kind {
	case '{', '=', stringToken:
		return true
	}
	return false
}

// outside reports whether a declaration begins n tokens from here that does not look as if it were meant
// to stand inside another: it is not indented.
func (p *parser) outside(n int) bool {
	return (p.declares(n) || p.peek(n).kind == '@') && p.file.Position(p.peek(n).pos).Column == 1
}

// endItem takes what ends an item: a line break or a semicolon, or nothing in front of a brace or the end of the file.
// If something else stands there it is reported, with hint if the item has one, and skipped.
func (p *parser) endItem(what string, hint func() string) {
	switch {
	case p.lost:
	case p.at('}'), p.at(endOfFile):
		return
	case p.got(';'):
		p.skipLines()
		return
	case p.got(newline):
		return
	case p.at(','):
		p.complain(`items end at the end of the line, or with ";"`, `unexpected "," behind %s`, what)
		p.advance()
		p.skipLines()
		return
	default:
		p.fail(hint(), "unexpected %s behind %s", p.describe(p.token()), what)
	}
	p.recover()
}

// recover skips the rest of the item in which the parser got lost, with all that its braces and parentheses hold.
func (p *parser) recover() {
	parens, braces := p.parens, 0
	p.lost, p.parens = false, 0
	for !p.at(endOfFile) {
		switch p.token().kind {
		case '(':
			parens++
		case ')':
			parens--
		case '{':
			braces++
		case '}':
			if braces == 0 {
				return
			}
			braces--
		case ';':
			if braces == 0 && parens <= 0 {
				p.advance()
				p.skipLines()
				return
			}
		case newline:
			if p.outside(1) || braces == 0 && (parens <= 0 || p.itemFollows(1)) {
				p.advance()
				return
			}
		}
		p.advance()
	}
}

// itemFollows reports whether what stands n tokens from here opens an item, even within parentheses that are not closed.
func (p *parser) itemFollows(n int) bool {
	t := p.peek(n)
	switch {
	case t.kind == '}', t.kind == '@', t.kind == endOfFile:
		return true
	case t.kind == intToken:
		return p.peek(n+1).kind == ':'
	}
	return p.declares(n)
}

// resumeAt goes on at the next token of that kind, if it stands on this line.
func (p *parser) resumeAt(kind tokenKind) {
	for n := 0; ; n++ {
		switch p.peek(n).kind {
		case kind:
			p.next += n
			p.lost = false
			return
		case newline, endOfFile, '}', ';':
			return
		}
	}
}

// recoverFile skips to the next declaration or import behind the token number start, where the parser got lost.
func (p *parser) recoverFile(start int) {
	p.lost, p.parens = false, 0
	for braces := 0; !p.at(endOfFile); p.advance() {
		switch p.token().kind {
		case '{':
			braces++
		case '}':
			braces--
		}
		lineBegins := p.next > 0 && p.tokens[p.next-1].kind == newline
		if p.next > start && lineBegins && (p.outside(0) || braces <= 0 && p.resembles()) {
			return
		}
	}
}

// resembles reports whether a declaration or an import begins here, or what looks as if it were meant for one:
// two words that are not indented, or a keyword of another language.
func (p *parser) resembles() bool {
	if p.declares(0) || p.at('@') || p.imports() {
		return true
	}
	if !p.at(word) || p.file.Position(p.token().pos).Column > 1 {
		return false
	}
	_, foreign := foreignKeywords[p.textOf(p.token())]
	return foreign || p.peek(1).kind == word
}

// imports reports whether an import begins here.
func (p *parser) imports() bool {
	kind := p.peek(1).kind
	return p.atWord("import") && (kind == stringToken || kind == word || kind == '(')
}
