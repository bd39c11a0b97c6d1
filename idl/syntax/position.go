package syntax

import (
	"fmt"
	"sort"
	"strings"
)

// A Pos is a place in a file: the offset in bytes from its start.
type Pos int

// NoPos is the place of what stands nowhere in the source.
const NoPos Pos = -1

// IsValid reports whether p is a place in a file.
func (p Pos) IsValid() bool { return p >= 0 }

// A Position is a Pos as people read it.
type Position struct {
	File   string // as it was named to the parser
	Line   int    // from 1
	Column int    // from 1, in bytes, as the go command counts
}

// String returns file:line:column.
func (p Position) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Position returns where pos is in f. A Pos beyond the end of f is taken as the end.
func (f *File) Position(pos Pos) Position {
	offset := min(max(int(pos), f.lines[0]), len(f.text))
	line := sort.Search(len(f.lines), func(i int) bool { return f.lines[i] > offset }) // first line that begins after offset
	return Position{File: f.Name, Line: line, Column: offset - f.lines[line-1] + 1}
}

// Line returns the text of a line, counted from 1, without its line end. It is "" where there is no such line.
func (f *File) Line(line int) string {
	if line < 1 || line > len(f.lines) {
		return ""
	}
	start, end := f.lines[line-1], len(f.text)
	if line < len(f.lines) {
		end = f.lines[line]
	}
	return strings.TrimRight(f.text[start:end], "\r\n")
}

// splitLines returns the offset at which each line of text begins. A byte order mark does not belong to the first.
func splitLines(text string) []int {
	var lines []int
	if strings.HasPrefix(text, byteOrderMark) {
		lines = append(lines, len(byteOrderMark))
	} else {
		lines = append(lines, 0)
	}
	for i := range len(text) {
		if text[i] == '\n' {
			lines = append(lines, i+1)
		}
	}
	return lines
}
