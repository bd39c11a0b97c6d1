package classic_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestMaxConnections lets connections come whose requests never end, and counts those
// that are taken.
func TestMaxConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		serveUntilEnd(t, &classic.Server{Handler: echo, MaxConnections: 2}, network)
		var taken []net.Conn
		for range 3 { // the third is taken, and waits
			taken = append(taken, network.conn(t))
		}
		late := make(chan net.Conn)
		go func() { // ends below
			conn, _ := network.dial(context.Background(), "", "")
			late <- conn
		}()
		synctest.Wait()
		select {
		case <-late:
			t.Error("a fourth connection was accepted, want accepting to wait")
		default:
		}
		for _, conn := range taken[:2] {
			conn.Close()
		}
		conn := <-late
		defer conn.Close()
		go io.WriteString(conn, "\x00\x02hi") // ends when the request is read
		if got, want := rest(t, conn), "\x00\x02hi"; got != want {
			t.Errorf("once there was room: got %q, want %q", got, want)
		}
	})
}

// TestConcurrency makes many calls at once and counts those in the handler.
func TestConcurrency(t *testing.T) {
	const most, calls = 3, 50
	var now, peak atomic.Int32
	address := start(t, &classic.Server{
		MaxConnections: most,
		Handler: func(ctx context.Context, x *classic.Exchange) {
			if n := now.Add(1); n > peak.Load() {
				peak.Store(n)
			}
			runtime.Gosched()
			echo(ctx, x)
			now.Add(-1)
		},
	})
	var wait sync.WaitGroup
	for range calls {
		wait.Go(func() {
			if response, err := classic.SendAndReceive(t.Context(), address, []byte("hi")); string(response) != "hi" {
				t.Errorf("got %q, %v, want %q", response, err, "hi")
			}
		})
	}
	wait.Wait()
	if got := peak.Load(); got > most {
		t.Errorf("got %d handlers at once, want at most %d", got, most)
	}
}

// A failingListener fails as often as its errors say, then accepts.
type failingListener struct {
	net.Listener
	errors []error
}

func (l *failingListener) Accept() (net.Conn, error) {
	if len(l.errors) == 0 {
		return l.Listener.Accept()
	}
	err := l.errors[0]
	l.errors = l.errors[1:]
	return nil, err
}

// tooManyFiles is what Accept returns when the process has no file descriptor left.
type tooManyFiles struct{}

func (tooManyFiles) Error() string   { return "too many open files" }
func (tooManyFiles) Temporary() bool { return true }

func TestAcceptTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		network := newPipes()
		listener := &failingListener{network, []error{
			tooManyFiles{}, tooManyFiles{}, tooManyFiles{}, tooManyFiles{}, tooManyFiles{},
			tooManyFiles{}, tooManyFiles{}, tooManyFiles{}, tooManyFiles{}, tooManyFiles{},
		}}
		began := time.Now()
		serveUntilEnd(t, &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)}, listener)
		client := classic.Client{Dial: network.dial}
		if _, err := client.SendAndReceive(t.Context(), "", []byte("hi")); err != nil {
			t.Fatal(err)
		}
		// 5 + 10 + 20 + 40 + 80 + 160 + 320 + 640 ms, then a second each
		if got, want := time.Since(began), 3275*time.Millisecond; got != want {
			t.Errorf("accepted after %v, want %v", got, want)
		}
		if got := strings.Count(log.String(), "too many open files"); got != 10 {
			t.Errorf("got %d log lines, want 10:\n%s", got, &log)
		}
	})
}

func TestAcceptFails(t *testing.T) {
	broken := errors.New("the card is on fire")
	listener := &failingListener{newPipes(), []error{broken}}
	if err := new(classic.Server).Serve(listener); err != broken {
		t.Errorf("got error %v, want %v", err, broken)
	}
}

// TestListenerCloses closes the listener behind the server's back, while connections
// have made it keep several goroutines.
func TestListenerCloses(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	entered, leave := make(chan bool), make(chan bool)
	server := &classic.Server{Handler: func(ctx context.Context, x *classic.Exchange) {
		entered <- true
		<-leave
		echo(ctx, x)
	}}
	go func() { served <- server.Serve(listener) }()
	var calls sync.WaitGroup
	for range 20 {
		calls.Go(func() { classic.SendAndReceive(t.Context(), listener.Addr().String(), []byte("hi")) })
		<-entered
	}
	close(leave)
	calls.Wait()
	listener.Close()
	if err := <-served; !errors.Is(err, net.ErrClosed) {
		t.Errorf("got error %v, want %v", err, net.ErrClosed)
	}
}

func TestSeveralListeners(t *testing.T) {
	server := &classic.Server{Handler: echo}
	for _, address := range []string{start(t, server), start(t, server)} {
		if response, err := classic.SendAndReceive(t.Context(), address, []byte("hi")); string(response) != "hi" {
			t.Errorf("%s: got %q, %v, want %q", address, response, err, "hi")
		}
	}
}

// TestGoexit has a handler that ends its goroutine, as t.FailNow does. The server goes on.
func TestGoexit(t *testing.T) {
	done := make(chan error, 1)
	address := start(t, &classic.Server{Handler: func(ctx context.Context, x *classic.Exchange) {
		if string(x.Request) == "exit" {
			x.Done = func(err error) { done <- err }
			runtime.Goexit()
		}
		echo(ctx, x)
	}})
	for range 20 {
		if _, err := classic.SendAndReceive(t.Context(), address, []byte("exit")); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got error %v, want %v", err, io.ErrUnexpectedEOF)
		}
		if err := <-done; err == nil {
			t.Error("Done got nil, want an error")
		}
	}
	if response, err := classic.SendAndReceive(t.Context(), address, []byte("hi")); string(response) != "hi" {
		t.Errorf("afterwards: got %q, %v, want %q", response, err, "hi")
	}
}
