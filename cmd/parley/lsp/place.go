package lsp

import (
	"regexp"
	"strings"
)

// A place is where the cursor stands, read off the text in front of it alone: what is typed is broken until it is done.
type place struct {
	keyword, name string // of the declaration whose body the cursor is in, or "" outside of all
	item          string // from the beginning of the item up to the word at the cursor; strings and comments are blank
	word          string // the letters and digits in front of the cursor
	literal       string // what stands between an open quote and the cursor
	inString      bool
	inComment     bool
}

// opener matches the line that begins a declaration.
var opener = regexp.MustCompile(`^\s*(?:@\S+\s+)*(const|enum|struct|union|error|service)\s+(\w+)`)

// placeAt returns the place at offset of source.
func placeAt(source string, offset int) place {
	var p place
	var s bodies
	for line := range strings.Lines(source[:offset]) {
		code := p.blank(strings.TrimRight(line, "\r\n"))
		s.line(code)
	}
	if strings.HasSuffix(source[:offset], "\n") {
		p.inString, p.inComment = false, false
		s.line("")
	}
	if s.depth > 0 {
		p.keyword, p.name = s.keyword, s.name
	}
	p.item = strings.TrimRightFunc(s.item, isWord)
	p.word = s.item[len(p.item):]
	return p
}

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r|0x20 && r|0x20 <= 'z' && r < 0x80
}

// blank returns line with its strings as "" and without its comment, and notes how it ends.
func (p *place) blank(line string) string {
	p.inString, p.inComment = false, false
	var code strings.Builder
	for i := 0; i < len(line); i++ {
		switch {
		case p.inString && line[i] == '\\':
			i++
		case line[i] == '"':
			p.inString = !p.inString
			p.literal = line[i+1:]
			code.WriteByte('"')
		case p.inString:
		case strings.HasPrefix(line[i:], "//"):
			p.inComment = true
			return code.String()
		default:
			code.WriteByte(line[i])
		}
	}
	return code.String()
}

// bodies follow the braces and parentheses of a text, line by line.
type bodies struct {
	keyword, name string // of the last declaration that began
	depth, parens int
	item          string
}

// line takes a line. A declaration at its beginning ends all that was left open.
func (b *bodies) line(code string) {
	goesOn := b.parens > 0 || strings.HasSuffix(strings.TrimRight(b.item, " \t"), ",")
	if m := opener.FindStringSubmatch(code); m != nil && (b.depth == 0 || code[0] != ' ' && code[0] != '\t') {
		*b = bodies{keyword: m[1], name: m[2]}
		goesOn = false
	}
	if !goesOn {
		b.item, b.parens = "", 0
	} else {
		b.item += " "
	}
	start := 0
	for i := range len(code) {
		switch code[i] {
		case '{':
			b.depth++
		case '}':
			b.depth = max(b.depth-1, 0)
		case '(':
			b.parens++
		case ')':
			b.parens = max(b.parens-1, 0)
		}
		if strings.IndexByte("{};", code[i]) >= 0 {
			b.item, b.parens, start = "", 0, i+1
		}
	}
	b.item += code[start:]
}
