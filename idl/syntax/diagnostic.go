package syntax

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Diagnostic is one thing that is wrong with a file, and where.
type Diagnostic struct {
	Position
	Message string // what is wrong, in lower case, names quoted with %q
	Hint    string // what to do about it, or ""
	Source  string // the line of the file, without its line end
	Width   int    // how many bytes of the line are meant, at least 1

	// What the language itself refuses has neither of these.
	Rule     string // the id of the rule that found it: "enum-zero"
	Category string // what it breaks: "WIRE", "CLASSIC" or "SOURCE"; "" if it is about one schema alone
}

// Error returns file:line:column: message, and behind it category and rule in brackets if there are any.
func (d *Diagnostic) Error() string {
	text := d.Position.String() + ": " + d.Message
	if d.Rule != "" {
		text += " [" + strings.TrimLeft(d.Category+" "+d.Rule, " ") + "]"
	}
	return text
}

// Diagnose returns a diagnostic about the text of f from pos up to end, or up to the end of pos's line if that comes first.
// The hint may be "". It only builds the diagnostic; it is not kept in f.
func (f *File) Diagnose(pos, end Pos, hint, format string, args ...any) *Diagnostic {
	d := &Diagnostic{Position: f.Position(pos), Hint: hint, Message: fmt.Sprintf(format, args...)}
	d.Source = f.Line(d.Line)
	d.Width = max(1, min(int(end-pos), len(d.Source)-d.Column+1))
	return d
}

// An ErrorList is all that is wrong with the files of a run. It is an error when it is not empty.
type ErrorList []*Diagnostic

// Error returns all diagnostics, each on a line: file:line:column: message.
func (l ErrorList) Error() string {
	var lines []string
	for _, d := range l {
		lines = append(lines, d.Error())
	}
	return strings.Join(lines, "\n")
}

// Err returns l as an error, or nil if it is empty.
func (l ErrorList) Err() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// Order puts l in the order of files, lines and columns. Those at one place stay as they were added.
func (l ErrorList) Order() {
	slices.SortStableFunc(l, func(a, b *Diagnostic) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
}

// Sort puts l in order as Order does, and keeps only the first diagnostic of a line: what follows it there
// is mostly its consequence. Of two at one place it keeps the one that was added first.
func (l *ErrorList) Sort() {
	l.Order()
	*l = slices.CompactFunc(*l, func(a, b *Diagnostic) bool { return a.File == b.File && a.Line == b.Line })
}

// Print writes l for people: each diagnostic with its line, a caret under what is meant, and the hint.
// It returns the first error of w.
func (l ErrorList) Print(w io.Writer) error {
	for _, d := range l {
		if _, err := io.WriteString(w, d.picture()); err != nil {
			return err
		}
	}
	return nil
}

const indentation = "    "

// picture returns what Print writes of d.
func (d *Diagnostic) picture() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", d.Error())
	before, meant, after := d.window()
	if strings.TrimSpace(before+meant+after) != "" {
		fmt.Fprintf(&b, "%s%s\n", indentation, strings.TrimRight(printable(before+meant+after), " \t"))
		fmt.Fprintf(&b, "%s%s^%s\n", indentation, blanks(before), strings.Repeat("~", max(1, utf8.RuneCountInString(meant))-1))
	}
	if d.Hint != "" {
		fmt.Fprintf(&b, "%shint: %s\n", indentation, d.Hint)
	}
	return b.String()
}

// window cuts the source line into what stands before the culprit, the culprit and what follows,
// and leaves out the ends of a line that is too long to be read.
func (d *Diagnostic) window() (before, meant, after string) {
	const most = 100 // bytes of each part
	start := min(d.Column-1, len(d.Source))
	end := min(start+d.Width, len(d.Source))
	before, meant, after = d.Source[:start], d.Source[start:end], d.Source[end:]
	if len(before) > most {
		before = "…" + before[boundary(before, len(before)-most):]
	}
	if len(meant) > most {
		meant, after = meant[:boundary(meant, most)]+"…", ""
	}
	if len(after) > most {
		after = after[:boundary(after, most)] + "…"
	}
	return before, meant, after
}

// boundary returns the beginning of the character in which i stands.
func boundary(s string, i int) int {
	for back := 0; i > 0 && back < utf8.UTFMax && !utf8.RuneStart(s[i]); back++ {
		i--
	}
	return i
}

// printable returns line with a mark in place of each character that would upset a terminal.
func printable(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' && !unicode.IsPrint(r) {
			return utf8.RuneError
		}
		return r
	}, line)
}

// blanks returns what stands above the caret as blanks; tabs stay, so that they are as wide as those of the line.
func blanks(line string) string {
	return strings.Map(func(r rune) rune {
		if r != '\t' {
			return ' '
		}
		return r
	}, line)
}
