package lsp

import (
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"
)

// A client is an editor at the other end of a pipe.
type client struct {
	t    testing.TB
	conn *jsonrpc2.Conn
	root string // the folder that it works in

	told     chan publishParams
	unread   map[string]publishParams // the last that the server said of a file, by URI, until it is asked for
	versions map[string]int           // of open documents, by URI
	served   chan error               // what Serve returns
	asked    chan string              // methods of the server's requests
}

// startClient starts a server for a folder with those files, and a client of it.
func startClient(t testing.TB, files map[string]string) *client {
	c := &client{
		t:        t,
		root:     t.TempDir(),
		told:     make(chan publishParams, 1000),
		unread:   map[string]publishParams{},
		versions: map[string]int{},
		served:   make(chan error, 1),
		asked:    make(chan string, 10),
	}
	for name, text := range files {
		c.write(name, text)
	}
	near, far := net.Pipe()
	go func() { c.served <- Serve(context.Background(), far, testOptions(t, c.root)) }()
	c.conn = jsonrpc2.NewConn(context.Background(), jsonrpc2.NewBufferedStream(near, jsonrpc2.VSCodeObjectCodec{}), c, jsonrpc2.SetLogger(quiet{}))
	t.Cleanup(func() { c.conn.Close() })
	return c
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}

// testOptions has the folder root as the root of all.
func testOptions(t testing.TB, root string) Options {
	return Options{
		Root: func(string) (string, error) { return root, nil },
		Skip: func(folder string) bool { return filepath.Base(folder) == "testdata" },
		Runtime: func(files fs.FS) string {
			if _, err := fs.Stat(files, "own"); err != nil {
				return ""
			}
			return "own"
		},
		Log: logWriter{t},
	}
}

// A logWriter fails the test when the server complains of itself.
type logWriter struct{ t testing.TB }

func (w logWriter) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "panic") {
		w.t.Errorf("got %s, want no panic", p)
	}
	return io.Discard.Write(p)
}

// Handle takes what the server says by itself.
func (c *client) Handle(ctx context.Context, conn *jsonrpc2.Conn, r *jsonrpc2.Request) {
	if !r.Notif {
		c.asked <- r.Method
		_ = conn.Reply(ctx, r.ID, nil)
		return
	}
	var p publishParams
	if err := json.Unmarshal(*r.Params, &p); err != nil {
		c.t.Error(err)
	}
	c.told <- p
}

func (c *client) write(name, text string) {
	path := filepath.Join(c.root, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) uri(name string) string {
	return uriOf(filepath.Join(c.root, filepath.FromSlash(name)))
}

// call makes a request and returns its result as it came.
func (c *client) call(method string, params any) (json.RawMessage, error) {
	var result json.RawMessage
	err := c.conn.Call(context.Background(), method, params, &result)
	return result, err
}

func (c *client) notify(method string, params any) {
	if err := c.conn.Notify(context.Background(), method, params); err != nil {
		c.t.Fatal(err)
	}
}

// start initializes the server.
func (c *client) start(encodings ...string) {
	var p initializeParams
	p.Capabilities.General.PositionEncodings = encodings
	if _, err := c.call("initialize", p); err != nil {
		c.t.Fatal(err)
	}
	c.notify("initialized", struct{}{})
}

func (c *client) open(name, text string) {
	c.versions[c.uri(name)] = 1
	c.notify("textDocument/didOpen", documentParams{textDocument{URI: c.uri(name), Version: 1, Text: text}})
}

func (c *client) change(name string, changes ...change) {
	c.versions[c.uri(name)]++
	c.notify("textDocument/didChange", changeParams{textDocument{URI: c.uri(name), Version: c.versions[c.uri(name)]}, changes})
}

// diagnostics waits for what the server says about a file as it is now.
func (c *client) diagnostics(name string) []Diagnostic {
	uri := c.uri(name)
	for {
		p, ok := c.unread[uri]
		version, open := c.versions[uri]
		if ok && (!open || p.Version != nil && *p.Version == version) {
			delete(c.unread, uri)
			return p.Diagnostics
		}
		p = <-c.told
		c.unread[p.URI] = p
	}
}

// messages waits for the mistakes of a file, without warnings.
func (c *client) messages(name string) []string {
	var messages []string
	for _, d := range c.diagnostics(name) {
		if d.Severity == severityError {
			messages = append(messages, d.Message)
		}
	}
	return messages
}

// want fails the test if the server does not say those messages about a file.
func (c *client) want(name string, messages ...string) {
	c.t.Helper()
	if got := c.messages(name); !slices.Equal(got, messages) {
		c.t.Errorf("%s: got %q, want %q", name, got, messages)
	}
}
