package syntax

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const byteOrderMark = "\ufeff"

// A scanner cuts a file into tokens and comments. It never stops at a mistake: it reports it and goes on.
type scanner struct {
	file   *File
	text   string
	offset int
	tokens []token
	report func(pos, end Pos, hint, format string, args ...any)

	line      int  // from 0
	codeBegun bool // whether a token stands on this line already

	above     *CommentGroup // the last group of comments on lines of their own
	aboveLine int           // on which above ends
}

// scan returns the tokens of f, the last of which is endOfFile, and stores f's comments.
func scan(f *File, report func(pos, end Pos, hint, format string, args ...any)) []token {
	s := &scanner{file: f, text: f.text, report: report}
	s.checkCharacters()
	if strings.HasPrefix(s.text, byteOrderMark) {
		s.offset = len(byteOrderMark)
	}
	for s.offset < len(s.text) {
		s.scan()
	}
	s.add(endOfFile, len(s.text))
	return s.tokens
}

// checkCharacters reports what no place of a file may hold, be it in a comment.
func (s *scanner) checkCharacters() {
	for i := 0; i < len(s.text); {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		pos, end := Pos(i), Pos(i+size)
		switch {
		case r == utf8.RuneError && size == 1:
			s.report(pos, end, "a .parley file is UTF-8", "byte 0x%02x is not UTF-8", s.text[i])
		case r == '\r' && strings.HasPrefix(s.text[i:], "\r\n"), r == '\t', r == '\n':
		case unicode.IsControl(r):
			s.report(pos, end, "in a string it is written with a backslash", "control character %U", r)
		case r == '\ufeff' && i > 0:
			s.report(pos, end, "", "a byte order mark stands at the beginning of a file only")
		}
		i += size
	}
}

// scan takes the next token, comment or blank.
func (s *scanner) scan() {
	rest := s.text[s.offset:]
	switch c := rest[0]; {
	case c == '\n':
		s.breakLine()
	case c <= ' ' || c == 0x7f:
		s.offset++ // a blank, or a control character that checkCharacters reports
	case strings.HasPrefix(rest, "//"):
		s.comment()
	case strings.HasPrefix(rest, "/*"):
		s.blockComment()
	case c == '"':
		s.string()
	case isDigit(c), c == '-' && len(rest) > 1 && isDigit(rest[1]):
		s.number()
	case isLetter(c), c >= utf8.RuneSelf:
		s.word()
	default:
		s.add(tokenKind(c), s.offset+1)
	}
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }

// add adds the token that ends at end.
func (s *scanner) add(kind tokenKind, end int) {
	t := token{kind: kind, pos: Pos(s.offset), end: Pos(end)}
	if !s.codeBegun && s.above != nil && s.aboveLine == s.line-1 {
		t.doc = s.above
	}
	s.codeBegun = true
	s.tokens = append(s.tokens, t)
	s.offset = end
}

// breakLine takes a line break. Several that follow each other are one token, which stands behind the last word.
func (s *scanner) breakLine() {
	s.offset++
	s.line++
	s.codeBegun = false
	if n := len(s.tokens); n > 0 && s.tokens[n-1].kind != newline {
		end := s.tokens[n-1].end
		s.tokens = append(s.tokens, token{kind: newline, pos: end, end: end})
	}
}

// restOfLine returns where the line of offset ends, without the line break.
func (s *scanner) restOfLine() int {
	end := len(s.text)
	if i := strings.IndexByte(s.text[s.offset:], '\n'); i >= 0 {
		end = s.offset + i
	}
	if end > s.offset && s.text[end-1] == '\r' {
		end--
	}
	return end
}

func (s *scanner) comment() {
	end := s.restOfLine()
	text := strings.TrimRightFunc(s.text[s.offset:end], unicode.IsSpace)
	c := &Comment{Slash: Pos(s.offset), Text: text}
	s.offset = end
	if !s.codeBegun && s.above != nil && s.aboveLine == s.line-1 {
		s.above.List = append(s.above.List, c)
		s.aboveLine = s.line
		return
	}
	group := &CommentGroup{List: []*Comment{c}, Trailing: s.codeBegun}
	s.file.Comments = append(s.file.Comments, group)
	if !group.Trailing {
		s.above, s.aboveLine = group, s.line
	}
}

// blockComment reports a comment that the language does not have, and skips it.
func (s *scanner) blockComment() {
	start := s.offset
	end := len(s.text)
	if i := strings.Index(s.text[start+2:], "*/"); i >= 0 {
		end = start + 2 + i + 2
	}
	s.report(Pos(start), Pos(end), "begin each line of the comment with //", "there are no comments between /* and */")
	for s.offset < end {
		if s.text[s.offset] == '\n' {
			s.breakLine()
		} else {
			s.offset++
		}
	}
}

