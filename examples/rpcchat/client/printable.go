package client

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns text as it may reach a terminal: one line that cannot drive
// it. Line breaks become blanks; control characters, characters that turn the
// direction of writing, and bytes that are not UTF-8 become U+FFFD. Tabs stay.
func Printable(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return r
		case r == '\n', r == '\r', r == '\u2028', r == '\u2029':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return utf8.RuneError
		}
		return r
	}, text)
}
