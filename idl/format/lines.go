package format

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A line is one line of the canonical form.
type line struct {
	blank   bool // whether a blank line precedes it
	indent  int
	cells   [][]byte // what stands in columns; none in a line that is a comment only
	comment string   // behind the cells
}

// join lays lines out and returns their text.
func join(lines []*line) []byte {
	var b bytes.Buffer
	for len(lines) > 0 {
		n := 1
		for n < len(lines) && lines[n].continues(lines[0]) {
			n++
		}
		writeColumns(&b, lines[:n])
		lines = lines[n:]
	}
	return b.Bytes()
}

// continues reports whether l stands in the columns of the line first, if all lines between do.
func (l *line) continues(first *line) bool {
	return !l.blank && l.indent == first.indent && len(l.cells) == len(first.cells) && len(l.cells) > 0
}

// writeColumns writes lines that have the same number of cells.
func writeColumns(b *bytes.Buffer, lines []*line) {
	widths := make([]int, len(lines[0].cells))
	code := 0 // the width of the widest code that a comment stands behind
	for _, l := range lines {
		for i, cell := range l.cells {
			widths[i] = max(widths[i], utf8.RuneCount(cell))
		}
	}
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.code(widths)
		if l.comment != "" {
			code = max(code, utf8.RuneCountInString(texts[i]))
		}
	}
	for i, l := range lines {
		if l.blank {
			b.WriteByte('\n')
		}
		b.WriteString(strings.Repeat("\t", l.indent))
		b.WriteString(texts[i])
		if l.comment != "" && len(l.cells) > 0 {
			b.WriteString(strings.Repeat(" ", code-utf8.RuneCountInString(texts[i])+1))
		}
		b.WriteString(l.comment)
		b.WriteByte('\n')
	}
}

// code returns the cells of l, each but the last as wide as its column.
func (l *line) code(widths []int) string {
	var b strings.Builder
	for i, cell := range l.cells {
		b.Write(cell)
		if i < len(l.cells)-1 {
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCount(cell)+1))
		}
	}
	return b.String()
}
