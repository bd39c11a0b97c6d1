package runtime

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// A ServerOption changes what [NewServer] makes.
type ServerOption interface{ applyToServer(*Server) }

// A ClassicOption changes what [Classic] makes.
type ClassicOption interface{ applyToClassic(*ClassicClient) }

// A ClientOption changes what [Dial] makes.
type ClientOption interface{ applyToClient(*Client) }

// A DialOption is for both kinds of client.
type DialOption interface {
	ClassicOption
	ClientOption
}

// A SessionOption is for both ends of a session, and for what a server does beside.
type SessionOption interface {
	ServerOption
	ClientOption
}

// An Option is for all sides.
type Option interface {
	ServerOption
	DialOption
}

// WithTimeout bounds a call. At the caller: the whole of it, from dialling to the last
// byte of the response, unless the call's context ends earlier. At the server, for a
// request of the classic form: its reading, the context of its handler, and the writing of its
// response, each for itself. A method with a @timeout has that one in place of it for
// the call and for the handler's context.
//
// In a session the caller's deadline comes with the call, and is that of the handler's
// context. A call with streams has none but that of the caller's context. A [Client] also
// gives up dialling after this time. At a server it is the bound as well of the calls that
// handlers make to their callers, see [CallerFrom].
//
// The default is 10 seconds, which zero and less stand for too.
func WithTimeout(d time.Duration) Option { return timeoutOption(max(d, 0)) }

type timeoutOption time.Duration

func (o timeoutOption) applyToServer(s *Server)         { s.timeout = time.Duration(o) }
func (o timeoutOption) applyToClient(c *Client)         { c.timeout = time.Duration(o) }
func (o timeoutOption) applyToClassic(c *ClassicClient) { c.transport.Timeout = time.Duration(o) }

// WithLogger makes a server, or a client for the calls that it answers, log to logger.
// The default is [slog.Default], also for nil.
func WithLogger(logger *slog.Logger) SessionOption { return loggerOption{logger} }

type loggerOption struct{ logger *slog.Logger }

func (o loggerOption) applyToServer(s *Server) { s.logger = o.logger }
func (o loggerOption) applyToClient(c *Client) { c.logger = o.logger }

type serverOption func(*Server)

func (o serverOption) applyToServer(s *Server) { o(s) }

// WithMaxConnections bounds the connections that a server serves at once, over all its
// listeners. While they are that many, each listener holds one that it has accepted and
// accepts no more; the others wait in its backlog. A session is a connection. One of the classic form takes up to
// 64 KiB for its request and as much for its response. The default is 4,096, which zero and less stand for too.
func WithMaxConnections(n int) ServerOption {
	return serverOption(func(s *Server) { s.classic.MaxConnections = max(n, 0) })
}

// WithDialer makes a client connect through dial. The default, also for nil, is a
// [net.Dialer].
func WithDialer(dial func(ctx context.Context, network, address string) (net.Conn, error)) DialOption {
	return dialerOption(dial)
}

type dialerOption func(ctx context.Context, network, address string) (net.Conn, error)

func (o dialerOption) applyToClassic(c *ClassicClient) { c.transport.Dial = o }
func (o dialerOption) applyToClient(c *Client)         { c.dialer = o }

// timeoutOf returns how long a call of method takes at most, where other is the
// configured time and 0 the default.
func timeoutOf(method *Method, other time.Duration) time.Duration {
	switch {
	case method.Timeout > 0:
		return method.Timeout
	case other > 0:
		return other
	}
	return classic.DefaultTimeout
}