// string takes a string up to its closing quote, or to the end of the line.
func (s *scanner) string() {
	end := s.offset + 1
	for ; end < len(s.text) && s.text[end] != '\n'; end++ {
		switch s.text[end] {
		case '"':
			s.checkEscapes(s.offset+1, end)
			s.add(stringToken, end+1)
			return
		case '\\':
			if end+1 < len(s.text) && s.text[end+1] != '\n' {
				end++
			}
		}
	}
	limit := s.offset + len(strings.TrimSuffix(s.text[s.offset:end], "\r"))
	s.report(Pos(s.offset), Pos(limit), `close it with "; a line break in a string is written \n`, "the string is not closed")
	s.add(stringToken, limit)
}

// checkEscapes reports the first wrong backslash between start and end.
func (s *scanner) checkEscapes(start, end int) {
	for rest := s.text[start:end]; rest != ""; {
		_, _, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			pos := end - len(rest)
			s.report(Pos(pos), Pos(pos+2), `a backslash itself is written \\`, "unknown escape in a string")
			return
		}
		rest = tail
	}
}

// The forms of numbers, all that the language has.
var (
	integerForm  = regexp.MustCompile(`^-?(0|[1-9][0-9]*|0x[0-9a-fA-F]+)$`)
	floatForm    = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)
	durationForm = regexp.MustCompile(`^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|ns))+$`)
)

// number takes all that hangs together behind a digit and judges it as a whole.
func (s *scanner) number() {
	text := s.text[s.offset : s.offset+s.numberLength()]
	kind := intToken
	switch {
	case integerForm.MatchString(text):
	case floatForm.MatchString(text):
		kind = floatToken
	case durationForm.MatchString(text):
		kind = timeToken
	default:
		hint := numberHint(text)
		if s.inAnnotation() {
			hint = "durations are written 2s, 1m30s, 250ms"
		}
		s.report(Pos(s.offset), Pos(s.offset+len(text)), hint, "%q is not a number", shorten(text))
	}
	s.add(kind, s.offset+len(text))
}

// inAnnotation reports whether the argument of an annotation begins here.
func (s *scanner) inAnnotation() bool {
	n := len(s.tokens)
	return n >= 3 && s.tokens[n-1].kind == '(' && s.tokens[n-3].kind == '@'
}

func (s *scanner) numberLength() int {
	rest := s.text[s.offset:]
	hex := strings.HasPrefix(strings.TrimPrefix(rest, "-"), "0x")
	n := 1
	for ; n < len(rest); n++ {
		c, before := rest[n], rest[n-1]|0x20
		exponent := (c == '+' || c == '-') && before == 'e' && !hex
		if !isDigit(c) && !isLetter(c) && c != '.' && !exponent {
			break
		}
	}
	return n
}

func numberHint(text string) string {
	digits := strings.TrimLeft(text, "-0")
	switch {
	case strings.Contains(text, "_"):
		return "write it without _"
	case strings.HasPrefix(digits, "X") && integerForm.MatchString("0x"+digits[1:]):
		return "write 0x" + digits[1:]
	case strings.Contains(text, "."):
		return "a number with a point has digits on both sides of it"
	case integerForm.MatchString(digits):
		return "write " + digits + ": integers are decimal, without zeros in front, or begin with 0x"
	}
	return "integers are decimal or begin with 0x"
}

// word takes a name, with the letters that no name may have but that are clearly meant to belong to it.
func (s *scanner) word() {
	end, ascii := s.offset, true
	for end < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[end:])
		if r < utf8.RuneSelf && !isLetter(byte(r)) && !isDigit(byte(r)) {
			break
		}
		if r >= utf8.RuneSelf && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) {
			break
		}
		ascii = ascii && r < utf8.RuneSelf
		end += size
	}
	switch {
	case end == s.offset:
		s.strangeCharacter()
	case !ascii:
		s.report(Pos(s.offset), Pos(end), "", "name %q has more than ASCII letters and digits", shorten(s.text[s.offset:end]))
		fallthrough
	default:
		s.add(word, end)
	}
}

// strangeCharacter skips a character that begins nothing.
func (s *scanner) strangeCharacter() {
	r, size := utf8.DecodeRuneInString(s.text[s.offset:])
	hint := ""
	if strings.ContainsRune("“”„«»", r) {
		hint = `a string stands between "`
	}
	s.report(Pos(s.offset), Pos(s.offset+size), hint, "unexpected character %q", string(r))
	s.offset += size
}
