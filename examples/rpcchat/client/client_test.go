package client

import (
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/screen"
)

const helpText = `Commands:
  tell <user> <message>   send a message to one user
  say <message>           send a message to everyone
  list                    show who is logged in
  quit                    log out and leave
  help                    show these commands
  shutdown                stop the server, for everyone, and leave
`

func TestCommands(t *testing.T) {
	long := strings.Repeat("x", screen.LongestLine)
	for _, test := range []struct{ name, stdin, calls, stdout string }{
		{"say", "say hi\n", "Say|alice|hi", ""},
		{"say keeps blanks", "say  a   b \n", "Say|alice| a   b ", ""},
		{"say after a tab", "say\ta\tb\n", "Say|alice|a\tb", ""},
		{"blanks before the command", "  say hi\n", "Say|alice|hi", ""},
		{"say nothing", "say\nsay \nsay \t \n", "", strings.Repeat("Usage: say <message>\n", 3)},
		{"tell", "tell bob hi\n", "Tell|alice|bob|hi", ""},
		{"tell keeps blanks", "tell  bob  a  b \n", "Tell|alice|bob| a  b ", ""},
		{"tell nobody", "tell\ntell bob\ntell bob  \n", "", strings.Repeat("Usage: tell <user> <message>\n", 3)},
		{"list", "list\n", "List", "Logged in (2):\n  alice (you)\n  bob\ufffd[2J\n"},
		{"help", "help\n", "", helpText},
		{"words too many", "list all\nquit now\nhelp me\nshutdown -h\n", "",
			"Usage: list\nUsage: quit\nUsage: help\nUsage: shutdown\n"},
		{"empty lines", "\n  \n\t\n\r\n", "", ""},
		{"no such command", "SAY hi\n", "", "There is no command \"SAY\".\n" + helpText},
		{"an escape sequence as command", "\x1b[2J\n", "", "There is no command \"\\x1b[2J\".\n" + helpText},
		{"lines of another system", "say hi\r\n", "Say|alice|hi", ""},
		{"a last line without end", "say hi", "Say|alice|hi", ""},
		{"a line too long", "say " + long + "\nsay hi\n", "Say|alice|hi", "that line is longer than 65536 bytes; it was skipped\n"},
		{"the longest line", "say " + long[4:] + "\n", "Say|alice|" + long[4:], ""},
		{"nothing after quit", "quit\nsay hi\n", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			chat, out := new(fakeChat), new(output)
			c := Client{Chat: chat, User: "alice", Stdin: strings.NewReader(test.stdin), Stdout: out}
			if err := c.Run(t.Context()); err != nil {
				t.Error(err)
			}
			want := strings.ReplaceAll("Register|alice\n"+test.calls+"\nLogout|alice", "\n\n", "\n")
			if got := chat.history(); got != want {
				t.Errorf("calls: got %q, want %q", got, want)
			}
			if got, want := out.String(), test.stdout+"Goodbye, alice.\n"; got != want {
				t.Errorf("output: got %q, want %q", got, want)
			}
		})
	}
}

func TestServerErrorsAreShown(t *testing.T) {
	chat := &fakeChat{errs: map[string]error{
		"Say":      errors.New("no\x07 way"),
		"List":     errors.New("not now"),
		"Shutdown": errors.New("never"),
		"Logout":   errors.New("stay"),
	}}
	out := new(output)
	c := Client{Chat: chat, User: "alice", Stdin: strings.NewReader("say hi\nlist\nshutdown\ntell bob hi\n"), Stdout: out}
	err := c.Run(t.Context())
	if got, want := errorText(err), "logging out: stay"; got != want {
		t.Errorf("got error %q, want %q", got, want)
	}
	if got, want := out.String(), "say: no\ufffd way\nlist: not now\nshutdown: never\nGoodbye, alice.\n"; got != want {
		t.Errorf("got output %q, want %q", got, want)
	}
	if got, want := chat.history(), "Tell|alice|bob|hi"; !strings.Contains(got, want) {
		t.Errorf("after a shutdown that failed, got calls %q, want %q among them", got, want)
	}
}

func TestRegisterRefused(t *testing.T) {
	refusal := errors.New("Register: user must only contain letters and digits")
	chat, out := &fakeChat{errs: map[string]error{"Register": refusal}}, new(output)
	c := Client{Chat: chat, User: "a-b", Stdin: strings.NewReader("say hi\n"), Stdout: out}
	if err := c.Run(t.Context()); err != refusal {
		t.Errorf("got %v, want %v", err, refusal)
	}
	if got := chat.history() + out.String(); got != "Register|a-b" {
		t.Errorf("got calls and output %q, want only the call Register", got)
	}
}

// TestQuitShowsOwnMessage says something and quits at once: what was said
// comes back before the user is logged out.
func TestQuitShowsOwnMessage(t *testing.T) {
	for _, ending := range []string{"quit\n", "", "shutdown\n"} {
		chat := new(fakeChat)
		chat.onSay = func() { chat.messages = [][]string{{"alice says hi"}, {"bob says bye"}} }
		out := new(output)
		c := Client{Chat: chat, User: "alice", Stdin: strings.NewReader("say hi\n" + ending), Stdout: out, Poll: time.Hour}
		if err := c.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := out.String(), "alice says hi\nbob says bye\n"; !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want first %q", ending, got, want)
		}
		if got, last := out.String(), "oodbye, alice.\n"; !strings.HasSuffix(got, last) {
			t.Errorf("%q: got %q, want last %q", ending, got, last)
		}
		if out := chat.history(); strings.Contains(out, "Logout") == (ending == "shutdown\n") {
			t.Errorf("%q: got calls %q", ending, out)
		}
	}
}

func TestInterruptLogsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, new(fakeChat))
		synctest.Wait()
		s.cancel()
		<-s.over
		if s.err != nil {
			t.Error(s.err)
		}
		if got, want := s.history(), "Register|alice\nLogout|alice"; got != want {
			t.Errorf("got calls %q, want %q", got, want)
		}
	})
}

// TestLeavingASilentServer quits while the server answers nothing.
func TestLeavingASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := enter(t, new(fakeChat))
		synctest.Wait()
		s.change(func() { s.hangs = true })
		time.Sleep(10 * time.Second) // bubble's time: a poll hangs
		start := time.Now()
		s.enterLine("quit")
		<-s.over
		if s.err == nil {
			t.Error("got no error, though logging out went wrong")
		}
		if took, want := time.Since(start), 2*farewell; took > want {
			t.Errorf("leaving took %v, want at most %v", took, want)
		}
	})
}

// TestLeavingAFlood leaves while others talk faster than anybody could read.
func TestLeavingAFlood(t *testing.T) {
	for _, ending := range []string{"quit", "shutdown"} {
		synctest.Test(t, func(t *testing.T) {
			s := enter(t, new(fakeChat))
			synctest.Wait()
			s.change(func() { s.flood = []string{"eve says more"} })
			start := time.Now()
			s.enterLine(ending)
			<-s.over
			if s.err != nil {
				t.Errorf("%s: %v", ending, s.err)
			}
			if took, want := time.Since(start), 2*farewell; took > want {
				t.Errorf("%s took %v, want at most %v", ending, took, want)
			}
			if got, want := strings.ToLower(s.history()), map[string]string{"quit": "logout", "shutdown": "shutdown"}[ending]; !strings.Contains(got, want) {
				t.Errorf("%s: got calls %q, want %s among them", ending, got, want)
			}
		})
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
