//go:build unix

package client

import (
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/parley-rpc/parley/examples/screen"
	"golang.org/x/term"
)

// seat is alice at a terminal, 40 columns wide.
type seat struct {
	*fakeChat
	*window
	t        *testing.T
	keyboard *os.File
	before   *term.State
	tty      *os.File
	over     chan error // gets Run's result, or what it panicked with
	shown    chan struct{}
}

var errPanicked = errors.New("panicked")

const greeting = "You are logged in as alice. For the comm\nands, type help.\n"

func sit(t *testing.T, chat *fakeChat) *seat {
	t.Setenv("TERM", "xterm")
	keyboard, tty := openPty(t)
	pty.Setsize(tty, &pty.Winsize{Rows: 20, Cols: 40})
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	s := &seat{chat, newWindow(40), t, keyboard, before, tty, make(chan error, 1), make(chan struct{})}
	go func() {
		defer close(s.shown)
		io.Copy(s.window, keyboard)
	}()
	go func() {
		defer func() {
			if p := recover(); p != nil {
				s.over <- errPanicked
			}
		}()
		c := Client{Chat: chat, User: "alice", Stdin: tty, Stdout: tty, Poll: time.Millisecond}
		s.over <- c.Run(t.Context())
	}()
	t.Cleanup(func() { keyboard.Close(); <-s.shown; tty.Close() })
	s.see(greeting + "alice>")
	return s
}

// openPty returns both ends of a terminal. Closing the keyboard ends what reads either.
func openPty(t *testing.T) (keyboard, tty *os.File) {
	t.Helper()
	blocking, tty, err := pty.Open()
	if err != nil {
		t.Skipf("skipped: no pseudo-terminals: %v", err)
	}
	defer blocking.Close()
	fd, err := syscall.Dup(int(blocking.Fd()))
	if err == nil {
		err = syscall.SetNonblock(fd, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), "keyboard"), tty
}

// types presses keys.
func (s *seat) types(keys string) { io.WriteString(s.keyboard, keys) }

// says lets a message come from the server.
func (s *seat) says(messages ...string) {
	s.change(func() { s.messages = append(s.messages, messages) })
}

// see waits until the screen looks so.
func (s *seat) see(want string) {
	s.t.Helper()
	s.seeThat(want, func(shown string) bool { return shown == want })
}

// seeWith waits until something is on the screen.
func (s *seat) seeWith(want string) {
	s.t.Helper()
	s.seeThat(want, func(shown string) bool { return strings.Contains(shown, want) })
}

func (s *seat) seeThat(want string, isSo func(shown string) bool) {
	s.t.Helper()
	patience := time.After(5 * time.Second)
	for !isSo(s.String()) {
		select {
		case <-s.changed:
		case <-patience:
			s.t.Fatalf("the screen shows\n%s\nwant\n%s", s, want)
		}
	}
}

