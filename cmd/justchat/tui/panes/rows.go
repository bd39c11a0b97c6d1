package panes

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
)

// A list is which row of a pane is chosen. That is known by its number, so that rows that come and go put no other one
// under the keys: if the chosen one goes by itself, none is, and the next key only chooses.
type list struct {
	ids      []uint64 // of the rows
	chosen   uint64   // 0 for none
	at       int      // where it is, or was
	answered uint64   // the one that goes because of a key
}

func (l *list) set(ids []uint64) {
	moves := len(l.ids) == 0 || l.chosen != 0 && l.chosen == l.answered
	l.ids = ids
	if i := slices.Index(ids, l.chosen); i >= 0 {
		l.at = i
		return
	}
	l.at = max(min(l.at, len(ids)-1), 0)
	l.chosen = 0
	if moves && len(ids) > 0 {
		l.chosen = ids[l.at]
	}
}

// move chooses another row, if key is an arrow or the like.
func (l *list) move(key string) {
	step := 0
	switch key {
	case "up", "k":
		step = -1
	case "down", "j":
		step = 1
	}
	if step != 0 && l.choose() {
		l.at = max(min(l.at+step, len(l.ids)-1), 0)
		l.chosen = l.ids[l.at]
	}
}

// choose chooses a row if none is chosen, and reports whether one was.
func (l *list) choose() bool {
	was := l.chosen != 0
	if !was && len(l.ids) > 0 {
		l.chosen = l.ids[l.at]
	}
	return was
}

// first returns the first row to be shown, of so many as there is room for.
func (l *list) first(room int) int { return max(min(l.at-room/2, len(l.ids)-room), 0) }

// A hint is a key, and what it does.
type hint struct{ key, does string }

// heading returns the first row of a pane: its title, and as many hints as there is room for, some perhaps with the key
// alone.
func heading(title string, hints []hint, width int, focused bool, s *theme.Styles) string {
	style := s.Pane
	if focused {
		style = s.PaneFocused
	}
	title = fit(" "+title+" ", width)
	row, used := style.Render(title), ansi.StringWidth(title)
	for _, h := range hints {
		key, does := "  "+h.key, " "+h.does
		if used+ansi.StringWidth(key+does) > width {
			does = ""
		}
		if used += ansi.StringWidth(key + does); used > width {
			break
		}
		row += "  " + s.Key.Render(h.key) + does
	}
	return row
}

// rows returns a pane's rows, height of them.
func rows(all []string, height int) string {
	for len(all) < height {
		all = append(all, "")
	}
	return strings.Join(all[:height], "\n")
}

// fit returns a text in one row of at most width columns. What does not fit in leaves an ellipsis at the end.
func fit(text string, width int) string {
	if ansi.StringWidth(text) <= width {
		return text
	}
	return ansi.Truncate(text, max(width, 0), "…")
}

// fitName is fit for names and paths, whose ends say as much as their beginnings: the ellipsis is within.
func fitName(name string, width int) string {
	wide := ansi.StringWidth(name)
	if wide <= width {
		return name
	}
	if width < len("x…x") {
		return fit(name, width)
	}
	end := (width - 1) / 2
	return ansi.Truncate(name, width-1-end, "") + "…" + ansi.TruncateLeft(name, wide-end, "")
}
