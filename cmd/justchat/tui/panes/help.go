package panes

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// helpKeys are the keys, those first that are needed most. Package tui says the same, in keys.go.
var helpKeys = []hint{
	{"Enter", "sends"}, {"Alt-Enter", "a new line"},
	{"Tab", "completes; again: next"}, {"Shift-Tab", "the one before"},
	{"PgUp PgDn", "scrolls"}, {"Ctrl-↑ Ctrl-↓", "scrolls by a line"},
	{"End Esc", "back to the newest"}, {"↑ ↓", "what you typed before"},
	{"F2 Alt-O", "answer offers"}, {"F3 Alt-F", "cancel transfers"},
	{"F4 Alt-T", "timestamps"}, {"F1 Alt-H", "this help"},
	{"Ctrl-C", "leaves"}, {"Ctrl-Z", "suspends"},
}

// Help is the keys and the commands, of which it shows a part where there is no room for all. The zero value is their beginning.
type Help struct{ top int }

// Key scrolls a view of that size, and reports whether there was anything to scroll; any other key is not for it.
func (h *Help) Key(name string, width, height int, s *theme.Styles) bool {
	room := max(height-1, 1)
	rest := max(len(helpRows(width, s))-room, 0)
	step := map[string]int{"up": -1, "down": 1, "pgup": -room, "pgdown": room, "home": -rest, "end": rest}[name]
	if step == 0 || rest == 0 {
		return false
	}
	h.top = min(max(h.top+step, 0), rest)
	return true
}

// View returns height rows of at most width columns, joined by newlines.
func (h *Help) View(width, height int, s *theme.Styles) string {
	if height <= 0 {
		return ""
	}
	all := helpRows(width, s)
	hints := []hint{{"F1", "back"}}
	if rest := len(all) - (height - 1); rest > 0 && height > 1 {
		hints = []hint{{"↑↓", "more"}, {"F1", "back"}}
		all = all[min(h.top, rest):]
	}
	all = append([]string{heading("Help", hints, width, true, s)}, all...)
	return rows(all, height)
}

// helpRows returns all there is to show below the heading.
func helpRows(width int, s *theme.Styles) []string {
	var commands []hint
	for _, usage := range talk.Commands {
		commands = append(commands, hint{usage.String(), usage.Does})
	}
	all := append(table(helpKeys, width, s), heading("Commands", nil, width, false, s))
	return append(all, table(commands, width, s)...)
}

// table returns hints in as many columns as there is room for, of which there are no more than two.
func table(all []hint, width int, s *theme.Styles) []string {
	keys, does := 0, 0
	for _, h := range all {
		keys, does = max(keys, ansi.StringWidth(h.key)), max(does, ansi.StringWidth(h.does))
	}
	columns := 1
	if 2*(2+keys+1+does) <= width {
		columns = 2
	}
	keys = min(keys, max(width-does-3, width/2))
	var lines []string
	for i, h := range all {
		cell := "  " + s.Key.Render(pad(fitName(h.key, keys), keys)) + " " + h.does
		if i%columns == 0 {
			lines = append(lines, fit(cell, width))
			continue
		}
		lines[len(lines)-1] = pad(lines[len(lines)-1], width/2) + cell
	}
	return lines
}

// pad returns a text of at least width columns.
func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(width-ansi.StringWidth(text), 0))
}
