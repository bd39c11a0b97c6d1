package lsp

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/parley-rpc/parley/idl/syntax"
)

// An encoding says what a position's Character counts.
type encoding string

const (
	encodingUTF16 encoding = "utf-16" // what every client knows
	encodingUTF8  encoding = "utf-8"  // bytes; taken if the client offers it
)

// A text is a document's, with the places where its lines begin. It does not change.
type text struct {
	raw   string
	lines []int // a byte order mark belongs to no line: editors do not count it
}

const byteOrderMark = "\ufeff"

// newText finds the lines of raw, which end as the protocol says: with \n, \r\n or \r.
func newText(raw string) *text {
	t := &text{raw: raw, lines: []int{0}}
	if strings.HasPrefix(raw, byteOrderMark) {
		t.lines[0] = len(byteOrderMark)
	}
	for i := range len(raw) {
		if raw[i] == '\n' || raw[i] == '\r' && !strings.HasPrefix(raw[i:], "\r\n") {
			t.lines = append(t.lines, i+1)
		}
	}
	return t
}

// source returns what the language reads. A lone \r ends a line for editors, so it does here; offsets stay the same.
func (t *text) source() []byte {
	source := []byte(t.raw)
	for i := range source {
		if source[i] == '\r' && (i+1 == len(source) || source[i+1] != '\n') {
			source[i] = '\n'
		}
	}
	return source
}

// position returns the position of the byte at offset. Beyond the end it is that of the end.
func (t *text) position(offset int, enc encoding) Position {
	offset = min(max(offset, t.lines[0]), len(t.raw))
	line := sort.SearchInts(t.lines, offset+1) - 1
	return Position{Line: line, Character: units(t.raw[t.lines[line]:offset], enc)}
}

// offset returns the offset of a position. One beyond the end of its line stands for the end of that, one beyond the
// last line for the end of the text, as the protocol wants it.
func (t *text) offset(p Position, enc encoding) int {
	if p.Line < 0 {
		return t.lines[0]
	}
	if p.Line >= len(t.lines) {
		return len(t.raw)
	}
	start := t.lines[p.Line]
	return start + byteOffset(t.line(p.Line), p.Character, enc)
}

// line returns a line without what ends it.
func (t *text) line(n int) string {
	end := len(t.raw)
	if n+1 < len(t.lines) {
		end = t.lines[n+1]
	}
	return strings.TrimRight(t.raw[t.lines[n]:end], "\r\n")
}

// rangeOf returns the range from start up to end.
func (t *text) rangeOf(start, end syntax.Pos, enc encoding) Range {
	return Range{t.position(int(start), enc), t.position(int(end), enc)}
}

// units returns how long s is to the client.
func units(s string, enc encoding) int {
	if enc == encodingUTF8 {
		return len(s)
	}
	n := 0
	for _, r := range s {
		n += width(r)
	}
	return n
}

// width returns how many units of UTF-16 r takes.
func width(r rune) int {
	if r > 0xffff {
		return 2
	}
	return 1
}

// byteOffset returns how many bytes of line come before the given unit. A place inside of a character is its beginning.
func byteOffset(line string, unit int, enc encoding) int {
	for i, r := range line {
		size := width(r)
		if enc == encodingUTF8 {
			_, size = utf8.DecodeRuneInString(line[i:]) // 1 for a byte that is no UTF-8
		}
		if unit < size {
			return i
		}
		unit -= size
	}
	return len(line)
}
