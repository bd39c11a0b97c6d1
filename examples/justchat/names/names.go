// Package names says what may be the name of a user or of a file, which names of users are taken for
// each other, and what of a text may be shown on a terminal.
package names

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Longest is how many characters a name has at most.
const Longest = 32

// marksInARow is how many combining marks may stand on one letter. More climb into other lines.
const marksInARow = 4

// Check returns the name as it is kept, in NFC, or what is wrong with it, in words that follow on a name. A name has 1 to
// [Longest] characters that can be seen, and plain blanks between them. None of them is #, / or like a
// colon, since those mean something where names stand, and marks on a letter are few. The Greek letters ν, υ and
// β do not stand in one word with Latin ones, see [Skeleton].
func Check(name string) (string, error) {
	if len(name) > Longest*3*utf8.UTFMax { // more than NFC makes 32 characters of
		return "", tooLong()
	}
	if !utf8.ValidString(name) {
		return "", errors.New("it is not in UTF-8")
	}
	name = norm.NFC.String(name)
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		return "", errors.New("it is empty")
	case n > Longest:
		return "", tooLong()
	}
	if strings.HasPrefix(name, " ") || strings.HasSuffix(name, " ") {
		return "", errors.New("it has blanks at its ends")
	}
	if err := checkCharacters(name); err != nil {
		return "", err
	}
	if err := checkMarks(name); err != nil {
		return "", err
	}
	for word := range strings.FieldsSeq(name) {
		if err := checkWord(word); err != nil {
			return "", err
		}
	}
	return name, nil
}

func tooLong() error { return fmt.Errorf("it is longer than %d characters", Longest) }

func checkCharacters(name string) error {
	for _, c := range name {
		switch {
		case c == '#' || c == '/':
			return fmt.Errorf("it has a %c in it, which stands in commands", c)
		case c != ' ' && !visible(c):
			return fmt.Errorf("it has a character in it that cannot be seen or is not known, U+%04X", c)
		case !unicode.IsMark(c) && Skeleton(string(c)) == ":":
			return fmt.Errorf("it has a %c in it, which stands behind names", c)
		}
	}
	return nil
}

func checkMarks(name string) error {
	marks := 0
	for i, c := range name {
		if !unicode.IsMark(c) {
			marks = 0
		} else if marks++; i == 0 || marks > marksInARow {
			return errors.New("it has marks in it that stand on nothing, or too many on one letter")
		}
	}
	return nil
}

// checkWord keeps the Greek letters away from Latin ones whose small form looks like another
// Latin letter than the capital: no skeleton can hold them for both.
func checkWord(word string) error {
	latin, twoFaced := false, rune(0)
	for _, c := range norm.NFD.String(word) {
		latin = latin || unicode.Is(unicode.Latin, c)
		if strings.ContainsRune("νυβΝΥΒ", c) {
			twoFaced = c
		}
	}
	if latin && twoFaced != 0 {
		return fmt.Errorf("it has the Greek %c among Latin letters", twoFaced)
	}
	return nil
}

// visible reports whether a terminal shows something for c, other than a blank.
func visible(c rune) bool {
	switch c {
	case '\u2800', '\ufffc', '\ufffd', '\U0001d159': // no dots, no object, no character, no note head
		return false
	}
	return unicode.IsGraphic(c) && !unicode.Is(unicode.Zs, c) && !ignorable(c)
}

// ignorable reports whether c is one of Unicode's Default_Ignorable_Code_Points, which show
// nothing where they are not supported, or a format character.
func ignorable(c rune) bool {
	return unicode.In(c, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}
