package idl

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/parley-rpc/parley/idl/syntax"
)

// A wordCase is a way to write names.
type wordCase struct {
	name    string
	pattern *regexp.Regexp
}

var (
	camelCase  = &wordCase{"CamelCase", regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)}
	lowerCamel = &wordCase{"lowerCamel", regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)}
)

func (w *wordCase) matches(name string) bool { return w.pattern.MatchString(name) }

// checkCase reports a name that is written otherwise than its kind of thing is.
func (s *source) checkCase(id *syntax.Ident, want *wordCase, what string) {
	if want.matches(id.Name) || !isASCII(id.Name) { // the scanner reports what is not ASCII
		return
	}
	hint := ""
	if fixed := want.fix(id.Name); fixed != "" {
		hint = "write " + fixed
	}
	s.report(id, hint, "name %q of %s is not %s", id.Name, WithArticle(what), want.name)
}

// fix returns name as w has it, or "" if no such name can be made of it.
func (w *wordCase) fix(name string) string {
	var fixed strings.Builder
	for _, word := range strings.FieldsFunc(name, isUnderscore) {
		if word == strings.ToUpper(word) && (word != name || w == lowerCamel) {
			word = strings.ToLower(word) // MAX_NAME
		}
		fixed.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	result := fixed.String()
	if w == lowerCamel {
		result = lowerFirst(result)
	}
	if !w.matches(result) {
		return ""
	}
	return result
}

// lowerFirst makes the first word of a CamelCase name small, an initialism wholly: HTTPServer, httpServer.
func lowerFirst(name string) string {
	n := 0
	for n < len(name) && 'A' <= name[n] && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) {
		n-- // the last capital begins the next word
	}
	return strings.ToLower(name[:n]) + name[n:]
}

func isUnderscore(r rune) bool { return r == '_' }

func isASCII(name string) bool {
	return !strings.ContainsFunc(name, func(r rune) bool { return r > unicode.MaxASCII })
}

// WithArticle puts a or an before a noun of the language, such as Word returns.
func WithArticle(noun string) string {
	if strings.ContainsRune("aeio", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}
