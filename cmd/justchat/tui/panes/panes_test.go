package panes

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/cmd/justchat/tui/theme"
	"github.com/parley-rpc/parley/examples/justchat/client"
)

var noon = time.Date(2016, 4, 1, 12, 0, 0, 0, time.UTC)

func atNoon() time.Time { return noon }

// plainStyles have no colours.
var plainStyles = theme.New([]string{"NO_COLOR=1"}, true)

// hostile are names that would do something to a screen.
var hostile = []string{
	"\x1b[2J\x1b[1;1Hgone", "\x1b]0;title\x07x", "a\r\nb\nc", "\u202egnp.exe", "a\u200bb", "\u009b31mred", "bell\a", "\xff\xfe", "",
	strings.Repeat("x", 300), strings.Repeat("李", 100), strings.Repeat("e\u0301", 80), "👩\u200d💻👩\u200d💻", "-- you are here as", "a, b; c #d",
}

// hostileOffers and hostileTransfers have each of them in each place.
func hostileOffers() (all []client.Offer) {
	for i, name := range hostile {
		all = append(all,
			client.Offer{ID: uint64(i + 1), From: name, Name: "x.png", Size: 1 << 62, Sent: noon.Add(time.Hour)},
			client.Offer{ID: 1<<63 + uint64(i), From: "Elon", Name: name, Size: -1, Private: true})
	}
	return all
}

func hostileTransfers() (all []client.Transfer) {
	for i, name := range hostile {
		for state := client.Hashing; state <= client.Broken; state++ {
			t := client.Transfer{ID: uint64(i*100 + int(state)), State: state, Size: 1e9, Done: 1e12, Rate: 1, Left: 1e6 * time.Hour}
			one, two, three := t, t, t
			one.Name, one.Sending = name, true
			two.Name, two.With = "x.png", name
			three.Name, three.Path, three.Err, three.Done = "x.png", "/"+name, errors.New(name), -5
			all = append(all, one, two, three)
		}
	}
	return all
}

// TestPanesFit: whatever there is to show, and however small the screen, a pane has the rows that it was given, none
// is too wide, and nothing in them drives the terminal.
func TestPanesFit(t *testing.T) {
	offers := &Offers{now: atNoon}
	transfers := &Transfers{now: atNoon}
	offers.Set(hostileOffers())
	transfers.Set(hostileTransfers())
	for name, view := range map[string]func(width, height int, focused bool, s *theme.Styles) string{
		"offers":    offers.View,
		"transfers": transfers.View,
		"help":      func(width, height int, _ bool, s *theme.Styles) string { return new(Help).View(width, height, s) },
	} {
		for width := 1; width <= 200; width += 1 + width/5 {
			for _, height := range []int{1, 2, 6, 500} {
				for _, focused := range []bool{true, false} {
					checkRows(t, fmt.Sprintf("%s, %d by %d", name, width, height), view(width, height, focused, &plainStyles), width, height)
				}
			}
		}
		if got := view(80, 0, true, &plainStyles); got != "" {
			t.Errorf("%s: got %q in no rows", name, got)
		}
	}
}

func checkRows(t *testing.T, what, view string, width, height int) {
	t.Helper()
	all := strings.Split(view, "\n")
	if len(all) != height {
		t.Errorf("%s: got %d rows", what, len(all))
	}
	for _, row := range all {
		if got := ansi.StringWidth(row); got > width {
			t.Errorf("%s: got %d columns: %q", what, got, row)
		}
		for _, c := range ansi.Strip(row) {
			if unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) {
				t.Fatalf("%s: got %U in %q", what, c, row)
			}
		}
	}
}

// shows returns a pane's rows without their styles and what is blank at their ends.
func shows(view string) string {
	all := strings.Split(ansi.Strip(view), "\n")
	for i := range all {
		all[i] = strings.TrimRight(all[i], " ")
	}
	return strings.Join(all, "\n")
}

func checkShows(t *testing.T, what, view, want string) {
	t.Helper()
	if got := shows(view); got != strings.TrimPrefix(want, "\n") {
		t.Errorf("%s: got\n%s\nwant%s", what, got, want)
	}
}

// press presses keys, and returns the last action.
func press(pane interface {
	Key(string) (Action, bool)
}, keys ...string) (a Action, ok bool) {
	for _, key := range keys {
		a, ok = pane.Key(key)
	}
	return a, ok
}

func TestHelp(t *testing.T) {
	checkShows(t, "wide", new(Help).View(80, 19, &plainStyles), `
 Help   F1 back
  Enter         sends                     Alt-Enter     a new line
  Tab           completes; again: next    Shift-Tab     the one before
  PgUp PgDn     scrolls                   Ctrl-↑ Ctrl-↓ scrolls by a line
  End Esc       back to the newest        ↑ ↓           what you typed before
  F2 Alt-O      answer offers             F3 Alt-F      cancel transfers
  F4 Alt-T      timestamps                F1 Alt-H      this help
  Ctrl-C        leaves                    Ctrl-Z        suspends
 Commands
  #message #user #text Private Message    #share #user #/path  Private File
  #share #/path        Public File        #available files     Available Files
  #get #filename       Get File           #commands            Commands
  #users               Who Is Here        #history [n]         Last Messages
  #search words        Find Messages      #accept [n]          Take Offer
  #decline [n]         Decline Offer      #cancel [n]          Cancel Transfer
  #remove #filename    Remove File        #quit                Leave


`)
	checkShows(t, "small", new(Help).View(40, 6, &plainStyles), `
 Help   ↑↓ more  F1 back
  Enter         sends
  Alt-Enter     a new line
  Tab           completes; again: next
  Shift-Tab     the one before
  PgUp PgDn     scrolls`)
}
