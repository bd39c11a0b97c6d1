package classic

import (
	"cmp"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"sync"
	"time"
)

// DefaultMaxConnections is how many connections a server serves at once.
const DefaultMaxConnections = 4096

// A Server answers calls in the classic form. Its fields are set before the
// first Serve and not changed afterwards; its methods may be called by any number of
// goroutines at once.
type Server struct {
	// Handler answers a request; it runs for many at once. If it panics, or ends its
	// goroutine, that is logged and the connection closed without a response.
	// The context ends when the server is closed, not with the request.
	Handler func(ctx context.Context, x *Exchange)

	// Session takes a connection on which the peer begins a session, and head, what has
	// come on it so far, at most 64 KiB; both are its own. It does not block: the connection is
	// served elsewhere, and counts as one of the server's until closed is called, once.
	// Nil refuses sessions with an error.
	Session func(conn net.Conn, head []byte, closed func())

	// Timeout bounds the reading of a request, from accepting to its last byte, and the
	// writing of its response, each for itself. Zero is DefaultTimeout.
	Timeout time.Duration

	// TLS, if it is not nil, has every connection begin with a handshake under it, within
	// Timeout. It has a certificate.
	TLS *tls.Config

	// MaxConnections bounds the connections that are served at once, over all listeners.
	// While they are that many, each listener holds one more and accepts no other. Zero is
	// DefaultMaxConnections.
	MaxConnections int

	// Logger gets a line for each request that was refused or broke off, with the remote
	// address and the reason. Nil is slog.Default().
	Logger *slog.Logger

	once  sync.Once
	ctx   context.Context // of all handlers
	end   context.CancelFunc
	slots chan struct{} // holds one value for each connection that is served
	done  chan struct{} // closed when no more is accepted

	mu        sync.Mutex
	closing   bool // done is closed
	listeners map[net.Listener]struct{}
	conns     map[*connection]struct{}
	idle      chan struct{} // closed when closing and conns is empty
}

// An Exchange is one request on a server's connection, and its response.
type Exchange struct {
	Request []byte   // the message, valid until the handler returns
	Remote  net.Addr // who sent it

	// TLS is the state of the connection under TLS, else nil.
	TLS *tls.ConnectionState

	// Fault is why Request is not a whole message, or nil. The handler then answers
	// with an error; the server has the fault logged.
	Fault error

	// Reply has room for the length in it, and the handler appends its response. One
	// that is too long is not sent.
	Reply []byte

	// Done, if the handler sets it, is called once after the response was written (nil) or
	// was not (why), on the connection's goroutine, after the connection was closed.
	Done func(err error)
}

func (s *Server) init() {
	s.once.Do(func() {
		s.ctx, s.end = context.WithCancel(context.Background())
		s.Timeout = cmp.Or(s.Timeout, DefaultTimeout)
		s.Logger = cmp.Or(s.Logger, slog.Default())
		s.slots = make(chan struct{}, cmp.Or(s.MaxConnections, DefaultMaxConnections))
		s.done = make(chan struct{})
		s.idle = make(chan struct{})
		s.listeners = make(map[net.Listener]struct{})
		s.conns = make(map[*connection]struct{})
	})
}
