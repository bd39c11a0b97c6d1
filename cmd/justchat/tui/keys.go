package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/cmd/justchat/tui/panes"
)

// Keys that the model takes before the text box or a pane does. The help says the same.
//
//	Enter               send                    Alt-Enter, Ctrl-J   a new line in the message
//	Tab, Shift-Tab      complete                Up, Down            what was typed before
//	PgUp, PgDn          scroll by a page        Ctrl-Up, Ctrl-Down  by a line
//	End, Esc            back to the newest      F4, Alt-T           timestamps
//	F2, Alt-O           offers                  F3, Alt-F           transfers
//	F1, Alt-H           help                    Ctrl-Z              suspend
//	Ctrl-C, #quit       leave                   Ctrl-L              draw the screen anew
//
// In a pane Esc, and the key that led there, lead back to the text box.

// key does what a key means.
func (m *model) key(k tea.KeyPressMsg) tea.Cmd {
	m.notice = ""
	name := k.String()
	if name == "ctrl+c" {
		return m.leave(byKey)
	}
	if m.asked == byKey {
		m.asked = notAsked
	}
	switch {
	case name == "ctrl+z":
		return tea.Suspend
	case name == "ctrl+l":
		return tea.ClearScreen
	case !m.joined:
		m.login.key(k)
		return nil
	case m.focus == onHelp:
		if !m.help.Key(name, m.width, m.height, m.layout.styles) {
			m.focus, m.help = onText, panes.Help{}
		}
		return nil
	case m.turnTo(name), m.scrolled(name):
		return m.more()
	case m.focus != onText:
		return m.paneKey(k)
	}
	return m.textKey(k)
}

// turnTo does what a key means that moves the focus, or changes what is shown.
func (m *model) turnTo(name string) bool {
	var to focus
	switch name {
	case "f1", "alt+h":
		to = onHelp
	case "f2", "alt+o":
		to = onOffers
	case "f3", "alt+f":
		to = onTransfers
	case "f4", "alt+t":
		m.layout.clock = !m.layout.clock
		return true
	case "esc":
		if m.focus == onText {
			m.follow()
		}
		to = onText
	default:
		return false
	}
	switch {
	case to == m.focus:
		to = onText
	case to == onOffers && m.offers.Height() == 0:
		to, m.notice = onText, "nobody offers a file at the moment"
	case to == onTransfers && m.transfers.Height() == 0:
		to, m.notice = onText, "no file is on its way"
	}
	m.focus = to
	switch to { // what the keys are about is seen before one is pressed
	case onOffers:
		m.offers.Choose()
	case onTransfers:
		m.transfers.Choose()
	}
	return true
}

// scrolled does what a key means that moves the messages.
func (m *model) scrolled(name string) bool {
	page := max(m.log.height-1, 1)
	switch name {
	case "pgup", "shift+pgup":
		m.missing = m.log.move(-page)
	case "ctrl+up", "shift+up":
		m.missing = m.log.move(-1)
	case "pgdown", "shift+pgdown":
		m.missing = 0
		m.log.move(page)
	case "ctrl+down", "shift+down":
		m.missing = 0
		m.log.move(1)
	case "end":
		if m.log.following {
			return false // it is the text box's
		}
		m.follow()
	default:
		return false
	}
	return true
}

// follow goes back to the newest message, and does not care any more for older ones that were asked for.
func (m *model) follow() {
	m.missing = 0
	m.log.follow()
}

// paneKey gives a key to the pane that has the focus.
func (m *model) paneKey(k tea.KeyPressMsg) tea.Cmd {
	var a panes.Action
	var ok bool
	keys := "yandjk"
	if m.focus == onOffers {
		a, ok = m.offers.Key(k.String())
	} else {
		keys = "cyjk"
		if m.transfers.Asks() {
			keys = k.Text // any key is an answer
		}
		a, ok = m.transfers.Key(k.String())
	}
	if !ok {
		if !strings.Contains(keys, k.Text) {
			m.notice = "the keys are the pane's now; Esc leads back to the text"
		}
		return nil
	}
	var err error
	switch a.Kind {
	case panes.Accept:
		err = m.room.Accept(a.ID)
	case panes.Decline:
		err = m.room.Decline(a.ID)
	case panes.Cancel:
		err = m.room.Cancel(a.ID)
	}
	if err != nil {
		m.notice = err.Error()
	}
	m.refresh()
	return nil
}

// textKey gives a key to the text box.
func (m *model) textKey(k tea.KeyPressMsg) tea.Cmd {
	switch name := k.String(); name {
	case "enter":
		return m.enter()
	case "tab", "shift+tab":
		turn := m.completer.Next
		if name == "shift+tab" {
			turn = m.completer.Previous
		}
		m.known.Users = m.people.Names()
		m.input.complete(func(line string, cursor int) (string, int) { return turn(line, cursor, m.known) })
	case "up", "ctrl+p", "down", "ctrl+n":
		step := 1
		if name == "up" || name == "ctrl+p" {
			step = -1
		}
		if !m.input.recall(step) {
			m.input.update(k)
		}
	case "ctrl+d":
		if m.input.value() == "" {
			return m.leave(byKey)
		}
		m.input.update(k)
	default:
		m.input.update(k)
	}
	return m.askFiles()
}

// paste puts a text, with its lines, where keys go.
func (m *model) paste(text string) {
	switch {
	case !m.joined:
		m.login.field, _ = m.login.field.Update(tea.PasteMsg{Content: text})
	case m.focus == onText:
		m.input.paste(text)
	}
}

// leave ends the program, but asks once if that loses something.
func (m *model) leave(how asked) tea.Cmd {
	if !m.joined {
		m.cancelled = true
		m.login.leave()
	}
	var lost []string
	if n := m.outgoing.waiting(); n > 0 {
		lost = append(lost, fmt.Sprintf("not acknowledged: %d", n))
	}
	if n := m.underWay(); n > 0 {
		lost = append(lost, fmt.Sprintf("files on their way: %d", n))
	}
	if len(lost) > 0 && m.asked == notAsked {
		m.asked = how
		m.notice = strings.Join(lost, ", ") + "; the same again leaves anyway"
		return nil
	}
	return tea.Quit
}

// underWay returns how many transfers have not ended.
func (m *model) underWay() int {
	n := 0
	for _, t := range m.known.Transfers {
		if !t.State.Ended() {
			n++
		}
	}
	return n
}

// refresh has the panes show what the room knows.
func (m *model) refresh() {
	m.known.Offers, m.known.Transfers = m.room.Offers(), m.room.Transfers()
	m.offers.Set(m.known.Offers)
	m.transfers.Set(m.known.Transfers)
}
