package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
)

// A status is what the status line says of the room and the way there.
type status struct {
	server, balancer string // where we are; empty for nowhere
	copies           int
	held             string // why what is said waits; empty if it does not
	reason           string // why there is no server, or no load balancer
	here             int    // users; 0 before that is known
}

// set takes what a state says.
func (t *status) set(s *client.State) {
	t.server, t.balancer, t.copies = s.Server, s.LoadBalancer, s.Copies
	switch s.Kind {
	case client.NoServer, client.NoLoadBalancer:
		t.reason = s.Reason
	case client.Held:
		t.held = cmp.Or(s.Reason, "the server takes nothing now")
	case client.Connected:
		t.held, t.reason = "", ""
	}
}

// A part is a piece of the status line.
type part struct {
	text string
	warn bool
	rank int // what goes first where there is no room: the highest
}

// parts returns what there is to say, for so many messages that nobody has acknowledged.
func (t *status) parts(waiting int) []part {
	var parts []part
	add := func(text string, warn bool, rank int) {
		parts = append(parts, part{names.Printable(text, false), warn, rank})
	}
	switch {
	case t.server != "":
		add(short(t.server), false, 3)
	case t.balancer != "":
		add("waiting for a server", true, 1)
	default:
		add("no server", true, 1)
	}
	if t.balancer != "" {
		add(t.balancer, false, 6)
	} else {
		add("waiting for a load balancer", true, 2)
	}
	if t.here > 0 && t.balancer != "" {
		add(fmt.Sprintf("%d here", t.here), false, 4)
	}
	if t.server != "" && t.copies == 1 {
		add("1 copy", true, 2)
	}
	if t.held != "" {
		add("what you say waits", true, 1)
	}
	if waiting > 0 {
		add(fmt.Sprintf("%d not acknowledged", waiting), true, 2)
	}
	if why := cmp.Or(t.held, t.reason); why != "" && (t.held != "" || t.server == "" || t.balancer == "") {
		add(why, false, 8)
	}
	return parts
}

// short returns a node's name, of a long one the beginning: the messages have it whole.
func short(name string) string {
	if len(name) <= longestName || strings.Contains(name, ":") {
		return name
	}
	return ansi.Truncate(name, longestName, "…")
}

// longestName is how many columns a name has in the status line.
const longestName = 9

// drawStatus returns the status line: what is said of the connection at the left, what of the screen at the right. Where
// there is no room the least important parts are left out.
func drawStatus(l *layout, left, right []part) string {
	s := l.styles
	for l.columns(left)+l.columns(right) > l.width && len(left)+len(right) > 1 {
		left, right = without(left, right)
	}
	fore, after := drawParts(l, left), drawParts(l, right)
	used := l.method.StringWidth(fore) + l.method.StringWidth(after)
	gap := s.Status.Render(strings.Repeat(" ", max(l.width-used, 0)))
	return l.method.Truncate(fore+gap+after, l.width, "")
}

const between = " · "

// columns returns how wide parts are drawn.
func (l *layout) columns(parts []part) int {
	if len(parts) == 0 {
		return 0
	}
	n := 2 - l.method.StringWidth(between)
	for _, p := range parts {
		n += l.method.StringWidth(p.text) + l.method.StringWidth(between)
	}
	return n
}

// without leaves the part of the highest rank out.
func without(left, right []part) ([]part, []part) {
	side, at, rank := &left, 0, -1
	for _, parts := range []*[]part{&left, &right} {
		for i, p := range *parts {
			if p.rank > rank {
				side, at, rank = parts, i, p.rank
			}
		}
	}
	*side = slices.Delete(slices.Clone(*side), at, at+1)
	return left, right
}

// drawParts returns parts with a blank on either side.
func drawParts(l *layout, parts []part) string {
	if len(parts) == 0 {
		return ""
	}
	var b strings.Builder
	for i, p := range parts {
		if i > 0 {
			b.WriteString(l.styles.Status.Render(between))
		} else {
			b.WriteString(l.styles.Status.Render(" "))
		}
		style := l.styles.Status
		if p.warn {
			style = l.styles.StatusWarn
		}
		b.WriteString(style.Render(p.text))
	}
	b.WriteString(l.styles.Status.Render(" "))
	return b.String()
}

// drawNotice returns words in place of the status line, in at most so many rows.
func drawNotice(l *layout, text string, height int, style lipgloss.Style) []string {
	rows := l.noticed(text)
	if len(rows) > height {
		rows = rows[:height]
		rows[height-1] = l.method.Truncate(rows[height-1]+"…", max(l.width-2, 1), "…")
	}
	for i, row := range rows {
		row = l.method.Truncate(" "+row, l.width, "")
		rows[i] = style.Render(row + strings.Repeat(" ", max(l.width-l.method.StringWidth(row), 0)))
	}
	return rows
}

// noticed returns words as rows that leave a column free on either side.
func (l *layout) noticed(text string) []string {
	return strings.Split(l.method.Wrap(names.Printable(text, false), max(l.width-2, 1), ""), "\n")
}
