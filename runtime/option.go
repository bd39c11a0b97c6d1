package runtime

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// A ServerOption changes what [NewServer] makes.
type ServerOption interface{ applyToServer(*Server) }

// A ClassicOption changes what [Classic] makes.
type ClassicOption interface{ applyToClassic(*ClassicClient) }

// An Option is for both sides.
type Option interface {
	ServerOption
	ClassicOption
}

// WithTimeout bounds a call. At the caller: the whole of it, from dialling to the last
// byte of the response, unless the call's context ends earlier. At the server: the
// reading of a request, the context of its handler, and the writing of its
// response, each for itself. A method with a @timeout has that one in place of it for
// the call and for the handler's context.
//
// The default is 10 seconds, which zero and less stand for too.
func WithTimeout(d time.Duration) Option { return timeoutOption(max(d, 0)) }

type timeoutOption time.Duration

func (o timeoutOption) applyToServer(s *Server)         { s.timeout = time.Duration(o) }
func (o timeoutOption) applyToClassic(c *ClassicClient) { c.transport.Timeout = time.Duration(o) }

type serverOption func(*Server)

func (o serverOption) applyToServer(s *Server) { o(s) }

// WithLogger makes a server log to logger. The default is [slog.Default], also for nil.
func WithLogger(logger *slog.Logger) ServerOption {
	return serverOption(func(s *Server) { s.logger = logger })
}

// WithMaxConnections bounds the connections that a server serves at once, over all its
// listeners. While they are that many, each listener holds one that it has accepted and
// accepts no more; the others wait in its backlog. A connection takes up to 64 KiB for its request and
// as much for its response. The default is 4,096, which zero and less stand for too.
func WithMaxConnections(n int) ServerOption {
	return serverOption(func(s *Server) { s.classic.MaxConnections = max(n, 0) })
}

type classicOption func(*ClassicClient)

func (o classicOption) applyToClassic(c *ClassicClient) { o(c) }

// WithDialer makes a client connect through dial. The default, also for nil, is a
// [net.Dialer].
func WithDialer(dial func(ctx context.Context, network, address string) (net.Conn, error)) ClassicOption {
	return classicOption(func(c *ClassicClient) { c.transport.Dial = dial })
}

// timeoutOf returns how long a call of method takes at most, where other is the
// configured time and 0 the default.
func timeoutOf(method *Method, other time.Duration) time.Duration {
	switch {
	case method.Timeout > 0:
		return method.Timeout
	case other > 0:
		return other
	}
	return transport.DefaultTimeout
}
