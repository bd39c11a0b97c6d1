package tui

import (
	"fmt"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// An outgoing is what the user has said and what has not come back from the room yet. It stands below the messages
// until then, in the order in which it was typed.
type outgoing struct{ sent []*sent }

type sent struct {
	to           string // empty for all
	number       uint64
	text         string
	shown, acked bool
}

// shownOutgoing is how many of them stand below the messages.
const shownOutgoing = 3

func (o *outgoing) add(to string, number uint64, text string) {
	o.sent = append(o.sent, &sent{to: to, number: number, text: text, shown: to != ""})
}

// The three ways in which something becomes of a message. One to all has to be shown to its sender and acknowledged; the
// two come in any order.
func (o *outgoing) shown(m *client.Message) {
	o.settle("", m.Number, func(s *sent) bool { s.shown = true; return s.acked })
}

func (o *outgoing) acknowledged(e *client.Acknowledged) {
	o.settle(e.To, e.Number, func(s *sent) bool { s.acked = true; return s.shown })
}

func (o *outgoing) failed(e *client.Failed) {
	o.settle(e.To, e.Number, func(*sent) bool { return true })
}

// settle finds a message, and forgets it if nothing more is to become of it.
func (o *outgoing) settle(to string, number uint64, is func(*sent) (done bool)) {
	for i, s := range o.sent {
		if s.to == to && s.number == number {
			if is(s) {
				o.sent = append(o.sent[:i:i], o.sent[i+1:]...)
			}
			return
		}
	}
}

// waiting returns how many are not acknowledged.
func (o *outgoing) waiting() int {
	n := 0
	for _, s := range o.sent {
		if !s.acked {
			n++
		}
	}
	return n
}

// open returns those that stand below the messages.
func (o *outgoing) open() []*sent {
	var open []*sent
	for _, s := range o.sent {
		if !s.shown || !s.acked && s.to != "" {
			open = append(open, s)
		}
	}
	return open
}

func (o *outgoing) height() int { return min(len(o.open()), shownOutgoing) }

// view returns so many rows: the last ones that were said, each cut to one row.
func (o *outgoing) view(height int, l *layout) []string {
	open := o.open()
	if height <= 0 || len(open) == 0 {
		return nil
	}
	height = min(height, len(open))
	hidden := len(open) - height
	var rows []string
	for i, s := range open[hidden:] {
		head := ""
		if s.to != "" {
			head = "#private to " + talk.Name(s.to) + ": "
		}
		tail := " …"
		if i == 0 && hidden > 0 {
			tail = fmt.Sprintf(" … and %d before it", hidden)
		}
		room := max(l.width-l.method.StringWidth(tail), 0)
		row := l.method.Truncate(firstLine(head+s.text), room, "") + tail
		rows = append(rows, l.styles.Clock.Render(l.method.Truncate(row, l.width, "")))
	}
	return rows
}
