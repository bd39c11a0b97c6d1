package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sourcegraph/jsonrpc2"
)

// Options say how a server finds packages. Its functions may be called by any number of goroutines at once.
type Options struct {
	// Root returns the absolute path of the folder from which the imports of the package in folder start.
	Root func(folder string) (string, error)

	// Skip reports whether a folder below a root is passed over, with all that is in it, when packages are looked for.
	// Documents that are open there are worked on nevertheless.
	Skip func(folder string) bool

	// Runtime returns the path of the package below a root that is the runtime's own, or "".
	Runtime func(root fs.FS) string

	Version string    // of the program, for the editor to show; "" says nothing
	Log     io.Writer // gets what is wrong with the conversation, or with the server
}

// ErrNoExit is the error for an editor that went away without the two steps that the protocol wants: the request
// shutdown, then the notification exit.
var ErrNoExit = errors.New("the editor went away without the request shutdown and the notification exit")

// Serve talks to the editor at the other end of stream until that says exit, the stream ends, ctx is done, or what comes is
// no message. It closes stream and returns when all that it started has ended. The error is nil after shutdown and exit,
// and for a stream that ends before the editor has said anything.
func Serve(ctx context.Context, stream io.ReadWriteCloser, options Options) error {
	s := newServer(options)
	logger := log.New(options.Log, "parley lsp: ", 0)
	s.log = logger
	heard := &listener{ReadWriteCloser: stream}
	objects := &messages{ObjectStream: jsonrpc2.NewBufferedStream(heard, jsonrpc2.VSCodeObjectCodec{}), server: s}
	conn := jsonrpc2.NewConn(ctx, objects, s, jsonrpc2.SetLogger(logger))
	s.conn = conn
	close(s.connected)

	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	workers.Go(func() { s.answer(ctx) })
	workers.Go(func() { s.diagnose(ctx) })
	<-conn.DisconnectNotify()
	cancel()
	workers.Wait()

	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.fault != nil:
		return fmt.Errorf("what came is no message of the Language Server Protocol, which editors speak: %w", s.fault)
	case s.stage == gone || !heard.something.Load():
		return nil
	}
	return ErrNoExit
}

// messages are what comes and goes on the stream. What is no message ends it, and is noted as the server's fault, for
// Serve to return.
type messages struct {
	jsonrpc2.ObjectStream
	server *server
}

func (m *messages) ReadObject(v any) error {
	err := m.ObjectStream.ReadObject(v)
	if err == nil || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	<-m.server.connected
	select {
	case <-m.server.conn.DisconnectNotify(): // the stream was closed here
	default:
		m.server.mu.Lock()
		m.server.fault = errors.New(strings.TrimPrefix(err.Error(), "jsonrpc2: "))
		m.server.mu.Unlock()
	}
	return io.EOF // Serve says what it was; the library would log it, perhaps when the program has ended
}

// A listener notes whether the other end has said anything.
type listener struct {
	io.ReadWriteCloser
	something atomic.Bool
}

func (l *listener) Read(p []byte) (int, error) {
	n, err := l.ReadWriteCloser.Read(p)
	if n > 0 {
		l.something.Store(true)
	}
	return n, err
}

// A stage is how far the conversation is:
//
//	fresh --initialize--> running --shutdown--> stopping --exit--> gone
type stage int

const (
	fresh stage = iota
	running
	stopping
	gone
)

// A server is one conversation. Its Handle runs on the goroutine that reads the stream, one message after the other;
// answer and diagnose are a goroutine each, and see snapshots only.
type server struct {
	options   Options
	disk      *disk
	log       *log.Logger
	conn      *jsonrpc2.Conn
	connected chan struct{} // closed when conn is set

	requests chan *request // to answer; when it is full, reading waits
	dirty    chan struct{} // holds one: something has changed since diagnose took a snapshot

	mu        sync.Mutex
	stage     stage
	fault     error // what came in place of a message
	encoding  encoding
	watches   bool // whether the editor can be asked to watch files
	documents map[string]*document
	waiting   map[jsonrpc2.ID]context.CancelFunc // requests that were not answered yet
}

// newServer returns a server without a conversation.
func newServer(options Options) *server {
	return &server{
		options:   options,
		disk:      newDisk(options),
		connected: make(chan struct{}),
		requests:  make(chan *request, 64),
		dirty:     make(chan struct{}, 1),
		encoding:  encodingUTF16,
		documents: map[string]*document{},
		waiting:   map[jsonrpc2.ID]context.CancelFunc{},
	}
}

// snapshot returns the workspace as it is now.
func (s *server) snapshot() *snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &snapshot{documents: s.documents, disk: s.disk, encoding: s.encoding}
}

// initialize answers the first request with what the server can do.
func (s *server) initialize(raw json.RawMessage) (any, error) {
	var p initializeParams
	if err := decode(raw, &p); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = running
	if slices.Contains(p.Capabilities.General.PositionEncodings, string(encodingUTF8)) {
		s.encoding = encodingUTF8
	}
	s.watches = p.Capabilities.Workspace.DidChangeWatchedFiles.DynamicRegistration
	return initializeResult{
		ServerInfo: serverInfo{Name: "parley", Version: s.options.Version},
		Capabilities: capabilities{
			PositionEncoding:           string(s.encoding),
			TextDocumentSync:           syncOptions{OpenClose: true, Change: syncIncremental, Save: true},
			DocumentFormattingProvider: true,
			DefinitionProvider:         true,
			ReferencesProvider:         true,
			RenameProvider:             renameOptions{PrepareProvider: true},
			HoverProvider:              true,
			CompletionProvider:         completionOptions{TriggerCharacters: []string{"@", ".", "(", `"`, "{", "?", "]"}},
			DocumentSymbolProvider:     true,
			WorkspaceSymbolProvider:    true,
		},
	}, nil
}

// watchFiles asks the editor to say when .parley files change on disk. Its answer says nothing that matters.
func (s *server) watchFiles(ctx context.Context) {
	s.mu.Lock()
	watches := s.watches
	s.mu.Unlock()
	if !watches {
		return
	}
	var watchers []fileWatcher
	for _, pattern := range []string{"**/*.parley", "**/parley.root", "**/go.mod"} {
		watchers = append(watchers, fileWatcher{GlobPattern: pattern})
	}
	_, _ = s.conn.DispatchCall(ctx, "client/registerCapability", registrationParams{[]registration{{
		ID: "files", Method: "workspace/didChangeWatchedFiles", RegisterOptions: watchOptions{watchers},
	}}})
}
