package names

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	escape = '\x1b'
	bell   = '\a'
	cancel = '\x18'
	substi = '\x1a' // as cancel, ends a sequence
	joiner = '\u200d'
	parter = '\u200c'
)

// Printable returns text without what would do something to a terminal: controls, escape sequences as a
// whole, bidi controls and what else cannot be seen; of invalid UTF-8 it leaves U+FFFD. Lines end with \n, whatever
// they ended with, if lines are allowed, else in a blank. A tab is a blank. Printable of what it
// returned is the same.
func Printable(text string, lines bool) string {
	if plain(text, lines) {
		return text
	}
	p := printer{rest: text, end: ' '}
	if lines {
		p.end = '\n'
	}
	p.out.Grow(len(text))
	for p.rest != "" {
		p.next()
	}
	return p.out.String()
}

// plain is for most texts.
func plain(text string, lines bool) bool {
	for i := range len(text) {
		if c := text[i]; (c < ' ' || c > '~') && !(c == '\n' && lines) {
			return false
		}
	}
	return true
}

// A printer takes characters from rest and writes to out what may be shown.
type printer struct {
	rest string
	out  strings.Builder
	last rune // that was written
	end  rune // of a line
}

// take takes one character from rest. It is 0 at the end.
func (p *printer) take() rune {
	c, size := utf8.DecodeRuneInString(p.rest)
	if size == 0 {
		return 0
	}
	p.rest = p.rest[size:]
	return c
}

// peek returns what take would. It is 0 at the end.
func (p *printer) peek() rune {
	if p.rest == "" {
		return 0
	}
	c, _ := utf8.DecodeRuneInString(p.rest)
	return c
}

func (p *printer) write(c rune) {
	p.out.WriteRune(c)
	p.last = c
}

// next takes a character, or a sequence that it begins.
func (p *printer) next() {
	switch c := p.take(); {
	case c == '\r':
		if p.peek() == '\n' {
			p.take()
		}
		p.write(p.end)
	case endsLine(c):
		p.write(p.end)
	case c == '\t':
		p.write(' ')
	case c == escape:
		p.skipEscape()
	case c == 0x9b: // the same in one character
		p.skipControl()
	case c == 0x90 || c == 0x98 || c == 0x9d || c == 0x9e || c == 0x9f:
		p.skipString()
	case unicode.IsControl(c):
	case c == joiner || c == parter: // scripts and pictures need them; elsewhere they hide
		if p.last >= 0x80 && !ignorable(p.last) {
			p.write(c)
		}
	case hidden(c):
	default:
		p.write(c)
	}
}

func endsLine(c rune) bool {
	return '\n' <= c && c <= '\r' || c == 0x85 || c == '\u2028' || c == '\u2029'
}

// hidden reports whether c is a format character, of bidi or others, that shows nothing itself.
func hidden(c rune) bool {
	return c == '\u034f' || unicode.Is(unicode.Cf, c) && !unicode.Is(unicode.Prepended_Concatenation_Mark, c)
}

// skipEscape skips what follows an escape (ECMA-48): [ and a control sequence, one of ]PX^_ and a
// string, or any characters of ' ' to '/' and one more.
func (p *printer) skipEscape() {
	switch c := p.peek(); {
	case c == '[':
		p.take()
		p.skipControl()
	case c != 0 && strings.ContainsRune("]PX^_", c):
		p.take()
		p.skipString()
	default:
		p.skipWhile(' ', '/')
		if c := p.peek(); '0' <= c && c <= '~' {
			p.take()
		}
	}
}

// skipControl skips the rest of a control sequence: parameters, intermediates and the
// final character. What does not belong there ends it, and stays.
func (p *printer) skipControl() {
	p.skipWhile('0', '?')
	p.skipWhile(' ', '/')
	if c := p.peek(); '@' <= c && c <= '~' {
		p.take()
	}
}

// skipString skips the rest of a control string: up to its terminator, to what breaks it off, or to the end of
// the line, since a terminal would wait for the terminator.
func (p *printer) skipString() {
	for p.rest != "" {
		switch c := p.peek(); {
		case c == bell, c == cancel, c == substi, c == 0x9c:
			p.take()
			return
		case c == escape:
			if strings.HasPrefix(p.rest, "\x1b\\") {
				p.take()
				p.take()
			}
			return // else another sequence begins here
		case endsLine(c):
			return
		default:
			p.take()
		}
	}
}

func (p *printer) skipWhile(low, high rune) {
	for c := p.peek(); low <= c && c <= high; c = p.peek() {
		p.take()
	}
}
