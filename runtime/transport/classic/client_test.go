package classic_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestSizes sends messages around the sizes where something changes: the empty parameter
// list, the buffer that one read fills, the longest message.
func TestSizes(t *testing.T) {
	address := start(t, &classic.Server{Handler: echo})
	for _, size := range []int{1, 2, 4093, 4094, 4095, 65534, 65535} {
		message := bytes.Repeat([]byte{'x'}, size)
		response, err := classic.SendAndReceive(t.Context(), address, message)
		if err != nil || !bytes.Equal(response, message) {
			t.Errorf("%d bytes: got %d bytes, %v", size, len(response), err)
		}
	}
}

func TestMessageTooLong(t *testing.T) {
	_, err := classic.SendAndReceive(t.Context(), "127.0.0.1:1", make([]byte, 65536))
	var size *classic.SizeError
	if !errors.As(err, &size) || size.Size != 65536 {
		t.Fatalf("got error %v, want a SizeError of 65536", err)
	}
	if got, want := err.Error(), "65536 bytes, the classic form carries at most 65535"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// A countingConn counts what would be system calls.
type countingConn struct {
	net.Conn
	reads, writes int
}

func (c *countingConn) Read(b []byte) (int, error) {
	c.reads++
	return c.Conn.Read(b)
}

func (c *countingConn) Write(b []byte) (int, error) {
	c.writes++
	return c.Conn.Write(b)
}

// A countingListener counts for the server.
type countingListener struct {
	net.Listener
	conn chan *countingConn
}

func (l countingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	counting := &countingConn{Conn: conn}
	l.conn <- counting
	return counting, nil
}

// TestSystemCalls holds a small call to one write and one read on each side.
func TestSystemCalls(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &classic.Server{Handler: echo}
	served := make(chan error, 1)
	accepted := make(chan *countingConn, 1)
	go func() { served <- server.Serve(countingListener{listener, accepted}) }()
	var here *countingConn
	client := classic.Client{Dial: func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		here = &countingConn{Conn: conn}
		return here, err
	}}
	if _, err := client.SendAndReceive(t.Context(), listener.Addr().String(), []byte("a message")); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if err := <-served; err != nil {
		t.Error(err)
	}
	there := <-accepted
	for name, c := range map[string]*countingConn{"client": here, "server": there} {
		if c.reads != 1 || c.writes != 1 {
			t.Errorf("%s: got %d reads and %d writes, want 1 and 1", name, c.reads, c.writes)
		}
	}
}

// TestBrokenResponses has a peer that reads the request and answers so.
func TestBrokenResponses(t *testing.T) {
	tests := []struct{ name, response, want string }{
		{"none", "", "server:1 closed the connection without a response: unexpected EOF"},
		{"half a length", "\x00", "server:1 closed the connection in the length of its response: unexpected EOF"},
		{"length alone", "\x00\x05", "server:1 closed the connection after 0 of the 5 bytes of its response: unexpected EOF"},
		{"truncated", "\x00\x05abc", "server:1 closed the connection after 3 of the 5 bytes of its response: unexpected EOF"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := classic.Client{Dial: peer(func(conn net.Conn) { io.WriteString(conn, test.response) })}
			response, err := client.SendAndReceive(t.Context(), "server:1", []byte("request"))
			if err == nil || err.Error() != test.want || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %q, error %v, want error %q", response, err, test.want)
			}
		})
	}
}

// TestResetResponse breaks the connection in the middle of a response.
func TestResetResponse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	came := make(chan bool)
	go func() { // ends when the client has called
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		io.ReadFull(conn, make([]byte, len("\x00\x07request")))
		io.WriteString(conn, "\x00\x05abc")
		<-came
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}()
	client := classic.Client{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := net.Dial(network, address)
		return &tellingConn{conn, came}, err
	}}
	response, err := client.SendAndReceive(t.Context(), listener.Addr().String(), []byte("request"))
	if want := "broke off after 3 of the 5 bytes of its response: "; err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("got %q, error %v, want error %q and the reset", response, err, want)
	}
}

// A tellingConn tells when its first bytes have been read.
type tellingConn struct {
	net.Conn
	came chan bool
}

func (c *tellingConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 {
		close(c.came)
	}
	return n, err
}

