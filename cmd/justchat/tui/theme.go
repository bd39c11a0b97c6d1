package tui

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// A styles is how each thing looks. What matters is told by bold, underline or reverse as well as by a colour, so that all
// can be told apart without any.
type styles struct {
	own     lipgloss.Style // what this user said
	other   lipgloss.Style // the names of the others
	private lipgloss.Style // the mark of what is for this user alone
	late    lipgloss.Style // the mark of what comes late
	note    lipgloss.Style // the client's own words, which are quieter than what people say
	wrong   lipgloss.Style // those that say what went wrong, which are not
	clock   lipgloss.Style // when something was said
	unread  lipgloss.Style // the line above what was not seen yet

	status     lipgloss.Style // the status line
	statusWarn lipgloss.Style // that of it which is not as it should be

	pane        lipgloss.Style // the heading of a pane
	paneFocused lipgloss.Style // that of the pane that gets the keys
	chosen      lipgloss.Style // the row of a pane that its keys are about
	key         lipgloss.Style // a key that can be pressed

	bar  lipgloss.Style // the part of a transfer that is done
	good lipgloss.Style // how well something ended
	bad  lipgloss.Style // what went wrong
}

// newStyles returns how things look on a dark or light background, in a few of the colours that every terminal has and
// its owner has chosen.
func newStyles(environ []string, dark bool) styles {
	plain := lipgloss.NewStyle()
	in := func(light, onDark color.Color) lipgloss.Style {
		if noColor(environ) {
			return plain
		}
		return plain.Foreground(lipgloss.LightDark(dark)(light, onDark))
	}
	return styles{
		own:     plain,
		other:   in(lipgloss.Blue, lipgloss.BrightCyan).Bold(true),
		private: in(lipgloss.Magenta, lipgloss.BrightMagenta).Bold(true),
		late:    in(lipgloss.Red, lipgloss.BrightYellow),
		note:    plain.Faint(true),
		wrong:   in(lipgloss.Red, lipgloss.BrightRed),
		clock:   plain.Faint(true),
		unread:  in(lipgloss.Red, lipgloss.BrightRed).Bold(true),

		status:     plain.Reverse(true),
		statusWarn: in(lipgloss.Red, lipgloss.Red).Reverse(true).Bold(true),

		pane:        plain.Bold(true),
		paneFocused: plain.Bold(true).Reverse(true),
		chosen:      plain.Underline(true),
		key:         in(lipgloss.Blue, lipgloss.BrightCyan).Bold(true),

		bar:  in(lipgloss.Green, lipgloss.BrightGreen),
		good: in(lipgloss.Green, lipgloss.BrightGreen).Bold(true),
		bad:  in(lipgloss.Red, lipgloss.BrightRed).Bold(true),
	}
}

// noColor reports whether there are to be no colours: the person has set NO_COLOR, to whatever but nothing, or the terminal is one
// of those that never had any.
func noColor(environ []string) bool {
	return lookup(environ, "NO_COLOR") != "" || strings.HasPrefix(lookup(environ, "TERM"), "vt")
}
