package talk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Path returns the path that is meant by what was typed, or dragged into the terminal. What begins with ~/ lies in the
// person's home folder. If there is no such file it is read as a shell would read it, who writes
// blanks and the like in quotes or behind a backslash.
func Path(typed string) string {
	literal := atHome(typed)
	plain, quoted := unquote(typed)
	shell := atHome(plain)
	if quoted && !exists(literal) && (exists(shell) || strings.ContainsAny(typed[:1], quotes)) {
		return shell
	}
	return literal
}

const quotes = `'"`

// atHome returns a path with the home folder for a ~.
func atHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}

// exists reports whether there is something, also where one may not look.
func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil || !errors.Is(err, fs.ErrNotExist)
}

// unquote returns one word of a shell without its quotes and backslashes, and whether it had any, each with its other
// half.
func unquote(word string) (plain string, quoted bool) {
	var b strings.Builder
	quote := rune(0) // that is open
	escaped := false
	for _, c := range word {
		switch {
		case escaped:
			if quote != 0 && c != quote && c != '\\' {
				b.WriteByte('\\')
			}
			b.WriteRune(c)
			escaped = false
		case c == '\\' && quote != '\'':
			escaped, quoted = true, true
		case c == quote:
			quote = 0
		case quote == 0 && strings.ContainsRune(quotes, c):
			quote, quoted = c, true
		default:
			b.WriteRune(c)
		}
	}
	return b.String(), quoted && quote == 0 && !escaped
}
