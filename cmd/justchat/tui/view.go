package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// View implements tea.Model.
func (m *model) View() tea.View {
	var rows []string
	var cursor *tea.Cursor
	switch {
	case m.width <= 0 || m.height <= 0:
	case m.focus == onHelp:
		rows = strings.Split(m.help.View(m.width, m.height, m.layout.styles), "\n")
	case !m.joined:
		rows, cursor = m.viewLogin()
	default:
		rows, cursor = m.viewRoom()
	}
	if len(rows) > m.height {
		rows = rows[:max(m.height, 0)]
	}
	v := tea.NewView(strings.Join(rows, "\n"))
	v.AltScreen = true
	v.ReportFocus = true
	v.Cursor = cursor
	return v
}

// viewRoom draws the room from the top to the bottom.
func (m *model) viewRoom() (rows []string, cursor *tea.Cursor) {
	p, s := m.places, m.layout.styles
	rows = m.log.view()
	rows = append(rows, m.outgoing.view(p.outgoing, &m.layout)...)
	if p.offers > 0 {
		rows = append(rows, strings.Split(m.offers.View(m.width, p.offers, m.focus == onOffers, s), "\n")...)
	}
	if p.transfers > 0 {
		rows = append(rows, strings.Split(m.transfers.View(m.width, p.transfers, m.focus == onTransfers, s), "\n")...)
	}
	if p.status > 0 {
		rows = append(rows, m.viewStatus(p.status)...)
	}
	top := len(rows)
	for row := range strings.SplitSeq(m.input.view(), "\n") {
		rows = append(rows, m.layout.method.Truncate(row, m.width, ""))
	}
	if m.focus == onText {
		if cursor = m.input.cursor(); cursor != nil {
			cursor.Y += top
		}
	}
	return rows, cursor
}

// urgent returns what there is to say in place of the status line, or nothing.
func (m *model) urgent() string {
	if m.notice != "" {
		return m.notice
	}
	if over := len(m.input.value()) - m.longest; over > 0 {
		return fmt.Sprintf("too long to be sent: %d bytes over %d", over, m.longest)
	}
	return ""
}

// noticeRows is how many rows there are at most for what is said in place of the status line.
const noticeRows = 4

// viewStatus draws the status line, or in so many rows what there is to say in its place.
func (m *model) viewStatus(height int) []string {
	if text := m.urgent(); text != "" {
		return drawNotice(&m.layout, text, height, m.layout.styles.StatusWarn)
	}
	var right []part
	switch {
	case m.log.below > 0:
		right = append(right, part{text: fmt.Sprintf("%d new below", m.log.below), warn: true, rank: 1}, part{text: "End", rank: 5})
	case m.loading:
		right = append(right, part{text: "asking for older messages", rank: 5})
	case !m.log.following:
		right = append(right, part{text: "End to go back", rank: 5})
	default:
		right = append(right, part{text: "F1 help", rank: 7})
	}
	return []string{drawStatus(&m.layout, m.status.parts(m.outgoing.waiting()), right)}
}

// viewLogin draws the way in: who comes, what was said, and the password's field.
func (m *model) viewLogin() (rows []string, cursor *tea.Cursor) {
	l := &m.login
	rows = []string{"", m.layout.styles.Pane.Render("JustChat"), ""}
	if m.height < 8 {
		rows = nil
	}
	said := l.said
	if said == "" && l.reply == nil {
		said = "Coming in as " + l.user + " …"
	}
	if said != "" {
		rows = append(rows, strings.Split(m.layout.method.Wrap(said, max(m.width-2*margin, 1), ""), "\n")...)
		rows = append(rows, "")
	}
	if l.reply != nil {
		prompt := l.prompt()
		if !l.again && !l.isNew {
			prompt = "Password of " + l.user + ": "
		}
		prompt = m.layout.method.Truncate(prompt, max(m.width/2, 1), "… ")
		at := m.layout.method.StringWidth(prompt)
		l.field.SetWidth(max(m.width-2*margin-at-1, 1))
		cursor = l.field.Cursor()
		if cursor != nil {
			cursor.X += margin + at
			cursor.Y = len(rows)
		}
		rows = append(rows, prompt+l.field.View())
	}
	for i := range rows {
		rows[i] = m.layout.method.Truncate(strings.Repeat(" ", margin)+rows[i], m.width, "")
	}
	return rows, cursor
}

// margin is how many columns stay free on either side of the way in.
const margin = 2
