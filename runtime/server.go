package runtime

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// A Server answers the calls of the services that are registered with it. Its methods
// may be called by any number of goroutines at once.
type Server struct {
	classic transport.ClassicServer
	logger  *slog.Logger
	timeout time.Duration // of requests, handlers, responses; 0 is the default

	mu       sync.RWMutex
	services map[uint8]Service
	handlers map[uint16]*Handler // by message type
}

var _ Registrar = (*Server)(nil)

// NewServer returns a server without services that does not listen yet.
func NewServer(options ...ServerOption) *Server {
	s := &Server{
		services: make(map[uint8]Service),
		handlers: make(map[uint16]*Handler),
	}
	for _, option := range options {
		option.applyToServer(s)
	}
	s.logger = cmp.Or(s.logger, slog.Default())
	s.classic.Logger = s.logger
	s.classic.Timeout = s.timeout
	s.classic.Handler = s.answerClassic
	return s
}

// Register lets service answer the calls that carry its number. A server that is
// already serving knows it from the next request on. Register panics if the number is taken,
// naming both services, and if the description of service does not fit together.
func (s *Server) Register(service Service) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if taken, ok := s.services[service.Number]; ok {
		panic(fmt.Sprintf("runtime: services %s and %s both have number %d", taken.Name, service.Name, service.Number))
	}
	check(service)
	s.services[service.Number] = service
	for i := range service.Handlers {
		handler := &service.Handlers[i]
		s.handlers[handler.Method.Type] = handler
	}
}

// check panics if service cannot have come from the generator.
func check(service Service) {
	if service.Number == 255 {
		panic(fmt.Sprintf("runtime: service %s has number 255, which is the runtime's own", service.Name))
	}
	seen := make(map[uint16]*Method, len(service.Handlers))
	for _, handler := range service.Handlers {
		method := handler.Method
		if method.Type>>8 != uint16(service.Number) {
			panic(fmt.Sprintf("runtime: method %s of service number %d has message type %#04x", method, service.Number, method.Type))
		}
		if other := seen[method.Type]; other != nil {
			panic(fmt.Sprintf("runtime: methods %s and %s both have message type %#04x", other, method, method.Type))
		}
		seen[method.Type] = method
	}
}

// handler returns who answers messages of the given type, or nil.
func (s *Server) handler(messageType uint16) *Handler {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.handlers[messageType]
}

// Serve answers what comes in on listener until Shutdown or Close, and then returns
// nil; or until the listener fails for good, and then returns its error. Errors that
// pass, such as too many open files, are logged and waited out. Serve closes the
// listener, and returns after the goroutines of its connections have. It may run for
// several listeners at once.
func (s *Server) Serve(listener net.Listener) error { return s.classic.Serve(listener) }

// Shutdown stops accepting, closes the connections on which nothing has come yet, and
// waits until the requests that have begun are answered and their [AfterReply]
// functions have returned. If ctx ends first, it does what Close does and returns ctx's
// error. A handler that calls Shutdown waits for itself: let AfterReply tell main to.
func (s *Server) Shutdown(ctx context.Context) error { return s.classic.Shutdown(ctx) }

// Close stops accepting, closes all connections, and ends the contexts of their
// handlers. It does not wait for the handlers to return; Serve does.
func (s *Server) Close() error { return s.classic.Close() }
