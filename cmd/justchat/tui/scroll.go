package tui

import (
	"slices"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat"
)

// How much the pane keeps, see trim.
const (
	keptEntries = 5000
	keptBytes   = 8 << 20
)

// A scroll is the message pane: what was said, of which it shows a part. It either follows, and its last row is the newest; or
// it stands still at what is being read, whatever else is said.
type scroll struct {
	layout
	height  int // rows
	entries []*entry
	bytes   int // of entries
	drawn   int // the number of the layout, counted up when it changes

	following bool
	top, row  int // if not following: the entry at the top, and which row of it
	below     int // messages that came since

	unread *entry           // the rule «new» stands above it, or nil
	began  bool             // the first entry is not where the user came in
	before *justchat.Record // the oldest that history was asked for; nil if the entries say what to ask for
}

// relay sets the layout; what was wrapped for another is wrapped anew when it is shown.
func (s *scroll) relay(l layout) {
	if s.drawn == 0 || l.width != s.width || l.method != s.method || l.styles != s.styles || l.clock != s.clock {
		s.drawn++
	}
	s.layout = l
}

// rowsOf returns an entry's rows, which are made once for a layout.
func (s *scroll) rowsOf(e *entry) []string {
	if e.layout != s.drawn {
		e.rows, e.layout = s.rows(e), s.drawn
		if e == s.unread {
			e.rows = slices.Insert(e.rows, 0, s.rule("new", s.styles.Unread))
		}
	}
	return e.rows
}

// add puts an entry below all others.
func (s *scroll) add(e *entry) {
	s.entries = append(s.entries, e)
	s.bytes += e.size()
	if !s.following && e.message != nil && e.kind == said {
		s.below++
	}
	s.trim()
}

// markUnread has the rule «new» stand above an entry alone, or nowhere.
func (s *scroll) markUnread(e *entry) {
	for _, changed := range []*entry{s.unread, e} {
		if changed != nil {
			changed.layout = 0
		}
	}
	s.unread = e
}

// prepend puts a page of older messages above all others. Nothing that is shown moves. An empty page is the beginning.
func (s *scroll) prepend(page []*client.Message) {
	known := make(map[identity]bool, len(s.entries))
	for _, e := range s.entries {
		known[identityOf(e.message)] = true
	}
	var above []*entry
	for _, m := range page { // one that came late may be here already
		if !known[identityOf(m)] {
			above = append(above, newSaid(m))
		}
	}
	switch {
	case len(page) == 0 || s.before != nil && placeOf(page[0].Record) == placeOf(s.before): // no server goes round in circles
		above = []*entry{newRule(beginning, "the servers keep nothing older")}
	default:
		s.before = page[0].Record
		if !s.began {
			above = append(above, newRule(rule, "you came in here"))
		}
	}
	s.began = true
	for _, e := range above {
		s.bytes += e.size()
	}
	s.entries = slices.Concat(above, s.entries)
	s.top += len(above)
	s.trim()
}

// A place is that of a record in the servers' logs.
type place struct {
	origin string
	number uint64
}

func placeOf(r *justchat.Record) place { return place{r.Origin, r.Number} }

// An identity is the same for the same message.
type identity struct {
	client string
	number uint64
}

// identityOf returns that of a message to all, and the same for all others.
func identityOf(m *client.Message) identity {
	if m == nil || m.Record == nil {
		return identity{}
	}
	return identity{string(m.Client), m.Number}
}

// oldest returns the record before which history is to be asked for, nil for its end, and whether there is nothing before.
func (s *scroll) oldest() (before *justchat.Record, isFirst bool) {
	if len(s.entries) > 0 && s.entries[0].kind == beginning {
		return nil, true
	}
	if s.before != nil {
		return s.before, false
	}
	for _, e := range s.entries {
		if e.message != nil && e.message.Record != nil {
			return e.message.Record, false
		}
	}
	return nil, false
}

// follow goes back to the newest message.
func (s *scroll) follow() {
	s.following, s.below = true, 0
	for i, e := range slices.Backward(s.entries) {
		if e.kind == gap {
			s.dropFirst(i + 1)
			break
		}
	}
	s.trim()
}

// move scrolls by rows, up if they are below zero, and returns how many rows there were too few of above.
func (s *scroll) move(rows int) (missing int) {
	top, row := s.position()
	row += rows
	for row < 0 && top > 0 {
		top--
		row += len(s.rowsOf(s.entries[top]))
	}
	if row < 0 {
		missing, row = -row, 0
	}
	for top < len(s.entries) && row >= len(s.rowsOf(s.entries[top])) {
		row -= len(s.rowsOf(s.entries[top]))
		top++
	}
	if s.following && (rows >= 0 || missing == -rows) {
		return missing // nothing moved
	}
	s.following, s.top, s.row = false, top, row
	s.fit()
	return missing
}

// fit sees to it that there are rows for the whole height, if there are any.
func (s *scroll) fit() {
	if s.following || s.height <= 0 {
		return
	}
	s.top = min(s.top, max(len(s.entries)-1, 0))
	if s.top < len(s.entries) {
		s.row = min(s.row, len(s.rowsOf(s.entries[s.top]))-1)
	}
	rows := -s.row
	for _, e := range s.entries[s.top:] {
		if rows += len(s.rowsOf(e)); rows > s.height {
			return
		}
	}
	s.follow()
}

// position returns the entry at the top, and which row of it.
func (s *scroll) position() (top, row int) {
	if !s.following {
		return s.top, s.row
	}
	rows := 0
	for i, e := range slices.Backward(s.entries) {
		rows += len(s.rowsOf(e))
		if rows >= s.height {
			return i, rows - s.height
		}
	}
	return 0, 0
}

// view returns as many rows as the pane is high; where there are too few, blank ones stand above.
func (s *scroll) view() []string {
	top, row := s.position()
	var rows []string
	for ; top < len(s.entries) && len(rows) < s.height; top++ {
		rows = append(rows, s.rowsOf(s.entries[top])[row:]...)
		row = 0
	}
	if len(rows) >= s.height {
		return rows[:s.height]
	}
	return append(make([]string, s.height-len(rows), s.height), rows...)
}
