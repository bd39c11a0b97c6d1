package classic

import (
	"context"
	"net"
)

// Shutdown stops accepting, closes the connections on which nothing has come yet, and
// waits until the others are served and closed, and Done of their exchanges has
// returned. If ctx ends first, it does what Close does and returns ctx's error.
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop()
	s.mu.Lock()
	for c := range s.conns {
		c.closeUnbegun()
	}
	s.mu.Unlock()
	select {
	case <-s.idle:
		s.end()
		return nil
	case <-ctx.Done():
		s.Close()
		return ctx.Err()
	}
}

// Close stops accepting, closes all connections, and then ends the handlers' context: what
// they answer for that reaches nobody. It does not wait for the handlers to return; Serve
// does. Its error is always nil.
func (s *Server) Close() error {
	s.stop()
	s.mu.Lock()
	for c := range s.conns {
		c.raw.Close()
	}
	s.mu.Unlock()
	s.end()
	return nil
}

// stop makes every Serve stop accepting.
func (s *Server) stop() {
	s.init()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.closing = true
	close(s.done)
	for listener := range s.listeners {
		listener.Close()
	}
	if len(s.conns) == 0 {
		close(s.idle)
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// addListener reports whether the server still accepts.
func (s *Server) addListener(listener net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.listeners[listener] = struct{}{}
	return true
}

func (s *Server) removeListener(listener net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.listeners, listener)
}

// addConn reports whether the server still accepts.
func (s *Server) addConn(c *connection) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) removeConn(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.closing && len(s.conns) == 0 {
		close(s.idle)
	}
}
