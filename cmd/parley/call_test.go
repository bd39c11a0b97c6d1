package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// startLab serves lab.parley for the time of the test, and returns the address.
func startLab(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := runtime.NewServer(runtime.WithLogger(slog.New(slog.DiscardHandler)))
	registerLab(server)
	done := make(chan error)
	go func() { done <- server.Serve(listener) }() // ends with Close, for which Cleanup waits
	t.Cleanup(func() { server.Close(); <-done })
	return listener.Addr().String()
}

// A conversation is a command that runs while its standard input and output are used.
type conversation struct {
	t      *testing.T
	stdin  *io.PipeWriter
	stdout *bufio.Reader
	done   chan error
}

func converse(ctx context.Context, t *testing.T, args ...string) *conversation {
	in, stdin := io.Pipe()
	stdout, out := io.Pipe()
	c := &conversation{t, stdin, bufio.NewReader(stdout), make(chan error, 1)}
	go func() { // ends with the command, for which the test waits at done
		c.done <- run(ctx, args, in, out, io.Discard)
		out.Close()
	}()
	t.Cleanup(func() { stdin.Close(); stdout.Close() })
	return c
}

func (c *conversation) say(line string) {
	c.t.Helper()
	if _, err := io.WriteString(c.stdin, line+"\n"); err != nil {
		c.t.Fatal(err)
	}
}

func (c *conversation) hear(want string) {
	c.t.Helper()
	got, err := c.stdout.ReadString('\n')
	if got != want+"\n" {
		c.t.Fatalf("got %q, %v; want %q", got, err, want)
	}
}

// TestStreamsAreNotKeptBack answers each line before the next is there.
func TestStreamsAreNotKeptBack(t *testing.T) {
	c := converse(t.Context(), t, "call", startLab(t), "Lab.Shout", `{"mark": "!"}`)
	for _, word := range []string{"a", "b"} {
		c.say(`"` + word + `"`)
		c.hear(`"` + strings.ToUpper(word) + `!"`)
	}
	c.stdin.Close()
	if err := <-c.done; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

// TestEarlyAnswerIsNotKeptBack has an answer come while the command waits for a line.
func TestEarlyAnswerIsNotKeptBack(t *testing.T) {
	c := converse(t.Context(), t, "call", startLab(t), "Lab.Sum")
	c.say("-1")
	if err := <-c.done; runtime.CodeOf(err) != runtime.CodeOutOfRange {
		t.Errorf("got %v, want the server's out_of_range", err)
	}
}

// TestClosedOutputEndsStream has nobody read what comes, as with «parley call … | head -1».
func TestClosedOutputEndsStream(t *testing.T) {
	reader, stdout := io.Pipe()
	reader.Close()
	err := run(t.Context(), []string{"call", startLab(t), "Lab.Count", `{"to": 4000000000}`}, strings.NewReader(""), stdout, io.Discard)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("got %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestInterruptCancelsCall(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := converse(ctx, t, "call", startLab(t), "Lab.Shout", `{"mark": "!"}`)
	c.say(`"a"`)
	c.hear(`"A!"`)
	interrupt()
	if err := <-c.done; runtime.CodeOf(err) != runtime.CodeCanceled || err.Error() != "interrupted" {
		t.Errorf("got %v, %v; want interrupted, canceled", err, runtime.CodeOf(err))
	}
}

func TestInterruptEndsPing(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	c := converse(ctx, t, "ping", "-count", "0", "-interval", "1h", "-classic", startLab(t))
	if got, err := c.stdout.ReadString('\n'); !strings.HasPrefix(got, "1: ") {
		t.Fatalf("got %q, %v; want the first answer", got, err)
	}
	interrupt()
	if got, err := c.stdout.ReadString('\n'); !strings.HasPrefix(got, "1 of 1 answered, ") {
		t.Fatalf("got %q, %v; want a summary", got, err)
	}
	if err := <-c.done; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestTextOfServerCannotUpsetTerminal(t *testing.T) {
	var stderr bytes.Buffer
	run(t.Context(), []string{"call", startLab(t), "Greeter.Greet", `{"name": ""}`}, strings.NewReader(""), io.Discard, &stderr)
	if got := stderr.String(); strings.ContainsRune(got, '\x1b') || !strings.Contains(got, "nobody to greet") {
		t.Errorf("got %q, want the text without its escape", got)
	}
}
