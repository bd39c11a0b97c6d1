package syntax

// keyword returns the keyword of the declaration that begins here, without taking it. A word that must be meant for one
// is reported and taken as that. If there is none the parser is lost.
func (p *parser) keyword() string {
	t := p.token()
	if p.lost || t.kind != word {
		p.expected("", "a declaration")
		return ""
	}
	text := p.textOf(t)
	if isKeyword(text) {
		return text
	}
	if h, ok := foreignKeywords[text]; ok {
		p.complain(h.hint, "expected a declaration, found %q", text)
		p.lost = h.meant == "" || p.peek(1).kind != word
		return h.meant
	}
	meant := Nearest(text, Keywords)
	if meant == "" || p.peek(1).kind != word {
		p.expected("a declaration begins with const, enum, struct, union, error or service", "a declaration")
		return ""
	}
	p.complain("did you mean "+meant+"?", "unknown keyword %q", shorten(text))
	return meant
}

// foreignKeywords are what other languages begin a declaration with. If they mean the same as a keyword of this language
// the parser goes on with that.
var foreignKeywords = map[string]struct{ meant, hint string }{
	"import":    {"", `write import "path/of/package", with a name in front of the path if it needs another`},
	"package":   {"", "there is one package clause, at the beginning of the file"},
	"namespace": {"", "a file begins with package NAME"},
	"include":   {"", `write import "path/of/package"`},
	"syntax":    {"", "a file begins with package NAME"},
	"option":    {"", "annotations begin with @ and stand before what they annotate"},
	"type":      {"", "write struct Name {, enum Name {, union Name { or service Name = 1 {"},
	"typedef":   {"", "there are no other names for a type"},
	"func":      {"", "methods stand in a service: 0: Name(parameter Type) (result Type)"},
	"rpc":       {"", "methods stand in a service: 0: Name(parameter Type) (result Type)"},
	"var":       {"", "write const Name = VALUE"},
	"message":   {"struct", "a record is a struct"},
	"class":     {"struct", "a record is a struct"},
	"record":    {"struct", "write struct"},
	"interface": {"service", "write service Name = 1 {"},
	"oneof":     {"union", "write union"},
	"exception": {"error", `write error Name "what went wrong"`},
}

// declarationHint says what may be meant by what stands behind a declaration.
func (p *parser) declarationHint(keyword string) string {
	switch {
	case p.declares(0):
		return "each declaration stands on a line of its own"
	case keyword == "const":
		return "a const is one value, without a type"
	}
	return ""
}

// fieldHint says what may be meant by what stands behind a field.
func (p *parser) fieldHint(f *Field) string {
	name := f.Names[0].Name
	switch {
	case p.at('='):
		return "a field has neither a number nor a default"
	case p.at('`'), p.at(stringToken):
		return "a field has no tags"
	case p.at(word) && name == "repeated":
		return "a list is written " + p.textOf(p.token()) + " []" + f.Type.String()
	case p.at(word) && name == "optional":
		return "an optional field is written " + p.textOf(p.token()) + " ?" + f.Type.String()
	case p.at(word) && name == "required":
		return "write " + p.textOf(p.token()) + " " + f.Type.String() + ": every field is there unless its type begins with ?"
	}
	return p.typeHint()
}

// untypedHint says what may be meant by a lone name.
func (p *parser) untypedHint(what, name string) string {
	if isType(name) || isUpper(name[0]) {
		return "it has a name and a type: value " + shorten(name)
	}
	return "the type stands behind the name"
}

// groupHint says what may be meant by what stands behind the last parameter or result.
func (p *parser) groupHint(fields []*Field) string {
	if n := len(fields); n > 0 && p.at(word) {
		if t := fields[n-1].Type; t.Kind == Named && t.Name.Name == "chan" {
			return "write stream " + p.textOf(p.token())
		}
		return "a parameter or result is written name Type"
	}
	return p.typeHint()
}

// methodHint says what may be meant by what stands behind a method.
func (p *parser) methodHint() string {
	switch {
	case p.atWord("returns"):
		return "the results stand behind the parameters: (result Type)"
	case p.at('-'), p.at(':'), p.typeBegins(0):
		return "results stand in parentheses and have names: (result Type)"
	case p.at('{'):
		return "a method has no body"
	}
	return ""
}

// typeHint says how a type is written for which another language's form stands here.
func (p *parser) typeHint() string {
	switch p.token().kind {
	case '<':
		return "a list is []T, a map map[K]V"
	case '.':
		if p.peek(1).kind == '.' {
			return "a list is []T"
		}
	case '-':
		return "a stream is written stream T"
	case '{':
		return "declare a struct of its own"
	case intToken:
		return "a type has no number"
	}
	return ""
}
