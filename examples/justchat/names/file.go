package names

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// LongestFile is how many bytes the name of a file has at most. Systems take 255: that leaves room for « (12)».
const LongestFile = 200

// CheckFile returns the name of a file as it is kept, in NFC and with plain blanks for those of other widths, or what is wrong
// with it, in words that follow on a name. It is a name and never a path, on any system: it has no separators, is
// not hidden, and is not the name of a device; it ends neither in a blank nor in a dot, and all its characters can be
// seen, but for plain blanks within. « #» is not in it, since arguments of commands are parted there.
func CheckFile(name string) (string, error) {
	if len(name) > LongestFile*4 { // more than NFC makes a name of that many bytes of
		return "", fileTooLong()
	}
	if !utf8.ValidString(name) {
		return "", errors.New("it is not in UTF-8")
	}
	name = norm.NFC.String(strings.Map(plainBlank, name))
	switch {
	case name == "":
		return "", errors.New("it is empty")
	case len(name) > LongestFile:
		return "", fileTooLong()
	case name[0] == '.':
		return "", errors.New("it begins with a dot, as those of hidden files and of folders above do")
	case name[0] == ' ' || name[len(name)-1] == ' ':
		return "", errors.New("it has blanks at its ends")
	case name[len(name)-1] == '.':
		return "", errors.New("it ends with a dot, which not all systems keep")
	case strings.Contains(name, " #"):
		return "", errors.New("it has a # behind a blank, which parts the arguments of commands")
	case isDevice(name):
		return "", errors.New("it is the name of a device on Windows")
	}
	if err := checkFileCharacters(name); err != nil {
		return "", err
	}
	if err := checkMarks(name); err != nil {
		return "", err
	}
	return name, nil
}

func fileTooLong() error { return fmt.Errorf("it is longer than %d bytes", LongestFile) }

// plainBlank returns a plain blank for those of other widths: a Mac puts a narrow one into the names of its screenshots.
func plainBlank(c rune) rune {
	if unicode.Is(unicode.Zs, c) {
		return ' '
	}
	return c
}

func checkFileCharacters(name string) error {
	for _, c := range name {
		switch {
		case c == '/' || c == '\\':
			return fmt.Errorf("it has a %c in it: it is to be a name, not a path", c)
		case strings.ContainsRune(`<>:"|?*`, c):
			return fmt.Errorf("it has a %c in it, which not all systems take", c)
		case c != ' ' && !visible(c):
			return fmt.Errorf("it has a character in it that cannot be seen or is not known, U+%04X", c)
		}
	}
	return nil
}

// devices are what Windows takes for a device in every folder, whatever follows a dot; COM and LPT with a digit are too.
var devices = []string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}

func isDevice(name string) bool {
	base, _, _ := strings.Cut(name, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	if slices.Contains(devices, base) {
		return true
	}
	port, ok := strings.CutPrefix(base, "COM")
	if !ok {
		port, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}
