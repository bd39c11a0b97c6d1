package tui

import (
	"context"
	"errors"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/examples/screen"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// promptMsg asks the person for her password. Exactly one reply is sent, or none if nobody waits for it any more.
type promptMsg struct {
	why   error           // as of client.Config.Password
	reply chan<- answered // of capacity 1
}

// answered is a password, or why there is none.
type answered struct {
	password string
	err      error
}

// errDiffer is why a password has to be typed again.
var errDiffer = errors.New("the two passwords differ; choose one")

// A login asks for the password: once of somebody known, twice of who signs up.
//
//	asks ──wrong──► asks
//	  └──unknown──► asks again ──the same──► signed up
//	                     └──another──► asks for a new one ──► asks again
type login struct {
	user  string
	field textinput.Model
	reply chan<- answered // nil if nothing is asked
	said  string          // the client's words
	last  string          // that was typed
	isNew bool            // nobody has that name
	again bool            // last is to be typed again
}

func newLogin(user string) login {
	field := textinput.New()
	field.EchoMode = textinput.EchoPassword
	field.EchoCharacter = '*'
	field.Prompt = ""
	field.SetVirtualCursor(false)
	field.SetStyles(textinput.Styles{})
	field.KeyMap.Paste.SetEnabled(false)
	field.Focus()
	return login{user: names.Printable(user, false), field: field}
}

// ask begins to ask.
func (l *login) ask(p promptMsg) {
	l.reply = p.reply
	var unknown *lbapi.UnknownUser
	switch {
	case errors.As(p.why, &unknown):
		l.isNew, l.again = true, true
		l.said = "Nobody is called " + l.user + " yet. Type the same password again to sign up, or press Ctrl-C to leave."
	case p.why != nil:
		l.said = names.Printable(p.why.Error(), false)
	default:
		l.said = ""
	}
}

// prompt returns what stands before the password.
func (l *login) prompt() string {
	switch {
	case l.again:
		return "The same password again: "
	case l.isNew:
		return "New password: "
	}
	return "Password: "
}

// key takes what is pressed while the password is asked for.
func (l *login) key(msg tea.KeyPressMsg) {
	if l.reply == nil {
		return
	}
	if msg.String() != "enter" {
		l.field, _ = l.field.Update(msg)
		return
	}
	typed := l.field.Value()
	l.field.Reset()
	switch {
	case typed == "":
	case l.again && typed != l.last:
		l.again, l.last, l.said = false, "", errDiffer.Error()
	case l.isNew && !l.again:
		l.again, l.last, l.said = true, typed, ""
	default:
		l.last, l.said = typed, ""
		l.answer(answered{password: typed})
	}
}

// leave ends the asking.
func (l *login) leave() { l.answer(answered{err: screen.ErrCancelled}) }

func (l *login) answer(a answered) {
	if l.reply != nil {
		l.reply <- a
		l.reply = nil
	}
}

// ask returns a password that the person types. It is called in the client's goroutine.
func ask(ctx context.Context, why error, send func(tea.Msg)) (string, error) {
	reply := make(chan answered, 1)
	send(promptMsg{why, reply})
	select {
	case a := <-reply:
		return a.password, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
