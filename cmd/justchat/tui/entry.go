package tui

import (
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// An entry is one thing that stands in the message pane: what somebody said, the client's own words, or a rule.
type entry struct {
	kind    entryKind
	message *client.Message // what was said, if it came from the room
	head    string          // who said it, and how, before the text; printable
	mark    string          // the part of head that is no name
	text    string          // printable, with \n between lines
	at      time.Time
	left    int // messages that a gap stands for

	rows   []string // as wrapped for the layout
	layout int      // that rows are of; 0 is none
}

type entryKind int

const (
	said      entryKind = iota // by somebody else
	own                        // by this user
	words                      // of the client
	wrong                      // words that say what went wrong
	typed                      // a command of this user
	answer                     // to it
	rule                       // across the pane
	beginning                  // the rule above the oldest message there is
	gap                        // the rule where messages are left out to save memory
)

// newSaid returns the entry of a message, in the words of talk.Line.
func newSaid(m *client.Message) *entry {
	e := &entry{kind: said, message: m, text: m.Text, at: m.Sent}
	switch {
	case m.Private:
		e.mark = " #private"
	case m.Own:
		e.kind = own
		return e
	case m.Late:
		e.mark = " #late"
	}
	e.head = talk.Name(m.From)
	return e
}

// newPrivate returns the entry of a private message of ours that has arrived.
func newPrivate(to, text string, at time.Time) *entry {
	return &entry{kind: own, mark: "#private to ", head: talk.Name(names.Printable(to, false)), text: names.Printable(text, true), at: at}
}

// newWords returns the entry of the client's own words.
func newWords(text string, at time.Time) *entry {
	return &entry{kind: words, text: wordsMark + names.Printable(text, true), at: at}
}

// newWrong returns the entry of words that say what went wrong.
func newWrong(text string, at time.Time) *entry {
	e := newWords(text, at)
	e.kind = wrong
	return e
}

// newTyped returns the entry of a command, for its answer to stand below.
func newTyped(text string, at time.Time) *entry {
	return &entry{kind: typed, text: prompt + names.Printable(text, true), at: at}
}

// newAnswer returns the entry of what a command has answered.
func newAnswer(lines []string, at time.Time) *entry {
	for i, line := range lines {
		lines[i] = names.Printable(line, false)
	}
	return &entry{kind: answer, text: strings.Join(lines, "\n"), at: at}
}

func newRule(kind entryKind, text string) *entry { return &entry{kind: kind, text: text} }

// size is about how many bytes of memory an entry takes, with its record, and as rows.
func (e *entry) size() int { return 1<<10 + 2*len(e.text) + len(e.head) }

// A layout says how entries are drawn. Of entries only the text changes how many rows they take.
type layout struct {
	width  int         // columns
	method ansi.Method // how the terminal counts columns
	clock  bool        // when something was said stands before it
	styles *theme.Styles
	now    func() time.Time
}

// rows returns an entry as rows of at most width columns. What was said begins at the left edge, and no other row of it
// does: so nobody can say a line that looks like somebody else's.
func (l *layout) rows(e *entry) []string {
	s := l.styles
	switch e.kind {
	case rule, beginning, gap:
		return []string{l.rule(e.text, s.Note)}
	case answer:
		return l.lines(e)
	case words:
		return l.wrap("", "", e.text, s.Note, e.at, len(wordsMark))
	case wrong:
		return l.wrap("", "", e.text, s.Wrong, e.at, len(wordsMark))
	case typed:
		return l.wrap("", "", e.text, s.Note, e.at, hanging)
	case own:
		if e.head == "" {
			return l.wrap("", "", e.text, s.Own, e.at, hanging)
		}
		return l.wrap(e.mark+e.head+": ", s.Private.Render(e.mark)+s.Other.Render(e.head)+": ", e.text, s.Own, e.at, hanging)
	}
	mark := s.Private
	if e.mark == " #late" {
		mark = s.Late
	}
	styled := s.Other.Render(e.head) + ": "
	if e.mark != "" {
		styled = s.Other.Render(e.head) + mark.Render(e.mark) + ": "
	}
	return l.wrap(e.head+e.mark+": ", styled, e.text, lipgloss.NewStyle(), e.at, hanging)
}

// lines returns an answer. Its lines are indented, but for the client's own words: nobody has said them now.
func (l *layout) lines(e *entry) []string {
	var rows []string
	margin := strings.Repeat(" ", len(wordsMark))
	if l.width < narrow {
		margin = " "
	}
	at := e.at
	for line := range strings.SplitSeq(e.text, "\n") {
		if strings.HasPrefix(line, wordsMark) {
			rows = append(rows, l.wrap("", "", line, l.styles.Note, at, len(wordsMark))...)
		} else {
			rows = append(rows, l.wrap(margin, margin, line, l.styles.Own, at, len(margin)+hanging)...)
		}
		at = time.Time{}
	}
	return rows
}

// wordsMark stands before the client's own words.
const wordsMark = "-- "

// hanging is how far the rows of a message that follow its first are indented.
const hanging = 2

// wrap returns text behind a head, in rows. All but the first are indented.
func (l *layout) wrap(head, styledHead, text string, style lipgloss.Style, at time.Time, indent int) []string {
	stamp := l.stamp(at)
	if l.width < narrow {
		stamp, indent = "", min(indent, 1, l.width/4)
	}
	indent += len(stamp)
	width := max(l.width-indent, 1)
	headWidth := l.method.StringWidth(head)
	var rows []string
	if headWidth >= width {
		for row := range strings.SplitSeq(l.method.Hardwrap(head, width, false), "\n") {
			rows = append(rows, l.styles.Other.Render(row))
		}
		head, headWidth, styledHead = "", 0, ""
	}
	// The head is wrapped as so many blanks that do not break.
	place := strings.Repeat(noBreak, headWidth)
	for row := range strings.SplitSeq(l.method.Wrap(place+text, width, ""), "\n") {
		row, behind := strings.CutPrefix(row, place)
		if row != "" {
			row = style.Render(row)
		}
		if behind {
			row = styledHead + row
			place = "\n" // no row has it
		}
		rows = append(rows, row)
	}
	for i := range rows {
		switch {
		case i > 0:
			rows[i] = strings.Repeat(" ", indent) + rows[i]
		case stamp != "":
			rows[i] = l.styles.Clock.Render(stamp) + rows[i]
		}
		rows[i] = l.method.Truncate(rows[i], l.width, "")
	}
	return rows
}

const (
	narrow  = 30 // columns below which nothing is spent on looks
	noBreak = "\u00a0"
)

// stamp returns when something was said, with a blank after it, if that is wanted.
func (l *layout) stamp(at time.Time) string {
	switch {
	case !l.clock:
		return ""
	case at.IsZero():
		return strings.Repeat(" ", len("15:04 "))
	}
	at = at.Local()
	if now := l.now(); at.YearDay() != now.YearDay() || at.Year() != now.Year() {
		return at.Format("Jan _2 15:04 ")
	}
	return at.Format("15:04 ")
}

// rule returns a text in a line across the pane, which is quieter than the text.
func (l *layout) rule(text string, style lipgloss.Style) string {
	text = l.method.Truncate(text, max(l.width-len("-- "), 0), "")
	line := l.styles.Note.Render("── ") + style.Render(text) + " "
	return l.method.Truncate(line+l.styles.Note.Render(strings.Repeat("─", max(l.width-l.method.StringWidth(line), 0))), l.width, "")
}
