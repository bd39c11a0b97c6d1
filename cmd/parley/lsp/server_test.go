package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"
)

func TestServeEnds(t *testing.T) {
	tests := []struct {
		name    string
		methods string // those of requests end in ?
		want    error
	}{
		{"shutdown and exit", "initialize? initialized shutdown? exit", nil},
		{"exit alone", "initialize? exit", ErrNoExit},
		{"exit at once", "exit", ErrNoExit},
		{"exit between", "initialize? initialized exit", ErrNoExit},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := startClient(t, nil)
			for _, method := range strings.Fields(test.methods) {
				if method, ok := strings.CutSuffix(method, "?"); ok {
					if _, err := c.call(method, struct{}{}); err != nil {
						t.Fatal(err)
					}
				} else {
					c.notify(method, struct{}{})
				}
			}
			if got := <-c.served; got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// A transcript is a stream of which everything is there at once.
type transcript struct {
	io.Reader
	io.Writer
}

func (transcript) Close() error { return nil }

func TestServeAtTheEndOfTheStream(t *testing.T) {
	frame := func(body string) string {
		return fmt.Sprintf("Content-Length: %d\r\n\r\n%s", len(body), body)
	}
	const noMessage = "what came is no message of the Language Server Protocol, which editors speak: "
	gone := ErrNoExit.Error()
	tests := []struct {
		name, input string
		want        string
	}{
		{"nothing", "", "<nil>"},
		{"no frame", "hello\r\n\r\n", noMessage + "no Content-Length header found"},
		{"other line ends", "hello\r\rhello\r\r", noMessage + `line endings must be \r\n`},
		{"not json", frame(`{]`), noMessage + "invalid character ']' looking for beginning of object key string"},
		{"half a frame", frame(`{}`)[:19], gone},
		{"initialized only", frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`), gone},
		{"shut down only", frame(`{"jsonrpc":"2.0","id":1,"method":"initialize","params":{}}`) + frame(`{"jsonrpc":"2.0","id":"x","method":"shutdown"}`), gone},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Serve(context.Background(), transcript{strings.NewReader(test.input), io.Discard}, testOptions(t, t.TempDir()))
			if fmt.Sprint(got) != test.want {
				t.Errorf("got %v, want %s", got, test.want)
			}
		})
	}
}

func TestServeEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	defer writer.Close()
	served := make(chan error)
	go func() { served <- Serve(ctx, transcript{reader, io.Discard}, testOptions(t, t.TempDir())) }()
	cancel()
	if err := <-served; err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestCancel(t *testing.T) {
	begun := make(chan struct{})
	verbs["test/wait"] = func(ctx context.Context, _ *snapshot, _ json.RawMessage) (any, error) {
		close(begun)
		<-ctx.Done()
		return "late", nil
	}
	verbs["test/panic"] = func(context.Context, *snapshot, json.RawMessage) (any, error) { panic("on purpose") }
	defer delete(verbs, "test/wait")
	defer delete(verbs, "test/panic")
	c := startClient(quietly{t}, nil)
	c.start()

	first, err := c.conn.DispatchCall(context.Background(), "test/wait", nil, jsonrpc2.PickID(jsonrpc2.ID{Num: 71}))
	if err != nil {
		t.Fatal(err)
	}
	<-begun
	second, err := c.conn.DispatchCall(context.Background(), "textDocument/hover", positionParams{}, jsonrpc2.PickID(jsonrpc2.ID{Str: "b", IsString: true}))
	if err != nil {
		t.Fatal(err)
	}
	c.notify("$/cancelRequest", map[string]any{"id": "b"}) // one that waits
	c.notify("$/cancelRequest", map[string]any{"id": 71})  // one that is being answered
	for _, w := range []jsonrpc2.Waiter{first, second} {
		if got := w.Wait(context.Background(), nil); errorCode(got) != codeCancelled {
			t.Errorf("got %v, want code %d", got, codeCancelled)
		}
	}
	if _, got := c.call("test/panic", nil); errorCode(got) != jsonrpc2.CodeInternalError {
		t.Errorf("got %v, want code %d", got, jsonrpc2.CodeInternalError)
	}
	if _, err := c.call("workspace/symbol", symbolParams{}); err != nil {
		t.Errorf("after a panic got %v, want an answer", err)
	}
}

// quietly takes a panic on purpose for none.
type quietly struct{ testing.TB }

func (quietly) Errorf(string, ...any) {}

func errorCode(err error) int64 {
	if e, ok := errors.AsType[*jsonrpc2.Error](err); ok {
		return e.Code
	}
	return 0
}

func TestWatchesFilesWhereTheClientCan(t *testing.T) {
	c := startClient(t, nil)
	if _, err := c.call("initialize", json.RawMessage(`{"capabilities":{"workspace":{"didChangeWatchedFiles":{"dynamicRegistration":true}}}}`)); err != nil {
		t.Fatal(err)
	}
	c.notify("initialized", struct{}{})
	if got := <-c.asked; got != "client/registerCapability" {
		t.Errorf("got %q, want client/registerCapability", got)
	}
}
