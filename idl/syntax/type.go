package syntax

// maxDepth is how many of ?, [], map and stream may stand around each other.
const maxDepth = 32

// parseType takes a type that stands inside depth others.
func (p *parser) parseType(depth int) *Type {
	t := &Type{Start: p.token().pos, Kind: BadType}
	switch {
	case p.lost:
	case depth > maxDepth:
		p.fail("declare a struct in between", "types nest %d deep at most", maxDepth)
	case p.at('?'):
		p.optional(t, depth)
	case p.at('['):
		p.listType(t, depth)
	case p.at('*'):
		p.complain("an optional value is ?T", "there are no pointers")
		p.optional(t, depth)
	case p.atWord("map") && p.peek(1).kind == '[':
		p.mapType(t, depth)
	case p.atWord("stream") && p.typeBegins(1):
		p.streamType(t, depth)
	case p.at(word):
		p.namedType(t)
	default:
		p.expected(p.typeHint(), "a type")
	}
	t.Close = max(t.Start, p.lastEnd())
	return t
}

// typeBegins reports whether a type begins n tokens from here.
func (p *parser) typeBegins(n int) bool {
	switch p.peek(n).kind {
	case word, '[', '?', '*':
		return true
	}
	return false
}

func (p *parser) optional(t *Type, depth int) {
	p.advance()
	if p.at('?') {
		p.complain("write one", "a second ? says nothing more")
	}
	t.Kind, t.Elem = Optional, p.parseType(depth+1)
}

// listType takes []Elem. A length between the brackets, as Go's arrays have it, is reported.
func (p *parser) listType(t *Type, depth int) {
	p.advance()
	if p.at(intToken) {
		p.complain("write []T", "lists have no fixed length")
		p.advance()
	}
	if !p.got(']') {
		p.expected("a list is []T, a map map[K]V", `"]"`)
	}
	t.Kind, t.Elem = List, p.parseType(depth+1)
}

func (p *parser) mapType(t *Type, depth int) {
	p.advance()
	p.advance()
	t.Kind, t.Key = Map, p.parseType(depth+1)
	if !p.got(']') {
		p.expected("a map is map[K]V", `"]" behind the map's key`)
	}
	t.Elem = p.parseType(depth + 1)
}

func (p *parser) streamType(t *Type, depth int) {
	if p.parens == 0 {
		p.complain("", "only a parameter or a result is a stream")
	} else if depth > 0 {
		p.complain("", "a stream does not stand inside another type")
	}
	p.advance()
	t.Kind, t.Elem = Stream, p.parseType(depth+1)
}

func (p *parser) namedType(t *Type) {
	t.Kind, t.Name = Named, p.ident("")
	if p.got('.') {
		t.Package = t.Name
		if t.Name = p.ident("the name of a type behind the dot"); t.Name == nil {
			t.Kind, t.Package = BadType, nil
		}
	}
}
