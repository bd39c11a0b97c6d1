package runtime

import (
	"context"
	"net"
	"sync"

	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// A Server answers the calls of the services that are registered with it, in both
// forms on one port: the first two bytes of a connection tell which. Its methods may be
// called by any number of goroutines at once.
type Server struct {
	answerer
	classic classic.Server

	lifecycle sync.Mutex
	serving   int // how many Serve run; the first sets config.Workers
	sessions  map[*transport.Session]struct{}
	leaving   context.Context // bounds the draining of sessions; nil before Shutdown
}

var _ Registrar = (*Server)(nil)

// NewServer returns a server without services that does not listen yet.
func NewServer(options ...ServerOption) *Server {
	s := new(Server)
	for _, option := range options {
		option.applyToServer(s)
	}
	s.answerer.begin()
	s.classic.Logger = s.logger
	s.classic.Timeout = s.timeout
	s.classic.Handler = s.answerClassic
	s.classic.Session = s.serveSession
	s.sessions = make(map[*transport.Session]struct{})
	return s
}

// Register lets service answer the calls that carry its number. A server that is
// already serving knows it from the next request on. Register panics if the number is taken,
// naming both services, and if the description of service does not fit together.
func (s *Server) Register(service Service) { s.registry.Register(service) }

// Serve answers what comes in on listener until Shutdown or Close, and then returns
// nil; or until the listener fails for good, and then returns its error. Errors that
// pass, such as too many open files, are logged and waited out. A config of [WithTLS] that
// has no certificate is an error too. Serve closes the listener, and returns after the goroutines of its connections have. It may run for
// several listeners at once; the last to return waits for the handlers of sessions.
func (s *Server) Serve(listener net.Listener) error {
	if err := checkTLS(s.classic.TLS); err != nil {
		listener.Close()
		return err
	}
	s.enter()
	defer s.leave()
	return s.classic.Serve(listener)
}

// enter makes the workers, with the first Serve.
func (s *Server) enter() {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	if s.serving++; s.serving == 1 {
		s.config.Workers = transport.NewWorkers()
	}
}

// leave waits for handlers, in the last Serve.
func (s *Server) leave() {
	s.lifecycle.Lock()
	s.serving--
	last, workers := s.serving == 0, s.config.Workers
	s.lifecycle.Unlock()
	if last {
		workers.Close()
		s.hooks.wait()
	}
}

// serveSession begins a session. While nothing happens on it, it costs the one goroutine that
// reads, which is its own; closed is called when that has ended.
func (s *Server) serveSession(conn net.Conn, head []byte, closed func()) {
	s.lifecycle.Lock()
	defer s.lifecycle.Unlock()
	config := s.config
	config.Ended = func(session *transport.Session) {
		s.lifecycle.Lock()
		delete(s.sessions, session)
		s.lifecycle.Unlock()
		closed()
	}
	session := transport.Accepted(conn, head, &config)
	s.sessions[session] = struct{}{}
	if s.leaving != nil {
		s.drain(session)
	}
}

// drain has the calls of a session end, and then the session. It is called with the lock held.
func (s *Server) drain(session *transport.Session) {
	go session.Shutdown(s.leaving, errStopping.message) // ends with the session; Serve waits
}

// Shutdown stops accepting, closes the connections on which nothing has come yet, and
// waits until the requests that have begun are answered and their [AfterReply]
// functions have returned. Sessions take no new calls; their peers know that
// those did not run. The contexts of handlers that use streams end at once, since a stream may have no end
// of its own. If ctx ends first, Shutdown does what Close does and returns ctx's
// error. A handler that calls Shutdown waits for itself: let AfterReply tell main to.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.lifecycle.Lock()
	if s.leaving == nil {
		s.leaving = ctx
		for session := range s.sessions {
			s.drain(session)
		}
	}
	s.lifecycle.Unlock()
	if err := s.classic.Shutdown(ctx); err != nil {
		return err
	}
	s.hooks.wait()
	return ctx.Err() // sessions may have been cut off for it
}

// Close stops accepting, closes all connections, and ends the contexts of their
// handlers. It does not wait for the handlers to return; Serve does.
func (s *Server) Close() error { return s.classic.Close() }
