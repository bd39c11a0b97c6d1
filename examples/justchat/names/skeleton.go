package names

import (
	_ "embed"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/width"
)

// Skeleton is the same for names that are taken for each other: whatever their case, and
// by Unicode's confusables (UTS #39, version 15), but for a few dozen letters whose two forms look like
// different ones: they are taken for what the better likeness of the two is. It is for comparing, not for showing: I and
// l and 1 are one, and so are m and rn. The skeleton of a skeleton is itself. It has no blanks at its ends; it may be
// empty for what [Check] refuses, and a few times as long as the name.
func Skeleton(name string) string {
	var b strings.Builder
	for _, c := range Fold(name) {
		switch {
		case ignorable(c):
		case unicode.IsSpace(c):
			b.WriteByte(' ')
		default:
			if look := skeletons.of(c); look != "" {
				b.WriteString(look)
			} else {
				b.WriteRune(c)
			}
		}
	}
	return strings.Join(strings.Fields(norm.NFD.String(b.String())), " ")
}

// Fold returns text without what tells upper case from lower, wide characters from narrow ones,
// and composed from decomposed ones. It is for comparing, and for searching.
func Fold(text string) string {
	text = norm.NFD.String(width.Fold.String(strings.ToValidUTF8(text, "\ufffd")))
	return norm.NFD.String(cases.Fold().String(strings.Map(cherokee, text)))
}

// cherokee makes small letters of Cherokee large. Alone of all scripts it folds to the
// large ones, and cases.Fold exchanges the two.
func cherokee(c rune) rune {
	if unicode.Is(unicode.Cherokee, c) {
		return unicode.ToUpper(c)
	}
	return c
}

//go:embed skeletons.bin
var table string

// skeletons says what looks like what. Command maketable makes it, big-endian:
//
//	n, 2 bytes | n rows: character 3 bytes, place of the text 2 bytes | texts: length 1 byte, UTF-8
//
// The rows stand in the order of their characters, which are folded and decomposed, and so
// are the texts.
var skeletons = lookTable(table)

type lookTable string

const rowSize = 5

// of returns what c looks like, or nothing if it looks like itself alone.
func (t lookTable) of(c rune) string {
	n := int(t[0])<<8 | int(t[1])
	rows, texts := t[2:2+n*rowSize], t[2+n*rowSize:]
	for low, high := 0, n; low < high; {
		middle := (low + high) / 2
		row := rows[middle*rowSize:][:rowSize]
		switch key := rune(row[0])<<16 | rune(row[1])<<8 | rune(row[2]); {
		case key < c:
			low = middle + 1
		case key > c:
			high = middle
		default:
			text := texts[int(row[3])<<8|int(row[4]):]
			return string(text[1 : 1+text[0]])
		}
	}
	return ""
}
