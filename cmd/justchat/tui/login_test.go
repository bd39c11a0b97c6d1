package tui

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/screen"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// newDoor returns the desk of somebody who is not in the room yet.
func newDoor(t *testing.T, width, height int) *desk {
	t.Helper()
	r := newRoom()
	d := &desk{newModel(t.Context(), r, newFeed(), Config{Client: client.Config{User: "Elon"}}), t, r}
	d.update(tea.WindowSizeMsg{Width: width, Height: height})
	return d
}

// asked has the password asked for.
func (d *desk) asked(why error) <-chan answered {
	d.t.Helper()
	reply := make(chan answered, 1)
	d.update(promptMsg{why, reply})
	return reply
}

// given returns what the client was answered, or nothing.
func given(reply <-chan answered) answered {
	select {
	case a := <-reply:
		return a
	default:
		return answered{}
	}
}

func TestPassword(t *testing.T) {
	d := newDoor(t, 50, 10)
	d.shows("\n  JustChat\n\n  Coming in as Elon …")
	reply := d.asked(nil)
	d.keys("enter", "se", "cret")
	d.shows("\n  JustChat\n\n  Password of Elon: ******")
	if c := d.View().Cursor; c == nil || c.Y != 3 || c.X != len("  Password of Elon: ******") {
		t.Errorf("got the cursor %+v, want it behind the password", c)
	}
	d.keys("enter")
	if got := given(reply); got.password != "secret" || got.err != nil {
		t.Errorf("got %+v, want the password", got)
	}
	reply = d.asked(&lbapi.WrongPassword{User: "Elon"})
	d.has("wrong password for Elon")
	d.update(tea.PasteMsg{Content: "other"})
	d.keys("enter")
	if got := given(reply); got.password != "other" {
		t.Errorf("got %+v, want the other password", got)
	}
}

// TestSignUp: who is new types the password twice, as often as it takes.
func TestSignUp(t *testing.T) {
	d := newDoor(t, 60, 12)
	reply := d.asked(nil)
	d.keys("one", "enter")
	if got := given(reply); got.password != "one" {
		t.Errorf("got %+v, want one", got)
	}
	reply = d.asked(&lbapi.UnknownUser{User: "Elon"})
	for _, step := range []struct{ says, typed string }{
		{"Nobody is called Elon yet", "two"},
		{"New password:", "three"},
		{"The same password again:", "four"},
		{"the two passwords differ", "five"},
		{"The same password again:", "five"},
	} {
		d.has(step.says)
		if got := given(reply); got != (answered{}) {
			t.Errorf("before %s: got %+v, want nothing yet", step.typed, got)
		}
		d.keys(step.typed, "enter")
	}
	if got := given(reply); got.password != "five" || got.err != nil {
		t.Errorf("got %+v, want five", got)
	}
}

func TestLeaveAtTheDoor(t *testing.T) {
	d := newDoor(t, 60, 12)
	reply := d.asked(nil)
	if got := d.keys("sec", "ctrl+c"); got != "quit" {
		t.Errorf("got %q, want quit", got)
	}
	if got := given(reply); got.err != screen.ErrCancelled {
		t.Errorf("got %+v, want %v", got, screen.ErrCancelled)
	}
}

// TestNoPromptInTheRoom: a password that has become wrong ends the stay.
func TestNoPromptInTheRoom(t *testing.T) {
	d := newDesk(t, 60, 12)
	wrong := &lbapi.WrongPassword{User: "Elon"}
	if got := given(d.asked(wrong)); got.err != error(wrong) {
		t.Errorf("got %+v, want %v", got, wrong)
	}
	d.hasNot("Password")
}

// TestWaitAtTheDoor: one sees what she waits for, and no name does anything to the terminal.
func TestWaitAtTheDoor(t *testing.T) {
	d := newDoor(t, 60, 12)
	d.events(&client.State{Kind: client.NoLoadBalancer, Reason: "127.0.0.1:5000: connection refused"})
	d.has("waiting for a load balancer: 127.0.0.1:5000: connection")
	for _, name := range []string{"\x1b[2J\x1b[1;1Hgone", "\x1b]0;title\x07x", "a\r\nb\nc", "bell\a"} {
		l := newLogin(name)
		if strings.ContainsAny(l.user, "\x1b\n\r\a") {
			t.Errorf("got the name %q", l.user)
		}
	}
}
