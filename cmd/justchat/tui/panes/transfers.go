package panes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// How long a transfer that has ended stays in the pane: what went wrong is to be read.
const (
	staysGood = 15 * time.Second
	staysBad  = time.Minute
)

// Transfers shows the transfers that are under way, and the last few that have ended. The zero value is empty.
type Transfers struct {
	all   []client.Transfer
	ended map[uint64]time.Time // when we saw it
	shown []client.Transfer
	list  list             // of shown
	asks  uint64           // the one that is cancelled if the person says yes; 0 for none
	now   func() time.Time // time.Now if nil
}

// Set has the pane show other transfers, which it keeps and does not change. The chosen one stays chosen if it is among them.
func (p *Transfers) Set(transfers []client.Transfer) {
	p.all = transfers
	p.refresh()
}

// refresh chooses what is shown now.
func (p *Transfers) refresh() {
	now := time.Now()
	if p.now != nil {
		now = p.now()
	}
	ended := make(map[uint64]time.Time)
	var ids []uint64
	p.shown = p.shown[:0]
	for _, t := range p.all {
		if t.State.Ended() {
			since, ok := p.ended[t.ID]
			if !ok {
				since = now
			}
			ended[t.ID] = since
			if now.Sub(since) > stays(&t) {
				continue
			}
		}
		p.shown = append(p.shown, t)
		ids = append(ids, t.ID)
		if t.ID == p.asks && t.State.Ended() {
			p.asks = 0
		}
	}
	p.ended = ended
	p.list.set(ids)
}

func stays(t *client.Transfer) time.Duration {
	if t.State == client.Finished {
		return staysGood
	}
	return staysBad
}

// Height returns how many rows the pane would like, its heading among them; 0 if there is nothing to show.
func (p *Transfers) Height() int {
	p.refresh()
	if len(p.shown) == 0 {
		return 0
	}
	return 1 + min(len(p.shown), paneRows)
}

// View returns height rows of at most width columns, joined by newlines.
func (p *Transfers) View(width, height int, focused bool, s *theme.Styles) string {
	if height <= 0 {
		return ""
	}
	p.refresh()
	if !focused {
		p.asks = 0
	}
	title, hints := p.heading(focused)
	all := []string{heading(title, hints, width, focused, s)}
	first := p.list.first(height - 1)
	for _, t := range p.shown[first:min(first+height-1, len(p.shown))] {
		all = append(all, p.row(&t, width, focused && t.ID == p.list.chosen, s))
	}
	return rows(all, height)
}

// heading returns the title, which counts those under way, and what keys do.
func (p *Transfers) heading(focused bool) (title string, hints []hint) {
	n := 0
	for _, t := range p.shown {
		if !t.State.Ended() {
			n++
		}
	}
	title = "Transfers"
	if n > 0 {
		title = fmt.Sprintf("Transfers (%d)", n)
	}
	switch {
	case p.asks != 0:
		return title, []hint{{"y", "cancels it"}, {"n", "lets it go on"}}
	case focused && n > 0:
		hints = []hint{{"c", "cancels"}, {"↑↓", "chooses"}}
	case n > 0:
		return title, []hint{{"F3", "cancels"}}
	}
	if focused {
		hints = append(hints, hint{"Esc", "back"})
	}
	return title, hints
}

// Choose chooses a transfer, if there is one and none is chosen: whoever turns to the pane sees what its keys are about.
func (p *Transfers) Choose() { p.list.choose() }

// Asks reports whether the pane asks if a transfer is to be cancelled. Then any key is an answer.
func (p *Transfers) Asks() bool { return p.asks != 0 }

// Key does what a key means to the pane while it has the focus; ok is false if there is nothing to be done.
// Esc and the keys that move the focus never come here.
func (p *Transfers) Key(key string) (a Action, ok bool) {
	p.refresh()
	if id := p.asks; id != 0 {
		p.asks = 0
		return Action{Cancel, id}, key == "y"
	}
	if key != "c" {
		p.list.move(key)
		return Action{}, false
	}
	was := p.list.choose()
	for _, t := range p.shown {
		if was && t.ID == p.list.chosen && !t.State.Ended() {
			p.asks = t.ID
		}
	}
	return Action{}, false
}

// row says of a transfer as much as there is room for: which it is, how far it is, and then the rest.
func (p *Transfers) row(t *client.Transfer, width int, chosen bool, s *theme.Styles) string {
	what, far, _ := strings.Cut(talk.Progress(*t), ": ") // neither users nor files have colons in their names
	what = names.Printable(what, false)
	var bar string
	tails, style := []string{"  " + far}, s.Own
	switch {
	case t.State.Ended():
		what, tails[0], style = ended(t, what, far, s)
	case t.ID == p.asks:
		bar, tails[0], style = barOf(t, width), "  cancel it?", s.Key
	default:
		bar = barOf(t, width)
		tails = shorter(t, far)
	}
	head := mark(chosen) + strconv.FormatUint(t.ID, 10) + arrow(t)
	room := width - ansi.StringWidth(head+bar)
	least := min(ansi.StringWidth(what), leastName, room/2)
	tail := fit(longest(tails, room-least), max(room-least, 0))
	what = fitName(what, room-ansi.StringWidth(tail))
	if chosen {
		what = s.Chosen.Render(what)
	}
	return ansi.Truncate(head+s.Bar.Render(bar)+what+style.Render(tail), width, "…")
}

// shorter returns how far a transfer is, in fewer and fewer words, of which the percents go last.
func shorter(t *client.Transfer, far string) []string {
	tails := []string{"  " + far}
	percents, _, _ := strings.Cut(talk.Part(*t), " of ")
	for cut := strings.LastIndex(far, ", "); cut > strings.Index(far, percents); cut = strings.LastIndex(far[:cut], ", ") {
		tails = append(tails, "  "+far[:cut])
	}
	if strings.Contains(far, percents) {
		tails = append(tails, "  "+percents)
	}
	return tails
}

// ended returns what is said of a transfer that has ended: where the file is, or what went wrong.
func ended(t *client.Transfer, what, far string, s *theme.Styles) (string, string, lipgloss.Style) {
	switch {
	case t.State == client.Finished && t.Path != "":
		from := ""
		if t.With != "" {
			from = " from " + shownUser(t.With)
		}
		return names.Printable(t.Path, false), "  received" + from, s.Good
	case t.State == client.Finished:
		return what, "  " + far, s.Good
	case t.State == client.Broken && t.Err != nil:
		far = names.Printable(t.Err.Error(), false)
	}
	return what, "  " + far, s.Bad
}

// arrow says whether a file goes or comes.
func arrow(t *client.Transfer) string {
	if t.Sending {
		return " ↑ "
	}
	return " ↓ "
}

// barOf draws how much is done, in a part of the width that does not change meanwhile, with a blank.
func barOf(t *client.Transfer, width int) string {
	wide := min(width/6, 20)
	if wide < 8 || t.State == client.Asking || t.Size <= 0 {
		return ""
	}
	done := int(float64(wide) * float64(min(max(t.Done, 0), t.Size)) / float64(t.Size))
	return strings.Repeat("█", done) + strings.Repeat("░", wide-done) + " "
}
