package tui

import (
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
)

// frame takes all events that wait.
func (m *model) frame() tea.Cmd {
	rings, files, stranger := false, false, false
	for _, event := range m.feed.take() {
		switch e := event.(type) {
		case *client.Message:
			rings = m.message(e) || rings
			stranger = m.people.Spoke(e) || stranger
		case *client.Acknowledged:
			m.outgoing.acknowledged(e)
			m.status.held = ""
			if e.To != "" {
				m.log.add(newPrivate(e.To, e.Text, m.layout.now()))
				m.people.Met(names.Printable(e.To, false))
			}
		case *client.Failed:
			m.outgoing.failed(e)
			m.failed++
		case *client.State:
			m.state(e)
		case *client.Offered:
			rings, files = rings || e.Private, true
		case *client.OfferEnded, *client.Transfer:
			files = true
		}
		m.sayOf(event)
	}
	if files {
		m.refresh()
	}
	if stranger {
		m.askUsers()
	}
	if rings {
		return m.ring()
	}
	return nil
}

// sayOf says what there is to say of an event.
func (m *model) sayOf(event client.Event) {
	said := m.words.Of(event)
	switch {
	case said == "" || m.inPane(event):
		return
	case !m.joined && m.login.reply == nil:
		m.login.said = names.Printable(said, false)
	}
	if isWrong(event) {
		m.log.add(newWrong(said, m.layout.now()))
		return
	}
	m.say(said)
}

// isWrong reports whether something did not become what the person wanted.
func isWrong(event client.Event) bool {
	switch e := event.(type) {
	case *client.Failed:
		return true
	case *client.Transfer:
		return e.State == client.Broken || e.State == client.Declined
	}
	return false
}

// inPane reports whether what there is to say of an event stands in a pane already, with the keys that answer it.
func (m *model) inPane(event client.Event) bool {
	switch e := event.(type) {
	case *client.Offered:
		return m.hasPanes()
	case *client.Transfer:
		return m.hasPanes() && !e.State.Ended()
	}
	return false
}

// message shows what was said, and returns whether the bell rings for it.
func (m *model) message(e *client.Message) (rings bool) {
	if e.Gap {
		m.say("older messages are missing here, the servers do not keep them any more")
	}
	entry := newSaid(e)
	m.log.add(entry)
	if e.Own {
		m.outgoing.shown(e)
		return false
	}
	if !m.looks() && !m.marked {
		m.log.markUnread(entry)
		m.marked = true
	}
	return e.Private || m.me.MatchString(e.Text)
}

// state takes how we are connected.
func (m *model) state(e *client.State) {
	m.status.set(e)
	if e.Kind == client.Joined {
		m.joined = true
		m.setName(e.Name)
		m.askUsers()
	}
}

// bellTime is how long the bell is silent after it rang.
const bellTime = time.Second

// ring rings the terminal's bell.
func (m *model) ring() tea.Cmd {
	now := m.layout.now()
	if now.Sub(m.rang) < bellTime {
		return nil
	}
	m.rang = now
	return tea.Raw("\a")
}

// askUsers asks who is here, soon.
func (m *model) askUsers() {
	select {
	case m.poll <- struct{}{}:
	default:
	}
}
