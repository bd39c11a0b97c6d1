//go:build system

package failures_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A tmux is a terminal emulator, with a screen for each program: in the tests with one people sit at real terminals, with
// the room on the full screen, and what is tested is what they see.
type tmux struct {
	t      testing.TB
	socket string
}

// newTmux starts one, which goes with the test, and with the process of the test: that holds a pipe which one of the
// programs reads, so that no tmux is left behind a test that was killed.
func newTmux(t testing.TB) *tmux {
	t.Helper()
	x := &tmux{t, filepath.Join(t.TempDir(), "tmux")}
	alive := filepath.Join(t.TempDir(), "alive")
	if err := syscall.Mkfifo(alive, 0o600); err != nil {
		t.Fatal(err)
	}
	held, err := os.OpenFile(alive, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { held.Close() })
	x.run("new-session", "-d", "-s", "keep", "cat '"+alive+"'; exec tmux kill-server")
	t.Cleanup(func() { x.run("kill-server") })
	return x
}

func (x *tmux) run(args ...string) string {
	x.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-f", "/dev/null", "-S", x.socket}, args...)...).CombinedOutput()
	if err != nil {
		x.t.Fatalf("tmux %s: %v\n%s", args, err, out)
	}
	return strings.TrimRight(string(out), "\n")
}

// A screen is one that a person sits at.
type screen struct {
	*tmux
	name string
}

// open runs a shell's command on a screen of its own, which stays when the command has ended.
func (x *tmux) open(name, command string, width, height int) *screen {
	x.t.Helper()
	s := &screen{x, name}
	x.run("new-session", "-d", "-s", name, "-x", strconv.Itoa(width), "-y", strconv.Itoa(height), command+`; echo "status $?"; exec cat`)
	x.t.Cleanup(func() {
		if x.t.Failed() {
			x.t.Logf("%s at the end:\n%s", name, s.shown())
		}
	})
	return s
}

// types types a text, presses presses keys, as in "C-c" and "PageUp", and pastes pastes a text.
func (s *screen) types(text string) { s.t.Helper(); s.run("send-keys", "-l", "-t", s.name, text) }
func (s *screen) presses(keys ...string) {
	s.t.Helper()
	s.run(append([]string{"send-keys", "-t", s.name}, keys...)...)
}

func (s *screen) pastes(text string) {
	s.t.Helper()
	s.run("set-buffer", text)
	s.run("paste-buffer", "-p", "-r", "-t", s.name)
}

// says types a line and sends it.
func (s *screen) says(line string) {
	s.t.Helper()
	s.types(line)
	s.presses("Enter")
}

func (s *screen) resize(width, height int) {
	s.t.Helper()
	s.run("resize-window", "-t", s.name, "-x", strconv.Itoa(width), "-y", strconv.Itoa(height))
}

// shown returns the rows of the screen without what is blank at their ends.
func (s *screen) shown() string { s.t.Helper(); return s.run("capture-pane", "-p", "-t", s.name) }

// sees waits until the screen matches, and returns what it does with. A ^ and a $ are those of a row.
func (s *screen) sees(pattern string) []string {
	s.t.Helper()
	expression := regexp.MustCompile("(?m)" + pattern)
	var found []string
	s.await(fmt.Sprintf("%q", pattern), func(shown string) bool {
		found = expression.FindStringSubmatch(shown)
		return found != nil
	})
	return found
}

// await waits until what the screen shows is as it should be.
func (s *screen) await(what string, is func(shown string) bool) {
	s.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for late := time.After(patience); ; {
		shown := s.shown()
		if is(shown) {
			return
		}
		select {
		case <-ticker.C:
		case <-late:
			s.t.Fatalf("%s does not show %s but\n%s", s.name, what, shown)
		}
	}
}

// pid is the process on the screen, where the command was one program.
func (s *screen) pid() int {
	s.t.Helper()
	pid, err := strconv.Atoi(s.run("display-message", "-p", "-t", s.name, "#{pane_pid}"))
	if err != nil {
		s.t.Fatal(err)
	}
	return pid
}

// is reports whether the screen has something, as in "alternate_on".
func (s *screen) is(flag string) bool {
	s.t.Helper()
	return s.run("display-message", "-p", "-t", s.name, "#{"+flag+"}") == "1"
}

// A seat is how somebody comes in by the full screen.
type seat struct {
	user          string
	addresses     []string // of load balancers
	downloads     string   // folder
	width, height int      // 80 by 24 if zero
	flags         []string
	environ       []string
	shell         string // %s in it is the client's command; by itself if empty
	asked         bool   // the password is not in a file
}

// sit has somebody come in, and waits for nothing.
func (x *tmux) sit(at seat) *screen {
	x.t.Helper()
	dir := x.t.TempDir()
	password := filepath.Join(dir, "password")
	if err := os.WriteFile(password, []byte("password of "+at.user+"\n"), 0o600); err != nil {
		x.t.Fatal(err)
	}
	if at.width == 0 {
		at.width, at.height = 80, 24
	}
	if at.downloads == "" {
		at.downloads = filepath.Join(dir, "Downloads")
	}
	command := append([]string{"env"}, at.environ...)
	command = append(command, binary, "client", "-user", at.user, "-pins", filepath.Join(dir, "pins"), "-downloads", at.downloads)
	if !at.asked {
		command = append(command, "-password-file", password)
	}
	command = append(append(command, at.flags...), at.addresses...)
	for i, word := range command {
		command[i] = "'" + word + "'"
	}
	line := strings.Join(command, " ")
	if at.shell != "" {
		line = strings.ReplaceAll(at.shell, "%s", line)
	}
	return x.open(at.user, line, at.width, at.height)
}

// goUp starts everything on this machine, and returns the load balancers' addresses.
func goUp(t testing.TB) []string {
	t.Helper()
	p := start(t, "up", exec.Command(binary, "up", "-port", "0", "-data", t.TempDir()))
	line := p.sees(&p.out, "the line that starts a client", func(line string) bool { return strings.Contains(line, " client ") })
	_, addresses, _ := strings.Cut(line, " client ")
	return strings.Fields(addresses)
}
