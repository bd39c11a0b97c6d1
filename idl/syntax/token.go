package syntax

import "unicode/utf8"

// A tokenKind says what a token is: a punctuation mark stands for itself.
type tokenKind rune

const (
	endOfFile   tokenKind = -(iota + 1)
	newline               // one line break or more
	word                  // a name or a keyword
	intToken              // 42, 0x2a, -7
	floatToken            // 1.5
	timeToken             // 2s, 1m30s
	stringToken           // "text", quotes included; the closing one may be missing
)

// A token is a word of the language, or the end of a line. Comments are none: they stand in the File.
type token struct {
	kind     tokenKind
	pos, end Pos
	doc      *CommentGroup // straight above, if the token is the first of its line
}

// describe returns what t is to a person.
func (p *parser) describe(t token) string {
	switch t.kind {
	case endOfFile:
		return "the end of the file"
	case newline:
		return "the end of the line"
	case stringToken:
		return "a string"
	}
	return `"` + shorten(p.textOf(t)) + `"`
}

// shorten cuts what is too long for a message.
func shorten(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
