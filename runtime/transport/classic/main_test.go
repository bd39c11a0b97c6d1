package classic_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // tests that read a log have one of their own
	runtimetest.Main(m)
}

// echo answers with the request, or with the text of what is wrong with it.
func echo(_ context.Context, x *classic.Exchange) {
	if x.Fault != nil {
		x.Reply = append(x.Reply, "fault: "+x.Fault.Error()...)
		return
	}
	x.Reply = append(x.Reply, x.Request...)
}

// start serves a port of the system's choice until the test ends, and returns its address.
func start(t *testing.T, s *classic.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serveUntilEnd(t, s, listener)
	return listener.Addr().String()
}

func serveUntilEnd(t *testing.T, s *classic.Server, listener net.Listener) {
	served := make(chan error, 1)
	go func() { served <- s.Serve(listener) }()
	t.Cleanup(func() {
		s.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// dial returns a bare connection to address, closed when the test ends.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// send writes bytes to conn.
func send(t *testing.T, conn net.Conn, bytes string) {
	t.Helper()
	if _, err := io.WriteString(conn, bytes); err != nil {
		t.Fatal(err)
	}
}

// rest reads conn to its end.
func rest(t *testing.T, conn net.Conn) string {
	t.Helper()
	got, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("reading to the end: %v", err)
	}
	return string(got)
}

// pipes is a network of net.Pipe, for tests in which time is an illusion.
type pipes struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes {
	return &pipes{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Addr() net.Addr { return new(net.UnixAddr) }

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// dial has the signature of Client.Dial.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, errors.New("refused")
	case <-ctx.Done():
		return nil, errors.New("nobody accepts")
	}
}

// conn returns a connection that is accepted, closed when the test ends.
func (p *pipes) conn(t *testing.T) net.Conn {
	t.Helper()
	conn, err := p.dial(context.Background(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}
