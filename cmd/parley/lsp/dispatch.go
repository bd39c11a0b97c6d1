package lsp

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/sourcegraph/jsonrpc2"
)

// The codes of errors that the protocol has beyond JSON-RPC's.
const (
	codeNotInitialized = -32002
	codeFailed         = -32803
	codeCancelled      = -32800
)

// A request waits for its answer, with the workspace as it was when it came.
type request struct {
	ctx      context.Context
	cancel   context.CancelFunc
	id       jsonrpc2.ID
	verb     verb
	params   json.RawMessage
	snapshot *snapshot
}

// A verb answers one kind of request. Its error is a *jsonrpc2.Error, or one that says why there is no answer.
type verb func(ctx context.Context, w *snapshot, params json.RawMessage) (any, error)

// verbs are the requests that a running server answers, but for shutdown.
var verbs = map[string]verb{
	"textDocument/formatting":     verbOf(formatting),
	"textDocument/definition":     verbOf(definition),
	"textDocument/references":     verbOf(references),
	"textDocument/prepareRename":  verbOf(prepareRename),
	"textDocument/rename":         verbOf(rename),
	"textDocument/hover":          verbOf(hover),
	"textDocument/completion":     verbOf(completion),
	"textDocument/documentSymbol": verbOf(outline),
	"workspace/symbol":            verbOf(symbols),
}

// verbOf returns f as a verb.
func verbOf[P, R any](f func(context.Context, *snapshot, P) (R, error)) verb {
	return func(ctx context.Context, w *snapshot, raw json.RawMessage) (any, error) {
		var p P
		if err := decode(raw, &p); err != nil {
			return nil, err
		}
		return f(ctx, w, p)
	}
}

// decode reads the parameters of a message.
func decode(raw json.RawMessage, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidParams, Message: err.Error()}
	}
	return nil
}

// Handle takes one message. What changes documents is done at once, so that a request sees all that came before it.
func (s *server) Handle(ctx context.Context, _ *jsonrpc2.Conn, r *jsonrpc2.Request) {
	<-s.connected
	var params json.RawMessage
	if r.Params != nil {
		params = *r.Params
	}
	if r.Notif {
		if err := s.notified(ctx, r.Method, params); err != nil {
			s.log.Printf("%s: %v", r.Method, err)
		}
		return
	}
	s.mu.Lock()
	stage := s.stage
	s.mu.Unlock()
	verb := verbs[r.Method]
	switch {
	case stage == fresh && r.Method == "initialize":
		result, err := s.initialize(params)
		s.reply(ctx, r.ID, result, err)
	case stage == fresh:
		s.reply(ctx, r.ID, nil, &jsonrpc2.Error{Code: codeNotInitialized, Message: "the first request is initialize"})
	case stage != running || r.Method == "initialize":
		s.reply(ctx, r.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInvalidRequest, Message: r.Method + " comes too late"})
	case r.Method == "shutdown":
		s.setStage(stopping)
		s.reply(ctx, r.ID, nil, nil)
	case verb == nil:
		s.reply(ctx, r.ID, nil, &jsonrpc2.Error{Code: jsonrpc2.CodeMethodNotFound, Message: "there is no request " + r.Method})
	default:
		s.enqueue(ctx, &request{id: r.ID, verb: verb, params: params, snapshot: s.snapshot()})
	}
}

func (s *server) setStage(stage stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stage = stage
}

// enqueue leaves a request to answer. It waits while too many are there already.
func (s *server) enqueue(ctx context.Context, r *request) {
	r.ctx, r.cancel = context.WithCancel(ctx)
	s.mu.Lock()
	s.waiting[r.id] = r.cancel
	s.mu.Unlock()
	select {
	case s.requests <- r:
	case <-ctx.Done():
		r.cancel()
	}
}

// notified does what a notification says. Those that the server does not know are passed over.
func (s *server) notified(ctx context.Context, method string, raw json.RawMessage) error {
	s.mu.Lock()
	stage := s.stage
	s.mu.Unlock()
	if method == "exit" {
		if stage == stopping {
			s.setStage(gone)
		}
		return s.conn.Close()
	}
	if stage != running {
		return nil
	}
	switch method {
	case "initialized":
		s.watchFiles(ctx)
	case "textDocument/didOpen":
		return note(s, raw, s.opened)
	case "textDocument/didChange":
		return note(s, raw, s.changed)
	case "textDocument/didClose":
		return note(s, raw, s.closed)
	case "textDocument/didSave", "workspace/didChangeWatchedFiles":
		return note(s, raw, func(struct{}) { s.disk.forget() })
	case "$/cancelRequest":
		return s.cancel(raw)
	}
	return nil
}

// note changes the workspace and wakes diagnose.
func note[P any](s *server, raw json.RawMessage, change func(P)) error {
	var p P
	if err := decode(raw, &p); err != nil {
		return err
	}
	change(p)
	select {
	case s.dirty <- struct{}{}:
	default: // it is awake already
	}
	return nil
}

// cancel ends the work on a request. It is answered nevertheless, with an error.
func (s *server) cancel(raw json.RawMessage) error {
	var p cancelParams
	var id jsonrpc2.ID
	if err := errors.Join(decode(raw, &p), json.Unmarshal(p.ID, &id)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if cancel := s.waiting[id]; cancel != nil {
		cancel()
	}
	return nil
}

// answer answers requests one after the other, until ctx is done.
func (s *server) answer(ctx context.Context) {
	for {
		select {
		case r := <-s.requests:
			result, err := s.run(r)
			s.reply(ctx, r.id, result, err)
			r.cancel()
			s.mu.Lock()
			delete(s.waiting, r.id)
			s.mu.Unlock()
		case <-ctx.Done():
			return
		}
	}
}

// run does what a request asks for. A mistake of the server's own costs the answer, not what the user is about to write.
func (s *server) run(r *request) (result any, err error) {
	defer s.guard(func(cause string) {
		result, err = nil, &jsonrpc2.Error{Code: jsonrpc2.CodeInternalError, Message: cause}
	})
	if r.ctx.Err() == nil {
		result, err = r.verb(r.ctx, r.snapshot, r.params)
	}
	if r.ctx.Err() != nil {
		return nil, &jsonrpc2.Error{Code: codeCancelled, Message: "the request was cancelled"}
	}
	return result, err
}

// guard, deferred, ends a panic: it is logged, and the server goes on.
func (s *server) guard(report func(cause string)) {
	if cause := recover(); cause != nil {
		s.log.Printf("panic: %v\n%s", cause, debug.Stack())
		report(fmt.Sprintf("panic: %v", cause))
	}
}

// reply answers a request. An editor that is gone needs no answer.
func (s *server) reply(ctx context.Context, id jsonrpc2.ID, result any, err error) {
	if err == nil {
		err = s.conn.Reply(ctx, id, result)
	} else {
		answer, ok := errors.AsType[*jsonrpc2.Error](err)
		if !ok {
			answer = &jsonrpc2.Error{Code: codeFailed, Message: err.Error()}
		}
		err = s.conn.ReplyWithError(ctx, id, answer)
	}
	if err != nil && !errors.Is(err, jsonrpc2.ErrClosed) {
		s.log.Printf("an answer: %v", err)
	}
}
