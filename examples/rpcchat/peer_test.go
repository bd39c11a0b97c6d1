package rpcchat

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/rpcchat/client"
	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// peer returns the command for testdata/peer.py, a stranger's implementation
// of the wire: a test with it cannot be right just because both ends share a mistake.
func peer(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("skipped: there is no python3 for testdata/peer.py")
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, python, append([]string{"testdata/peer.py"}, args...)...)
	cmd.Stderr = os.Stderr
	return cmd
}

func TestStrangersClient(t *testing.T) {
	server := startServer(t, nil)
	calls := []struct{ call, want string }{
		{`["Register", "alice"]`, `{"result": null}`},
		{`["Register", "Zoë"]`, `{"result": null}`},
		{`["Register", "a b"]`, `{"error": "Register: user must only contain letters and digits"}`},
		{`["Register", ""]`, `{"error": "Register: user must be between 1 and 20 letters"}`},
		{`["List"]`, `{"result": ["Zoë", "alice"]}`},
		{`["Say", "Zoë", "grüß  dich"]`, `{"result": null}`},
		{`["Tell", "alice", "Zoë", "hi"]`, `{"result": null}`},
		{`["Tell", "alice", "carl", "hi"]`, `{"result": null}`},
		{`["CheckMessages", "alice"]`, `{"result": ["*** Zoë has logged in", "Zoë says grüß  dich", "*** No such user: carl"]}`},
		{`["CheckMessages", "Zoë"]`, `{"result": ["Zoë says grüß  dich", "alice tells you hi"]}`},
		{`["CheckMessages", "Zoë"]`, `{"result": []}`},
		{`["Quit", "Zoë"]`, `{"result": null}`},
		{`["CheckMessages", "Zoë"]`, `{"result": ["*** You are not logged in, Zoë"]}`},
		{`["CheckMessages", "alice"]`, `{"result": ["*** Zoë has logged out"]}`},
		{`["Shutdown"]`, `{"result": null}`},
	}
	host, port, _ := strings.Cut(server.address, ":")
	cmd := peer(t, "call", host, port)
	for _, call := range calls {
		cmd.Stdin = readers(cmd.Stdin, call.call+"\n")
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Split(strings.TrimSpace(string(out)), "\n")
	if len(answers) != len(calls) {
		t.Fatalf("got %d answers, want %d: %s", len(answers), len(calls), out)
	}
	for i, call := range calls {
		if !sameJSON(t, answers[i], call.want) {
			t.Errorf("%s: got %s, want %s", call.call, answers[i], call.want)
		}
	}
	if err := <-server.served; err != nil {
		t.Errorf("after Shutdown, Serve returned %v", err)
	}
}

// readers appends text to what r reads; r may be nil.
func readers(r io.Reader, text string) io.Reader {
	if r == nil {
		return strings.NewReader(text)
	}
	return io.MultiReader(r, strings.NewReader(text))
}

func sameJSON(t *testing.T, a, b string) bool {
	var texts [2]bytes.Buffer
	for i, text := range []string{a, b} {
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if err := json.NewEncoder(&texts[i]).Encode(value); err != nil {
			t.Fatal(err)
		}
	}
	return bytes.Equal(texts[0].Bytes(), texts[1].Bytes())
}

func TestStrangersServer(t *testing.T) {
	cmd := peer(t, "serve")
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	port, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	user := client.Client{
		Chat:   rpcchat.NewChatClient(runtime.Classic("127.0.0.1:" + strings.TrimSpace(port))),
		User:   "alice",
		Stdin:  strings.NewReader("list\nsay hello  Zoë\ntell carl hi\ntell alice a note\nshutdown\n"),
		Stdout: &out,
		Poll:   time.Millisecond,
	}
	if err := user.Run(t.Context()); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"  alice (you)\n", "alice says hello  Zoë\n*** No such user: carl\nalice tells you a note\n"} {
		if got := out.String(); !strings.Contains(messagesLast(got), want) {
			t.Errorf("got %q, want in it %q", got, want)
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("after shutdown, the stranger's server: %v", err)
	}
}

// messagesLast moves the answer to list, which comes at some time among the
// messages, before them.
func messagesLast(out string) string {
	const answer = "Logged in (1):\n  alice (you)\n"
	return answer + strings.Replace(out, answer, "", 1)
}
