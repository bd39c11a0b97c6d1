// Package theme is how the full screen looks: a style for each kind of thing on it, on a dark background and on a light one, with
// colours or, as NO_COLOR wants it, without. What it knows of the terminal the environment says.
package theme

import (
	"image/color"
	"strings"

	"charm.land/lipgloss/v2"
)

// Styles are how each thing looks. What matters is told by bold, underline or reverse as well as by a colour, so that all
// can be told apart without any. They are not changed.
type Styles struct {
	Own     lipgloss.Style // what this user said
	Other   lipgloss.Style // the names of the others
	Private lipgloss.Style // the mark of what is for this user alone
	Late    lipgloss.Style // the mark of what comes late
	Note    lipgloss.Style // the client's own words, which are quieter than what people say
	Wrong   lipgloss.Style // those that say what went wrong, which are not
	Clock   lipgloss.Style // when something was said
	Unread  lipgloss.Style // the line above what was not seen yet

	Status     lipgloss.Style // the status line
	StatusWarn lipgloss.Style // that of it which is not as it should be

	Pane        lipgloss.Style // the heading of a pane
	PaneFocused lipgloss.Style // that of the pane that gets the keys
	Chosen      lipgloss.Style // the row of a pane that its keys are about
	Key         lipgloss.Style // a key that can be pressed

	Bar  lipgloss.Style // the part of a transfer that is done
	Good lipgloss.Style // how well something ended
	Bad  lipgloss.Style // what went wrong
}

// New returns how things look on a dark or light background, in a few of the colours that every terminal has and
// its owner has chosen. The environment is as of os.Environ, like everywhere here.
func New(environ []string, dark bool) Styles {
	plain := lipgloss.NewStyle()
	in := func(light, onDark color.Color) lipgloss.Style {
		if noColor(environ) {
			return plain
		}
		return plain.Foreground(lipgloss.LightDark(dark)(light, onDark))
	}
	return Styles{
		Own:     plain,
		Other:   in(lipgloss.Blue, lipgloss.BrightCyan).Bold(true),
		Private: in(lipgloss.Magenta, lipgloss.BrightMagenta).Bold(true),
		Late:    in(lipgloss.Red, lipgloss.BrightYellow),
		Note:    plain.Faint(true),
		Wrong:   in(lipgloss.Red, lipgloss.BrightRed),
		Clock:   plain.Faint(true),
		Unread:  in(lipgloss.Red, lipgloss.BrightRed).Bold(true),

		Status:     plain.Reverse(true),
		StatusWarn: in(lipgloss.Red, lipgloss.Red).Reverse(true).Bold(true),

		Pane:        plain.Bold(true),
		PaneFocused: plain.Bold(true).Reverse(true),
		Chosen:      plain.Underline(true),
		Key:         in(lipgloss.Blue, lipgloss.BrightCyan).Bold(true),

		Bar:  in(lipgloss.Green, lipgloss.BrightGreen),
		Good: in(lipgloss.Green, lipgloss.BrightGreen).Bold(true),
		Bad:  in(lipgloss.Red, lipgloss.BrightRed).Bold(true),
	}
}

// noColor reports whether there are to be no colours: the person has set NO_COLOR, to whatever but nothing, or the terminal is one
// of those that never had any.
func noColor(environ []string) bool {
	return lookup(environ, "NO_COLOR") != "" || strings.HasPrefix(lookup(environ, "TERM"), "vt")
}
