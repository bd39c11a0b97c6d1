//go:build system

package failures_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestSystemNoColour: with NO_COLOR no colour reaches the terminal, and without it some do.
func TestSystemNoColour(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	colour := regexp.MustCompile(`\x1b\[(?:[0-9;:]*;)?(?:[34][0-8]|9[0-7]|10[0-7])[;:m]`)
	elon := x.sit(seat{user: "Elon", addresses: addresses, environ: []string{"NO_COLOR=yes"}})
	tony := x.sit(seat{user: "Tony", addresses: addresses})
	for s, want := range map[*screen]bool{elon: false, tony: true} {
		s.sees(`2 here`)
		other := map[*screen]*screen{elon: tony, tony: elon}[s]
		other.says("#message #" + s.name + " #psst")
		s.sees(` #private: psst$`)
		s.types("draft")
		s.sees(`^› draft$`)
		all := s.run("capture-pane", "-e", "-p", "-t", s.name)
		s.presses("F1")
		s.sees(`^ Help`)
		all += s.run("capture-pane", "-e", "-p", "-t", s.name)
		s.presses("F1", "C-u")
		if got := colour.FindString(all) != ""; got != want {
			t.Errorf("%s: got colours %v, want %v: %q", s.name, got, want, all)
		}
	}
}

// TestSystemPaste: several lines are one draft, and one message once Enter is pressed.
func TestSystemPaste(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses})
	tony := x.sit(seat{user: "Tony", addresses: addresses})
	tony.sees(`2 here`)
	elon.sees(`2 here`)
	tony.pastes("one\ntwo\tand\n#quit")
	tony.sees(`(?s)^› one\n.*two and\n.*#quit$`)
	if shown := elon.shown(); strings.Contains(shown, "one") {
		t.Errorf("what was pasted was sent:\n%s", shown)
	}
	tony.presses("Enter")
	elon.sees(`(?s)^Tony: one\n +two and\n +#quit$`)

	elon.types("first")
	elon.presses("M-Enter")
	elon.says("second")
	tony.sees(`(?s)^Elon: first\n +second$`)
}

// TestSystemLeave: Ctrl-C gives the terminal back as it was, with what stood on it, and so does the end of the room.
func TestSystemLeave(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses, shell: `echo before; was=$(stty -g); %s; code=$?; test "$was" = "$(stty -g)" && echo as it was; (exit $code)`})
	elon.sees(`1 here`)
	if !elon.is("alternate_on") {
		t.Error("the room is not on a screen of its own")
	}
	elon.types("half a draft")
	elon.sees(`^› half a draft$`)
	elon.presses("C-c")
	elon.sees(`(?s)^before$.*^as it was$\n^status 0$`)
	for _, flag := range []string{"alternate_on", "mouse_any_flag", "keypad_cursor_flag"} {
		if elon.is(flag) {
			t.Errorf("the terminal still has %s", flag)
		}
	}
	if !elon.is("cursor_flag") {
		t.Error("the cursor is hidden")
	}
}

// TestSystemSuspend: Ctrl-Z leads to the shell, and what is said meanwhile is there afterwards.
func TestSystemSuspend(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses, shell: `set -m; %s; echo back; read line; fg; echo after`})
	tony := x.sit(seat{user: "Tony", addresses: addresses, flags: []string{"-plain"}})
	elon.sees(`2 here`)
	elon.presses("C-z")
	elon.sees(`^back$`)
	if elon.is("alternate_on") {
		t.Error("the room still has the screen")
	}
	elon.presses("Enter")
	elon.sees(`2 here`)
	tony.says("where are you?")
	elon.sees(`^Tony: where are you\?$`)
	elon.says("#quit")
	elon.sees(`^after$`)
}

// TestSystemSignUp: a password is asked for, twice of who is new, and does not show.
func TestSystemSignUp(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	elon := x.sit(seat{user: "Elon", addresses: addresses, asked: true})
	elon.sees(`Password of Elon:`)
	elon.says("swordfish")
	elon.sees(`(?s)Nobody is called Elon yet.*The same password again:`)
	elon.says("swordfisk")
	elon.sees(`the two passwords differ`)
	elon.types("swordfish")
	elon.sees(`New password: \*{9}$`)
	elon.presses("Enter")
	elon.sees(`The same password again:`)
	elon.says("swordfish")
	elon.sees(`you are here as Elon`)
	if all := elon.run("capture-pane", "-p", "-S", "-", "-t", "Elon"); strings.Contains(all, "swordfis") {
		t.Errorf("the password shows:\n%s", all)
	}
}

// TestSystemStatus: the status line says where one is, when messages are on one disk alone, and when there is nowhere to be.
func TestSystemStatus(t *testing.T) {
	c, x := newCluster(t, 1, 1, 1), newTmux(t)
	shortened := c.servers[0].name[:8] // there is not room for all of it
	elon := x.sit(seat{user: "Elon", addresses: c.addresses})
	elon.sees(`^ ` + shortened + `.* 1 here`)
	elon.says("is anybody there?")
	elon.sees(`(?s)^is anybody there\?$.*^ ` + shortened + `.* 1 copy`)
	c.servers[0].kill()
	elon.sees(`^ waiting for a server`)
	elon.says("I wait")
	elon.sees(`(?s)^I wait .*1 not acknowledged`)
	c.servers[0].again()
	elon.sees(`^ ` + shortened)
	elon.sees(`(?s)^is anybody there\?$.*^I wait$`)
	elon.await("nothing that waits", func(shown string) bool { return !strings.Contains(shown, "not acknowledged") })
	c.balancers[0].kill()
	elon.sees(`waiting for a load balancer`)
	elon.says("still here")
	elon.sees(`^still here$`)
}

// TestSystemPlain: -plain, a pipe and a dumb terminal have the room line by line.
func TestSystemPlain(t *testing.T) {
	x, addresses := newTmux(t), goUp(t)
	plain := x.sit(seat{user: "Elon", addresses: addresses, flags: []string{"-plain"}})
	dumb := x.sit(seat{user: "Tony", addresses: addresses, environ: []string{"TERM=dumb"}})
	pipe := x.sit(seat{user: "Robert", addresses: addresses, shell: "%s | cat"})
	for _, s := range []*screen{plain, dumb, pipe} {
		s.sees(`^-- you are here as ` + s.name)
		if s.is("alternate_on") {
			t.Errorf("%s has the full screen", s.name)
		}
	}
	dumb.says("hello")
	plain.sees(`^Tony: hello$`)
	pipe.sees(`^Tony: hello$`)
}
