//go:build system

package cmd

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// These tests want root, tmux and ip; make test-system installs what is missing.

// TestSystemNetwork puts server and client on two hosts, and cuts the cable.
func TestSystemNetwork(t *testing.T) {
	binary := buildChat(t)
	name := fmt.Sprintf("parley%d", os.Getpid())
	here, there := name+"a", name+"b"
	for _, space := range []string{here, there} {
		run(t, "ip", "netns", "add", space)
		defer run(t, "ip", "netns", "del", space)
	}
	run(t, "ip", "link", "add", "wire", "netns", here, "type", "veth", "peer", "name", "wire", "netns", there)
	for i, space := range []string{here, there} {
		run(t, "ip", "-n", space, "address", "add", fmt.Sprintf("10.99.7.%d/24", i+1), "dev", "wire")
		run(t, "ip", "-n", space, "link", "set", "wire", "up")
		run(t, "ip", "-n", space, "link", "set", "lo", "up")
	}
	server := serveChat(t, "ip", "netns", "exec", here, binary)
	_, port, _ := strings.Cut(server, ":")
	server = "10.99.7.1:" + port

	alice := exec.Command("ip", "netns", "exec", there, binary, server, "alice")
	stdin, err := alice.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out := start(t, alice, alice.StdoutPipe)
	fmt.Fprintln(stdin, "say hello")
	await(t, "the message over the wire", out.has("alice says hello"))

	run(t, "ip", "-n", there, "link", "set", "wire", "down")
	fmt.Fprintln(stdin, "say lost")
	if err := alice.Wait(); err == nil || alice.ProcessState.ExitCode() != 1 {
		t.Errorf("the client ended with %v without a network, want exit status 1", err)
	}
	run(t, "ip", "-n", there, "link", "set", "wire", "up")
	bob := exec.Command("ip", "netns", "exec", there, binary, server, "bob")
	bob.Stdin = strings.NewReader("list\nshutdown\n")
	users, err := bob.Output()
	if err != nil || !strings.Contains(string(users), "bob") {
		t.Errorf("after the cut the next client got %v\n%s", err, users)
	}
}

// TestSystemCompletion presses Tab in a real bash.
func TestSystemCompletion(t *testing.T) {
	dir := t.TempDir()
	run(t, "go", "build", "-o", filepath.Join(dir, "parley"), "./parley")
	tmux, screen := terminal(t, "PS1='> ' PATH="+dir+":$PATH exec bash --norc --noprofile")
	tmux("send-keys", ". /usr/share/bash-completion/bash_completion; . <(parley completion bash); clear; echo ready", "Enter")
	await(t, "the shell", func() bool { return strings.HasPrefix(screen(), "ready") })
	tmux("send-keys", "parley g", "Tab")
	await(t, "the completed command", func() bool { return strings.HasSuffix(screen(), "> parley gen") })
	tmux("send-keys", "../examples/rpc", "Tab")
	await(t, "the completed package", func() bool { return strings.HasSuffix(screen(), "> parley gen ../examples/rpcchat") })
	server := serveChat(t, buildChat(t))
	tmux("send-keys", "C-u", "parley call "+server+" Feed.F", "Tab")
	await(t, "the completed method", func() bool { return strings.HasSuffix(screen(), "> parley call "+server+" Feed.Fetch") })
}

// terminal runs a shell's command in a terminal of 60 by 12 for the time of the test.
// tmux sends it keys, screen returns what it shows.
func terminal(t *testing.T, command string) (tmux func(...string) string, screen func() string) {
	socket := filepath.Join(t.TempDir(), "tmux")
	tmux = func(args ...string) string {
		return run(t, "tmux", append([]string{"-f", "/dev/null", "-S", socket}, args...)...)
	}
	tmux("new-session", "-d", "-x", "60", "-y", "12", command)
	t.Cleanup(func() { tmux("kill-server") })
	return tmux, func() string { return strings.TrimSpace(tmux("capture-pane", "-p")) }
}

func buildChat(t *testing.T) string {
	binary := filepath.Join(t.TempDir(), "rpcchat")
	run(t, "go", "build", "-o", binary, "./rpcchat")
	return binary
}

// serveChat starts command as a server for the time of the test, and returns its address.
func serveChat(t *testing.T, command ...string) string {
	server := exec.Command(command[0], append(command[1:], "0")...)
	out := start(t, server, server.StderrPipe)
	t.Cleanup(func() {
		server.Process.Signal(os.Interrupt)
		server.Wait()
	})
	await(t, "the server to listen", out.has("listening on "))
	_, address, _ := strings.Cut(out.String(), "listening on ")
	address, _, _ = strings.Cut(address, "\n")
	return "127.0.0.1" + address[strings.LastIndex(address, ":"):]
}

// An output is what a process has printed so far.
type output struct {
	lines chan string
	text  string
}

// start starts command and follows one of its outputs.
func start(t *testing.T, command *exec.Cmd, pipe func() (io.ReadCloser, error)) *output {
	t.Helper()
	r, err := pipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	out := &output{lines: make(chan string, 1000)}
	go func() { // ends with the process
		for scanner := bufio.NewScanner(r); scanner.Scan(); {
			out.lines <- scanner.Text() + "\n"
		}
	}()
	return out
}

func (o *output) String() string {
	for {
		select {
		case line := <-o.lines:
			o.text += line
		default:
			return o.text
		}
	}
}

func (o *output) has(text string) func() bool {
	return func() bool { return strings.Contains(o.String(), text) }
}

// await asks until it holds, for half a minute at most: the far side is another program.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !holds(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("no sign of %s", what)
		}
	}
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}