// leaves waits for the end of Run and checks that the terminal is as it was.
func (s *seat) leaves(want error) {
	s.t.Helper()
	if got := <-s.over; !errors.Is(got, want) {
		s.t.Errorf("got %v, want %v", got, want)
	}
	after, err := term.GetState(int(s.tty.Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	if !reflect.DeepEqual(after, s.before) {
		s.t.Errorf("the terminal was left in another state: got %+v, want %+v", after, s.before)
	}
}

func TestMessageDoesNotTearTheTypedLine(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("say hel")
	s.see(greeting + "alice> say hel")
	s.says("bob says one", "bob says two")
	s.see(greeting + "bob says one\nbob says two\nalice> say hel")
	s.types("lo\x1b[D\x1b[D\x1b[D\x1b[D\x1b[D") // the cursor goes before «hello»
	s.says("\x1b[2Jbob says three")
	shown := greeting + "bob says one\nbob says two\n\ufffd[2Jbob says three\n"
	s.see(shown + "alice> say hello")
	s.types("oh \r")
	s.see(shown + "alice> say oh hello\nalice>")
	s.types("\x04")
	s.see(shown + "alice> say oh hello\nalice>\nGoodbye, alice.")
	s.leaves(nil)
	if got, want := s.history(), "Register|alice\nSay|alice|oh hello\nLogout|alice"; got != want {
		t.Errorf("got calls %q, want %q", got, want)
	}
}

func TestLongTypedLineIsNotTorn(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("say " + strings.Repeat("x", 50))
	typed := "alice> say " + strings.Repeat("x", 29) + "\n" + strings.Repeat("x", 21)
	s.see(greeting + typed)
	s.says("bob says one")
	s.see(greeting + "bob says one\n" + typed)
	s.types("\x03")
	s.see(greeting + "bob says one\n" + typed + "\nGoodbye, alice.")
	s.leaves(nil)
}

// TestWideCharacters: those of two columns do not leave the prompt beside the message.
func TestWideCharacters(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("say 漢字漢字")
	s.see(greeting + "alice> say 漢字漢字")
	s.says("bob says one")
	s.see(greeting + "bob says one\nalice> say 漢字漢字")
	s.types("\x03")
	s.leaves(nil)
}

// TestNoLineIsCutShort pastes more than the editor takes.
func TestNoLineIsCutShort(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("say " + strings.Repeat("x", 4091) + "\r")
	s.seeWith("x\nalice>")
	s.types("say " + strings.Repeat("y", 5000) + "\r")
	s.seeWith("typed; it\nwas skipped\nalice>")
	s.types("\x03")
	s.leaves(nil)
	if got, want := s.history(), "Register|alice\nSay|alice|"+strings.Repeat("x", 4091)+"\nLogout|alice"; got != want {
		t.Errorf("got calls %q, want %q", got, want)
	}
}

func TestHistory(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("say one\rsay two\r\x1b[A\x1b[A")
	s.see(greeting + "alice> say one\nalice> say two\nalice> say one")
	s.types("\x15quit\r") // Ctrl-U
	s.leaves(nil)
}

func TestPastedLinesAreCommands(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("\x1b[200~say a\tb\rsay c\r\x1b[201~quit\r")
	s.leaves(nil)
	if got, want := s.history(), "Register|alice\nSay|alice|a\tb\nSay|alice|c\nLogout|alice"; got != want {
		t.Errorf("got calls %q, want %q", got, want)
	}
}

func TestWindowBecomesNarrower(t *testing.T) {
	s := sit(t, new(fakeChat))
	s.types("\r")
	s.see(greeting + "alice>\nalice>")
	if err := pty.Setsize(s.tty, &pty.Winsize{Rows: 20, Cols: 20}); err != nil {
		t.Fatal(err)
	}
	// In this test the terminal of another process group gets no signal of its own.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	s.types("say " + strings.Repeat("x", 20))
	s.seeWith("\n" + strings.Repeat("x", 11))
	s.types("\x03")
	s.leaves(nil)
}

// TestTerminalIsRestored: whatever ends the stay gives the terminal back.
func TestTerminalIsRestored(t *testing.T) {
	gone := errors.New("connection refused")
	t.Run("the server goes", func(t *testing.T) {
		s := sit(t, new(fakeChat))
		s.types("half a line")
		s.see(greeting + "alice> half a line")
		s.change(func() { s.errs = map[string]error{"CheckMessages": gone} })
		s.leaves(gone)
	})
	t.Run("the server shuts down", func(t *testing.T) {
		s := sit(t, new(fakeChat))
		s.types("shutdown\r")
		s.leaves(nil)
		s.see(greeting + "alice> shutdown\nThe server shuts down. Goodbye, alice.")
	})
	t.Run("a panic", func(t *testing.T) {
		s := sit(t, new(fakeChat))
		s.change(func() { s.panics = "Say" })
		s.types("say hi\r")
		s.leaves(errPanicked)
	})
}

func TestDumbTerminalGetsPlainLines(t *testing.T) {
	t.Setenv("TERM", "dumb")
	keyboard, tty := openPty(t)
	defer keyboard.Close()
	defer tty.Close()
	c, err := screen.Open(screen.Config{Stdin: tty, Stdout: tty, Prompt: "alice> ", Printable: Printable})
	if err != nil {
		t.Fatal(err)
	}
	if c.Echoes() {
		t.Errorf("got a %T, want plain lines", c)
	}
}
