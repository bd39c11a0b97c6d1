//go:build system

package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// panes is a tmux server with one window for each program, 60 columns wide.
type panes struct {
	t      *testing.T
	socket string
}

func (p *panes) tmux(args ...string) string {
	p.t.Helper()
	out, err := exec.Command("tmux", append([]string{"-f", "/dev/null", "-S", p.socket}, args...)...).CombinedOutput()
	if err != nil {
		p.t.Fatalf("tmux %s: %v\n%s", args, err, out)
	}
	return string(out)
}

// open runs a shell command in a new window, which stays when the command has ended.
func (p *panes) open(name, command string) {
	p.t.Helper()
	p.tmux("new-session", "-d", "-s", name, "-x", "60", "-y", "12", command+`; echo "status $?"; exec sleep 60`)
}

func (p *panes) types(name string, keys ...string) {
	p.t.Helper()
	p.tmux(append([]string{"send-keys", "-t", name}, keys...)...)
}

// see waits until a window's text matches.
func (p *panes) see(name, pattern string) []string {
	p.t.Helper()
	expression := regexp.MustCompile("(?m)" + pattern)
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for late := time.After(patience); ; {
		shown := p.tmux("capture-pane", "-p", "-t", name)
		if found := expression.FindStringSubmatch(shown); found != nil {
			return found
		}
		select {
		case <-ticker.C:
		case <-late:
			p.t.Fatalf("%s does not show %q but\n%s", name, pattern, strings.TrimSpace(shown))
		}
	}
}

// TestSystemTwoTerminals is two people at real terminals, one of them with a session.
func TestSystemTwoTerminals(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "rpcchat")
	if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("alice", func(t *testing.T) { converse(t, binary+" -session", binary) })
	t.Run("bob", func(t *testing.T) { converse(t, binary, binary+" -session") })
}

func converse(t *testing.T, alicesClient, bobsClient string) {
	binary, _, _ := strings.Cut(alicesClient, " ")
	p := &panes{t, filepath.Join(t.TempDir(), "tmux")}
	p.open("server", binary+" 0")
	t.Cleanup(func() { p.tmux("kill-server") })
	address := "localhost:" + p.see("server", `listening on \S+:(\d+)$`)[1]

	p.open("alice", fmt.Sprintf("%s %s alice", alicesClient, address))
	p.see("alice", "^alice>$")
	p.open("bob", fmt.Sprintf("%s %s bob", bobsClient, address))
	p.see("alice", `^\*\*\* bob has logged in\nalice>$`)

	p.types("alice", "say "+strings.Repeat("x", 60)) // over two rows
	p.see("alice", `^alice> say x{49}\nx{11}$`)
	p.types("bob", "say hello", "Enter")
	p.see("alice", `^bob says hello\nalice> say x{49}\nx{11}$`)
	p.types("alice", "yz", "Enter")
	p.see("alice", `^alice says x{49}\nx{11}yz\nalice>$`)
	p.see("bob", `^alice says x{49}\nx{11}yz$`)

	p.types("alice", "half")
	p.see("alice", "^alice> half$")
	p.types("alice", "C-c")
	p.see("alice", `^alice> half\nGoodbye, alice\.\nstatus 0$`)
	p.types("bob", "shutdown", "Enter")
	p.see("bob", `^The server shuts down\. Goodbye, bob\.\nstatus 0$`)
	p.see("server", `^status 0$`)
}
