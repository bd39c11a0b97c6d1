// Package screen is where a person, or a script, types lines and reads what is said: a
// line editor on a terminal, plain lines on pipes. The chats share it.
package screen

import (
	"bufio"
	"errors"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A Screen is where a person, or a script, types lines and reads messages. What it shows is made printable, each
// on a line of its own. All but ReadLine and ReadPassword may be called at any time.
type Screen interface {
	ReadLine() (string, error)                  // without its line break; any error but a SkippedLine is the end, see Open
	ReadPassword(prompt string) (string, error) // what is typed does not show; ErrCancelled, or ErrNoTerminal
	Print(lines ...string) error                // messages and answers
	Note(line string)                           // the program's own words
	Greet(lines ...string)                      // as Print, but only for people
	Echoes() bool                               // what was typed stands on it
	Close() error                               // gives the terminal back; Print and Note still work; may be called again
}

// A Config is what a Screen is made of.
type Config struct {
	Stdin     io.Reader
	Stdout    io.Writer
	Stderr    io.Writer           // for Note, where Stdout is no terminal; only needed for that
	Prompt    string              // stands before the line that is typed, on a terminal; may be empty
	Printable func(string) string // returns what of a text may reach a terminal, in one line
}

// LongestLine is in bytes.
const LongestLine = 64 << 10

// A SkippedLine is an error of ReadLine after which the next line can be read.
type SkippedLine string

func (s SkippedLine) Error() string { return string(s) + "; it was skipped" }

// Errors of ReadPassword.
var (
	ErrCancelled  = errors.New("cancelled")
	ErrNoTerminal = errors.New("there is no terminal to ask for the password on")
)

// Open returns a line editor if both Stdin and Stdout are a terminal that can do more than
// scroll, and otherwise plain lines, without prompt and greeting. On a terminal the end of lines is Ctrl-C, or Ctrl-D on
// an empty line, and more of them can be read: who does not want to leave then may stay.
func Open(config Config) (Screen, error) {
	in, isFile := config.Stdin.(*os.File)
	out, areFiles := config.Stdout.(*os.File)
	if isFile && areFiles && term.IsTerminal(int(in.Fd())) && term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" {
		return openTerminal(in, out, config)
	}
	return &pipes{Config: config, in: bufio.NewReaderSize(config.Stdin, LongestLine+len("\n"))}, nil
}

// printed returns texts as lines.
func (c *Config) printed(texts []string) string {
	var b strings.Builder
	for _, text := range texts {
		b.WriteString(c.Printable(text))
		b.WriteByte('\n')
	}
	return b.String()
}