// peer returns a dialer whose every connection leads to a peer that reads the request,
// answers, and closes.
func peer(answer func(conn net.Conn)) func(context.Context, string, string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() { // ends when the client closes its end
			defer there.Close()
			there.Read(make([]byte, 1<<17))
			answer(there)
		}()
		return here, nil
	}
}

func TestResponseInPieces(t *testing.T) {
	client := classic.Client{Dial: peer(func(conn net.Conn) {
		for _, b := range "\x00\x05piecemeal" {
			conn.Write([]byte{byte(b)})
		}
	})}
	response, err := client.SendAndReceive(t.Context(), "server:1", []byte("request"))
	if err != nil || string(response) != "piece" {
		t.Errorf("got %q, %v, want %q", response, err, "piece")
	}
}

// stalled is a peer that never answers.
var stalled = peer(func(conn net.Conn) { conn.Read(make([]byte, 1)) })

func TestTimeRunsOut(t *testing.T) {
	second := func() (context.Context, context.CancelFunc) {
		return context.WithTimeout(context.Background(), time.Second)
	}
	forever := func() (context.Context, context.CancelFunc) { return context.Background(), func() {} }
	tests := []struct {
		name    string
		timeout time.Duration
		ctx     func() (context.Context, context.CancelFunc)
		want    string
	}{
		{"default", 0, forever, "no response from server:1 after 10s: context deadline exceeded"},
		{"timeout", 3 * time.Second, forever, "no response from server:1 after 3s: context deadline exceeded"},
		{"context", 3 * time.Second, second, "no response from server:1 after 1s: context deadline exceeded"},
		{"timeout before context", time.Millisecond, second, "no response from server:1 after 1ms: context deadline exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := test.ctx()
				defer cancel()
				client := classic.Client{Dial: stalled, Timeout: test.timeout}
				_, err := client.SendAndReceive(ctx, "server:1", []byte("request"))
				if err == nil || err.Error() != test.want || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got error %v, want %q", err, test.want)
				}
			})
		})
	}
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(2*time.Second, cancel)
		client := classic.Client{Dial: stalled}
		_, err := client.SendAndReceive(ctx, "server:1", []byte("request"))
		want := "no response from server:1 after 2s: context canceled"
		if err == nil || err.Error() != want || !errors.Is(err, context.Canceled) {
			t.Errorf("got error %v, want %q", err, want)
		}
	})
}

// TestContextIsLetGo makes a call under a context that lives on: nothing of the call stays with it.
func TestContextIsLetGo(t *testing.T) {
	ctx := &countingContext{Context: context.Background(), done: make(chan struct{})}
	address := start(t, &classic.Server{Handler: echo})
	if _, err := classic.SendAndReceive(ctx, address, []byte("request")); err != nil {
		t.Error(err)
	}
	if got := ctx.waiting.Load(); got != 0 || !ctx.asked.Load() {
		t.Errorf("after the call %d functions wait for its context to end, want 0 (any asked: %v, want true)", got, ctx.asked.Load())
	}
}

// A countingContext counts what waits for its end.
type countingContext struct {
	context.Context
	done    chan struct{} // never closed
	asked   atomic.Bool
	waiting atomic.Int32
}

func (c *countingContext) Done() <-chan struct{} { return c.done }

// AfterFunc is what package context calls, if it is there.
func (c *countingContext) AfterFunc(func()) (stop func() bool) {
	c.asked.Store(true)
	c.waiting.Add(1)
	stopped := sync.OnceFunc(func() { c.waiting.Add(-1) })
	return func() bool { stopped(); return true }
}

// TestDialDeadline has nobody to accept, and a dialer whose error does not say why it gave up.
func TestDialDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		client := classic.Client{Dial: newPipes().dial}
		_, err := client.SendAndReceive(ctx, "server:1", []byte("request"))
		want := "nobody accepts: context deadline exceeded"
		if err == nil || err.Error() != want || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got error %v, want %q", err, want)
		}
	})
}

func TestRefused(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close()
	for name, ctx := range map[string]context.Context{"background": context.Background(), "with end": t.Context()} {
		_, err := classic.SendAndReceive(ctx, address, []byte("request"))
		if want := "dial tcp " + address + ": connect: connection refused"; err == nil || err.Error() != want {
			t.Errorf("%s: got error %v, want %q", name, err, want)
		}
	}
}
