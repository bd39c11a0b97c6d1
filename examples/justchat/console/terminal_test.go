//go:build unix

package console

import (
	"context"
	"errors"
	"io"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/screen"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// A seat is Elon at a terminal.
type seat struct {
	*fakeRoom
	t        *testing.T
	keyboard *os.File
	tty      *os.File
	before   *term.State
	screen   *output
	changed  chan struct{}
	over     chan error
	cancel   context.CancelFunc
}

func sit(t *testing.T, r *fakeRoom) *seat {
	t.Setenv("TERM", "xterm")
	keyboard, tty := openPty(t)
	pty.Setsize(tty, &pty.Winsize{Rows: 40, Cols: 120})
	before, err := term.GetState(int(tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	s := &seat{r, t, keyboard, tty, before, new(output), make(chan struct{}, 1), make(chan error, 1), nil}
	read := make(chan struct{})
	go func() {
		defer close(read)
		io.Copy(s, keyboard)
	}()
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go func() {
		s.over <- run(ctx, Config{Client: client.Config{User: "Elon"}, Stdin: tty, Stdout: tty, Stderr: tty, Patience: time.Millisecond}, r.enter)
	}()
	t.Cleanup(func() { cancel(); keyboard.Close(); <-read; tty.Close() })
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

// Write takes what the terminal shows.
func (s *seat) Write(p []byte) (int, error) {
	n, err := s.screen.Write(p)
	select {
	case s.changed <- struct{}{}:
	default:
	}
	return n, err
}

// sees waits until the texts have been shown, one after the other.
func (s *seat) sees(texts ...string) {
	s.t.Helper()
	patience := time.After(10 * time.Second)
	for {
		rest, missing := s.screen.String(), ""
		for _, text := range texts {
			_, after, ok := strings.Cut(rest, text)
			if !ok {
				missing = text
				break
			}
			rest = after
		}
		if missing == "" {
			return
		}
		select {
		case <-s.changed:
		case <-patience:
			s.t.Fatalf("the terminal has shown\n%q\nwithout %q", s.screen, missing)
		}
	}
}

func (s *seat) types(keys string) { io.WriteString(s.keyboard, keys) }

// leaves waits for the end of run and checks that the terminal is as it was.
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

// TestTerminal: the password does not show, one's own line stands once, others' come above what is being typed.
func TestTerminal(t *testing.T) {
	s := sit(t, newRoom())
	s.sees("Password for Elon: ")
	s.types("swordfish\r")
	s.sees("you are here as Elon", "<----- Welcome to JustChat ----->", "#message #user #text", "<----- Start Chatting ----->")
	s.types("hello there\r")
	s.sees("Start Chatting", "hello there")
	s.types("half a li")
	s.sees("half a li")
	s.config.Events(&client.Message{From: "Tony", Text: "hi\x1b[2J"})
	s.sees("Tony: hi\r\n", "half a li")
	s.types("ne\r#quit\r")
	s.leaves(nil)
	shown := s.screen.String()
	if strings.Contains(shown, "swordfish") {
		t.Errorf("the password shows in %q", shown)
	}
	if strings.Contains(shown, "\x1b[2J") {
		t.Errorf("a message drives the terminal: %q", shown)
	}
	if strings.Count(shown, "hello there") != 1 {
		t.Errorf("one's own line was printed again: %q", shown)
	}
	if got, want := strings.Join(s.calls, "|"), "Send hello there|Send half a line"; got != want {
		t.Errorf("calls are %q, want %q", got, want)
	}
}

// sharing is Elon at a terminal with a file on its way.
func sharing(t *testing.T) *seat {
	s := sit(t, newRoom())
	s.sees("Password for Elon: ")
	s.types("swordfish\r")
	s.sees("Start Chatting")
	s.types("#share #/long\r")
	s.sees("sharing long (1.0 kB) with all; #cancel 1 ends it")
	return s
}

// TestQuitWithFiles: who leaves while files are on their way is told so, and can go on chatting until they have ended.
func TestQuitWithFiles(t *testing.T) {
	s := sharing(t)
	s.types("#quit\r")
	s.sees("you leave once these files have ended; #quit again, or Ctrl-C, leaves at once:", "-- long to all: 42 % of 1.0 kB")
	s.types("still here\r")
	s.sees("leaves at once", "still here")
	s.types("half a li")
	s.sees("half a li")
	long := s.Transfers()[0]
	long.State = client.Waiting
	s.becomes(long)
	s.sees("long to all waits at 42 % of 1.0 kB; it goes on by itself\r\n", "half a li")
	long.State, long.Copies = client.Finished, 2
	s.becomes(long)
	s.sees("long is shared with all (2 copies)")
	s.leaves(nil)
	if got, want := strings.Join(s.calls, "|"), "Share /long|Send still here"; got != want {
		t.Errorf("calls are %q, want %q", got, want)
	}
}

// TestLeaveFiles: the second time is meant, however it is said.
func TestLeaveFiles(t *testing.T) {
	for _, keys := range []string{"#quit\r", "\x03", "\x04"} {
		s := sharing(t)
		s.types("half a li\x03")
		s.sees("leaves at once:", "-- long to all: 42 % of 1.0 kB")
		s.types("still here\r")
		s.sees("leaves at once:", "still here")
		s.types(keys)
		s.sees("long to all: broken off at 42 % of 1.0 kB")
		s.leaves(ErrNotAll)
	}
}

// TestSignUpOnATerminal asks twice, and again if the two differ.
func TestSignUpOnATerminal(t *testing.T) {
	r := newRoom()
	got := make(chan string, 1)
	r.login = func(ctx context.Context, c client.Config) error {
		if _, err := c.Password(ctx, nil); err != nil {
			return err
		}
		if _, err := c.Password(ctx, &lbapi.WrongPassword{User: "Elon"}); err != nil {
			return err
		}
		password, err := c.Password(ctx, &lbapi.UnknownUser{User: "Elon"})
		got <- password
		return err
	}
	s := sit(t, r)
	s.sees("Password for Elon: ")
	s.types("one\r")
	s.sees("wrong password for Elon", "Password for Elon: ")
	s.types("two\r")
	s.sees("nobody is called Elon yet", "The same password again: ")
	s.types("other\r")
	s.sees("the two passwords differ", "Password: ")
	s.types("three\r")
	s.sees("differ", "The same password again: ")
	s.types("three\r")
	if got := <-got; got != "three" {
		t.Errorf("got %q, want three", got)
	}
	s.sees("you are here as Elon")
	s.types("\x04")
	s.leaves(nil)
}

func TestCancelledPassword(t *testing.T) {
	s := sit(t, newRoom())
	s.sees("Password for Elon: ")
	s.types("\x03")
	s.leaves(screen.ErrCancelled)
}

// TestEndedAtThePassword: a signal ends the client there too.
func TestEndedAtThePassword(t *testing.T) {
	s := sit(t, newRoom())
	s.sees("Password for Elon: ")
	s.cancel()
	s.leaves(nil)
}
