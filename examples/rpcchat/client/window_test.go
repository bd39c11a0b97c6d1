//go:build unix

package client

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// window is a terminal that shows what is written to it: enough of one to see
// what a person would see. It wraps at its width as terminals do, when
// the next character comes.
type window struct {
	mutex    sync.Mutex
	width    int
	rows     [][]rune
	row, col int
	pending  string // a sequence that has not come whole
	changed  chan struct{}
}

func newWindow(width int) *window {
	return &window{width: width, rows: [][]rune{nil}, changed: make(chan struct{}, 1)}
}

func (s *window) Write(p []byte) (int, error) {
	s.mutex.Lock()
	text := s.pending + string(p)
	for text != "" {
		rest, whole := s.draw(text)
		if !whole {
			break
		}
		text = rest
	}
	s.pending = text
	s.mutex.Unlock()
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return len(p), nil
}

// draw draws what text begins with.
func (s *window) draw(text string) (rest string, whole bool) {
	if text[0] == '\x1b' {
		end := strings.IndexAny(text, "ABCDKhl")
		if end < 0 {
			return text, false
		}
		s.obey(text[end], text[2:end])
		return text[end+1:], true
	}
	if !utf8.FullRuneInString(text) {
		return text, false
	}
	r, size := utf8.DecodeRuneInString(text)
	switch r {
	case '\r':
		s.col = 0
	case '\n':
		s.move(s.row+1, s.col)
	default:
		if s.col == s.width {
			s.move(s.row+1, 0)
		}
		s.put(r)
	}
	return text[size:], true
}

// obey does one of the sequences that move the cursor or clear.
func (s *window) obey(command byte, parameter string) {
	n, err := strconv.Atoi(parameter)
	if err != nil {
		n = 1
	}
	switch command {
	case 'A':
		s.move(s.row-n, s.col)
	case 'B':
		s.move(s.row+n, s.col)
	case 'C':
		s.move(s.row, s.col+n)
	case 'D':
		s.move(s.row, min(s.col, s.width-1)-n)
	case 'K':
		s.rows[s.row] = s.rows[s.row][:min(s.col, len(s.rows[s.row]))]
	}
}

func (s *window) move(row, col int) {
	s.row, s.col = max(row, 0), max(col, 0)
	for s.row >= len(s.rows) {
		s.rows = append(s.rows, nil)
	}
}

func (s *window) put(r rune) {
	for len(s.rows[s.row]) <= s.col {
		s.rows[s.row] = append(s.rows[s.row], ' ')
	}
	s.rows[s.row][s.col] = r
	s.col++
	if unicode.Is(unicode.Han, r) { // two columns; nothing is shown of the second
		s.rows[s.row] = append(s.rows[s.row][:s.col], secondHalf)
		s.col++
	}
}

const secondHalf = -1

// String returns the rows that have been used, without blanks at their ends.
func (s *window) String() string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	var lines []string
	for _, row := range s.rows {
		shown := slices.DeleteFunc(slices.Clone(row), func(r rune) bool { return r == secondHalf })
		lines = append(lines, strings.TrimRight(string(shown), " "))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}
