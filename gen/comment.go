package gen

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/parley-rpc/parley/idl"
)

// commentWidth is where the lines of the generator's own comments are broken, in bytes.
const commentWidth = 100

// docOf returns the IDL's comment on a thing, or plain where it has none, and what to use in its place if it is
// deprecated.
func docOf(d idl.Decl, plain string) string {
	c := d.Base()
	doc := strings.TrimSpace(printable(c.Doc))
	if doc == "" {
		doc = plain
	}
	return paragraphs(doc, deprecatedWith(d))
}

// deprecatedWith returns the paragraph that calls a thing deprecated, or "" if it is not.
func deprecatedWith(d idl.Decl) string {
	text := d.Base().Deprecated
	if text == "" {
		return ""
	}
	return "Deprecated: " + sentence(text)
}

// declaredIn is the plain comment on a declaration: FileInfo is a struct of room.parley.
func declaredIn(d idl.Decl, what string) string {
	return goName(d) + " is " + what + " of " + d.Base().File.Name + "."
}

// withArticle returns "a Room" or "an Event".
func withArticle(name string) string {
	if strings.ContainsRune("AEIOU", rune(name[0])) {
		return "an " + name
	}
	return "a " + name
}

// paragraphs puts blank lines between the texts that are not empty.
func paragraphs(texts ...string) string {
	var there []string
	for _, t := range texts {
		if t != "" {
			there = append(there, t)
		}
	}
	return strings.Join(there, "\n\n")
}

// sentence returns text on one line, with a full stop.
func sentence(text string) string {
	text = strings.Join(strings.Fields(printable(text)), " ")
	if text == "" || strings.ContainsAny(text[len(text)-1:], ".!?") {
		return text
	}
	return text + "."
}

// wrapped returns text with its lines broken at commentWidth.
func wrapped(text string) string {
	var all []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && len(line)+1+len(word) > commentWidth {
			all = append(all, line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	return strings.Join(append(all, line), "\n")
}

// printable returns text without what a file of Go cannot hold: control characters and what is not UTF-8.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r == '\uFEFF' || r != '\n' && r != '\t' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
}

// comment returns text as a comment.
func comment(text string) *jen.Statement { return jen.Comment(commentText(text)) }

// directive matches the beginning of a line that the Go tools would take for a directive.
var directive = regexp.MustCompile(`^\s*(\+build|go:[a-z])`)

// commentText returns text as // lines. One that the Go tools would take for a directive begins with a dash.
func commentText(text string) string {
	all := strings.Split(printable(text), "\n")
	for i, line := range all {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		if directive.MatchString(line) {
			line = "- " + strings.TrimSpace(line)
		}
		all[i] = "//"
		if line != "" {
			all[i] += " " + line
		}
	}
	return strings.Join(all, "\n")
}

// documented returns code under a comment, or alone if there is none.
func documented(doc string, code jen.Code) *jen.Statement {
	if doc == "" {
		return jen.Add(code)
	}
	return comment(doc).Line().Add(code)
}
