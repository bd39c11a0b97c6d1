package tui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// What commands, and goroutines, come back with.
type (
	// answerMsg is what a command has answered.
	answerMsg struct {
		lines []string
		err   error
	}
	// pageMsg is a page of history.
	pageMsg struct {
		messages []*client.Message
		err      error
	}
	// usersMsg is who is here.
	usersMsg []string
	// noticeMsg is a line that the caller has for the person.
	noticeMsg string
	// filesMsg are the names of the public files.
	filesMsg []string
)

// queueTime is how long the screen may stand still because too much waits to be sent already.
const queueTime = 200 * time.Millisecond

// enter does what the draft says. One that cannot be sent stays.
func (m *model) enter() tea.Cmd {
	text := m.input.value()
	if strings.TrimSpace(text) == "" {
		m.input.set("")
		return nil
	}
	command, err := talk.Parse(text)
	switch {
	case err != nil:
		m.notice = err.Error()
		return nil
	case command.Name == "" || command.Name == "message":
		m.send(command)
		return nil
	}
	m.input.send()
	m.log.markUnread(nil)
	m.follow()
	if command.Name == "quit" {
		return m.leave(byCommand)
	}
	m.asked = notAsked
	m.log.add(newTyped(text, m.layout.now()))
	return func() tea.Msg {
		lines, err := talk.Obey(m.ctx, m.room, command)
		return answerMsg{lines, err}
	}
}

// send sends a text, in the order in which texts were typed.
func (m *model) send(command talk.Command) {
	ctx, stop := context.WithTimeout(m.ctx, queueTime)
	defer stop()
	noting := &noting{Room: m.room}
	_, err := talk.Obey(ctx, noting, command)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		m.notice = "too many messages wait to be sent; try again later"
	case err != nil:
		m.notice = err.Error()
	default:
		m.asked = notAsked
		m.outgoing.add(noting.to, noting.number, noting.text)
		m.input.send()
		m.log.markUnread(nil)
		m.follow()
	}
}

// A noting is a room that notes what is sent.
type noting struct {
	talk.Room
	to, text string
	number   uint64
}

func (n *noting) Send(ctx context.Context, text string) (uint64, error) {
	number, err := n.Room.Send(ctx, text)
	n.text, n.number = text, number
	return number, err
}

func (n *noting) SendPrivate(ctx context.Context, to, text string) (uint64, error) {
	number, err := n.Room.SendPrivate(ctx, to, text)
	n.to, n.text, n.number = to, text, number
	return number, err
}

// answer shows what a command has answered.
func (m *model) answer(a answerMsg) {
	switch {
	case m.ctx.Err() != nil:
	case a.err != nil:
		m.log.add(newWrong(a.err.Error(), m.layout.now()))
	case len(a.lines) > 0:
		m.log.add(newAnswer(a.lines, m.layout.now()))
	}
}

// pageSize is how many older messages are asked for at once.
const pageSize = 100

// more asks for older messages, if there were too few to scroll to.
func (m *model) more() tea.Cmd {
	before, isFirst := m.log.oldest()
	if m.missing <= 0 || m.loading || isFirst {
		return nil
	}
	m.loading = true
	return func() tea.Msg {
		messages, err := m.room.History(m.ctx, before, pageSize)
		return pageMsg{messages, err}
	}
}

// page shows older messages.
func (m *model) page(p pageMsg) tea.Cmd {
	m.loading = false
	missing := m.missing
	m.missing = 0
	if p.err != nil {
		if m.ctx.Err() == nil {
			m.notice = p.err.Error()
		}
		return nil
	}
	m.log.prepend(p.messages)
	m.missing = m.log.move(-missing)
	return m.more()
}

// askFiles asks which public files there are while a command is typed that takes one.
func (m *model) askFiles() tea.Cmd {
	text := strings.TrimLeft(m.input.value(), " ")
	now := m.layout.now()
	if !strings.HasPrefix(text, "#get") && !strings.HasPrefix(text, "#remove") || now.Sub(m.filesAt) < filesTime {
		return nil
	}
	m.filesAt = now
	return func() tea.Msg {
		files, err := m.room.Files(m.ctx)
		if err != nil {
			return nil
		}
		var all filesMsg
		for _, f := range files {
			all = append(all, names.Printable(f.Name, false))
		}
		return all
	}
}

// filesTime is for how long the list of files is new enough to complete names.
const filesTime = 5 * time.Second

// firstLine returns the first line of a text, and that there are more.
func firstLine(text string) string {
	line, rest, more := strings.Cut(text, "\n")
	if more {
		return fmt.Sprintf("%s (and %d lines)", line, strings.Count(rest, "\n")+1)
	}
	return line
}
