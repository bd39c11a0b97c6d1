package panes

import (
	"fmt"
	"strconv"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// Offers shows the offers that wait for an answer. The zero value is empty.
type Offers struct {
	offers []client.Offer
	list   list
	now    func() time.Time // time.Now if nil
}

// Set has the pane show other offers, which it keeps and does not change. The chosen one stays chosen if it is among them.
func (p *Offers) Set(offers []client.Offer) {
	p.offers = offers
	ids := make([]uint64, len(offers))
	for i, o := range offers {
		ids[i] = o.ID
	}
	p.list.set(ids)
}

// Height returns how many rows the pane would like, its heading among them; 0 if there is nothing to show.
func (p *Offers) Height() int {
	if len(p.offers) == 0 {
		return 0
	}
	return 1 + min(len(p.offers), paneRows)
}

// View returns height rows of at most width columns, joined by newlines.
func (p *Offers) View(width, height int, focused bool, s *theme.Styles) string {
	if height <= 0 {
		return ""
	}
	hints := []hint{{"F2", "answers"}}
	if focused {
		hints = []hint{{"y", "takes it"}, {"n", "declines"}, {"↑↓", "chooses"}, {"Esc", "back"}}
	}
	all := []string{heading(fmt.Sprintf("Offers (%d)", len(p.offers)), hints, width, focused, s)}
	first := p.list.first(height - 1)
	for _, o := range p.offers[first:min(first+height-1, len(p.offers))] {
		all = append(all, p.row(&o, width, focused && o.ID == p.list.chosen, s))
	}
	return rows(all, height)
}

// Choose chooses an offer, if there is one and none is chosen: whoever turns to the pane sees what its keys are about.
func (p *Offers) Choose() { p.list.choose() }

// Key does what a key means to the pane while it has the focus; ok is false if there is nothing to be done.
// Esc and the keys that move the focus never come here.
func (p *Offers) Key(key string) (a Action, ok bool) {
	switch key {
	case "y", "a":
		a.Kind = Accept
	case "n", "d":
		a.Kind = Decline
	default:
		p.list.move(key)
		return Action{}, false
	}
	if !p.list.choose() {
		return Action{}, false
	}
	a.ID = p.list.chosen
	p.list.answered = a.ID
	return a, true
}

// row says of an offer as much as there is room for: always who makes it, and of what.
func (p *Offers) row(o *client.Offer, width int, chosen bool, s *theme.Styles) string {
	from, size := shownUser(o.From), talk.Size(o.Size)
	to, short := " to all", "→all"
	if o.Private {
		to, short = " to you alone", "→you"
	}
	head := mark(chosen) + strconv.FormatUint(o.ID, 10) + " "
	name := shownFile(o.Name)
	room := width - ansi.StringWidth(head)
	tails := []string{
		" (" + size + ") from " + from + to + ", " + p.age(o),
		" (" + size + ") from " + from + to,
		" " + size + " " + from + short,
		" " + size + " " + fitName(from, max(room/2-ansi.StringWidth(size), 3)),
	}
	tail := longest(tails, room-min(ansi.StringWidth(name), leastName, room/2))
	row := fit(head+fitName(name, room-ansi.StringWidth(tail))+tail, width)
	switch {
	case chosen:
		return s.Chosen.Render(row)
	case o.Private:
		return s.Private.Render(row)
	}
	return row
}

// leastName is how much of a file's name is shown before other words go, if that leaves room for any.
const leastName = 16

// age says for how long a file has been offered. The sender's clock may go wrong.
func (p *Offers) age(o *client.Offer) string {
	now := time.Now
	if p.now != nil {
		now = p.now
	}
	switch age := now().Sub(o.Sent); {
	case age < time.Minute:
		return "just now"
	case age < time.Hour:
		return fmt.Sprintf("%d min ago", age/time.Minute)
	case age < 48*time.Hour:
		return fmt.Sprintf("%d h ago", age/time.Hour)
	}
	return "days ago"
}

// mark returns what stands before a row.
func mark(chosen bool) string {
	if chosen {
		return "▸ "
	}
	return "  "
}

// longest returns the first text that is not wider than there is room for, or the last one.
func longest(texts []string, room int) string {
	for _, text := range texts {
		if ansi.StringWidth(text) <= room {
			return text
		}
	}
	return texts[len(texts)-1]
}

// shownUser and shownFile return names as they stand among words. Whoever made them, they drive no terminal.
func shownUser(name string) string { return talk.Name(names.Printable(name, false)) }
func shownFile(name string) string { return talk.FileName(names.Printable(name, false)) }
