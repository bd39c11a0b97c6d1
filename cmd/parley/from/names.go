package from

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	camelName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
	lowerName = regexp.MustCompile(`^[a-z][A-Za-z0-9]*$`)
)

// camel returns name as the language writes types and methods, or "" if its letters do not allow that.
func camel(name string) string {
	var s strings.Builder
	for word := range strings.FieldsFuncSeq(name, isSeparator) {
		s.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if !camelName.MatchString(s.String()) {
		return ""
	}
	return s.String()
}

// lowerCamel returns name as the language writes fields, or "": UserID is userID, user_id is userId.
func lowerCamel(name string) string {
	name = camel(name)
	n := 0
	for n < len(name) && 'A' <= name[n] && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) && 'a' <= name[n] && name[n] <= 'z' && name[n:] != "s" {
		n-- // the last capital begins the next word
	}
	name = strings.ToLower(name[:n]) + name[n:]
	if !lowerName.MatchString(name) {
		return ""
	}
	return name
}

func isSeparator(r rune) bool { return r == '_' || r == '-' }

// fold returns what names have in common that the language or Go cannot tell apart.
func fold(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

// without returns a value's or a case's name without the type's, which Go's names repeat: PresenceAway is Away.
func without(name, typeName string) string {
	for _, rest := range []string{strings.TrimPrefix(name, typeName), strings.TrimSuffix(name, typeName)} {
		if rest = strings.TrimLeft(rest, "_"); rest != name && camelName.MatchString(rest) {
			return rest
		}
	}
	return name
}

// snake returns a CamelCase name in snake_case.
func snake(name string) string {
	var s strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			s.WriteByte('_')
		}
		s.WriteRune(r)
	}
	return strings.ToLower(s.String())
}

// A scope keeps the names in one list apart.
type scope map[string]bool

// unique returns name, with a number if the scope has it, and puts it there.
func (s scope) unique(name string) string {
	free := name
	for n := 2; s[fold(free)]; n++ {
		free = fmt.Sprint(name, n)
	}
	s[fold(free)] = true
	return free
}
