//go:build system

package cmd

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestSystemDissector captures a chat in both forms on the loopback interface, and has tshark show it with the
// dissector that parley writes.
func TestSystemDissector(t *testing.T) {
	dir := t.TempDir()
	script := filepath.Join(dir, "rpcchat.lua")
	write(t, script, run(t, "go", "run", "./parley", "explain", "-wireshark", "-root", "../examples", "../examples/rpcchat"))
	binary := buildChat(t)
	server := serveChat(t, binary)
	_, port, _ := strings.Cut(server, ":")

	capture := filepath.Join(dir, "chat.pcapng")
	dumpcap := exec.Command("dumpcap", "-i", "lo", "-f", "tcp port "+port, "-w", capture)
	out := start(t, dumpcap, dumpcap.StderrPipe)
	await(t, "the capture", out.has("File: "))
	chat(t, "list\nsay hello\n", binary, "-session", server, "alice")
	chat(t, "tell nobody hello\n", binary, server, "bob")

	var shown string
	await(t, "the last call in the capture", func() bool {
		tshark := exec.Command("tshark", "-r", capture, "-X", "lua_script:"+script, "-o", "parley.port:"+port, "-O", "parley")
		text, _ := tshark.CombinedOutput() // it complains of a file that is still written
		shown = string(text)
		return strings.Contains(shown, "Parley response, rpcchat.Chat.Logout")
	})
	dumpcap.Process.Signal(os.Interrupt)
	dumpcap.Wait()
	for _, want := range []string{
		"Parley session",
		"Parley HELLO\n",
		"Parley CALL, rpcchat.Chat.Register\n",
		"Method: rpcchat.Chat.Say\n",
		"messages: rpcchat.Message\n",
		`text: "alice says hello"`,
		"Parley REPLY, rpcchat.Chat.Say\n",
		"Parley request, rpcchat.Chat.Tell\n",
		`target: "nobody"`,
	} {
		if !strings.Contains(shown, want) {
			t.Errorf("tshark does not show %q", want)
		}
	}
	if t.Failed() || strings.Contains(shown, "alformed") || strings.Contains(shown, "Lua Error") {
		t.Errorf("tshark shows\n%s", shown)
	}
}

// chat runs a client that reads stdin.
func chat(t *testing.T, stdin string, command ...string) {
	t.Helper()
	client := exec.Command(command[0], command[1:]...)
	client.Stdin = strings.NewReader(stdin)
	if out, err := client.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
