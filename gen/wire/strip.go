package wire

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// stripWidth is how wide a row of boxes may be, in characters.
const stripWidth = 78

// A cell is one box of a message: its name over its bytes in hexadecimal, or over its type.
type cell struct {
	name, value string
	size        int // in bytes, -1 if it varies
}

// strip draws cells as boxes in one row, or in several where they are too wide, each under its offset:
//
//	0        2      3
//	+--------+------+-- …
//	| length | kind |
//	| uint16 | 02   |
//	+--------+------+-- …
func strip(cells []cell) string {
	var drawn strings.Builder
	for offset := 0; len(cells) > 0; {
		n, width := 0, 1
		for n < len(cells) && (n == 0 || width+cells[n].width()+3 <= stripWidth) {
			width += cells[n].width() + 3
			n++
		}
		offset = row(&drawn, cells[:n], offset)
		cells = cells[n:]
	}
	return drawn.String()
}

// row draws one row of boxes of which the first is at offset, -1 if that varies, and returns the offset behind it.
func row(drawn *strings.Builder, cells []cell, offset int) int {
	var offsets, line, names, values strings.Builder
	for _, c := range cells {
		at := ""
		if offset >= 0 {
			at = strconv.Itoa(offset)
		}
		width := c.width() + 3
		fmt.Fprintf(&offsets, "%-*s", width, at)
		line.WriteString("+" + strings.Repeat("-", width-1))
		fmt.Fprintf(&names, "| %-*s ", width-3, c.name)
		fmt.Fprintf(&values, "| %-*s ", width-3, c.value)
		if offset >= 0 && c.size >= 0 {
			offset += c.size
		} else {
			offset = -1
		}
	}
	fmt.Fprintf(drawn, "%s\n%s+\n%s|\n%s|\n%s+\n", strings.TrimRight(offsets.String(), " "), &line, &names, &values, &line)
	return offset
}

func (c cell) width() int {
	return max(utf8.RuneCountInString(c.name), utf8.RuneCountInString(c.value))
}
