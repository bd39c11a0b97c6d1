package classic_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestShutdown has a connection in every state when the server shuts down: one on which nothing
// has come is closed, those that have begun are answered.
func TestShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		network := newPipes()
		leave := make(chan bool)
		served := make(chan error, 1)
		server := &classic.Server{Logger: log.Logger(slog.LevelDebug), Handler: func(ctx context.Context, x *classic.Exchange) {
			<-leave
			x.Done = func(error) { time.Sleep(time.Second) } // Shutdown waits for it
			echo(ctx, x)
		}}
		go func() { served <- server.Serve(network) }()
		unbegun, half, whole := network.conn(t), network.conn(t), network.conn(t)
		send(t, half, "\x00\x02h")
		send(t, whole, "\x00\x02hi")
		synctest.Wait()

		began := time.Now()
		shut := make(chan error, 1)
		go func() { shut <- server.Shutdown(context.Background()) }()
		synctest.Wait()
		if got := rest(t, unbegun); got != "" {
			t.Errorf("on the unbegun connection: got %q, want nothing", got)
		}
		if conn, err := network.dial(t.Context(), "", ""); err == nil {
			t.Errorf("got a connection %v after Shutdown, want none", conn)
		}
		send(t, half, "o")
		close(leave)
		if got, want := rest(t, half), "\x00\x02ho"; got != want {
			t.Errorf("on the half request: got %q, want %q", got, want)
		}
		if got, want := rest(t, whole), "\x00\x02hi"; got != want {
			t.Errorf("on the whole request: got %q, want %q", got, want)
		}
		if err := <-shut; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if got := time.Since(began); got != time.Second {
			t.Errorf("Shutdown took %v, want the second that Done takes", got)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if got := log.String(); got != "" {
			t.Errorf("got log %q, want none", got)
		}
	})
}

// TestShutdownTimeout has a handler that waits for its context and a peer that does not
// end its request.
func TestShutdownTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		done := make(chan error, 1)
		server := &classic.Server{Handler: func(ctx context.Context, x *classic.Exchange) {
			if x.Fault != nil {
				return
			}
			x.Done = func(err error) { done <- err }
			<-ctx.Done()
			echo(ctx, x)
		}}
		serveUntilEnd(t, server, network)
		half, whole := network.conn(t), network.conn(t)
		send(t, half, "\x00\x02h")
		send(t, whole, "\x00\x02hi")
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Shutdown: got error %v, want %v", err, context.DeadlineExceeded)
		}
		for _, conn := range []net.Conn{half, whole} {
			if got := rest(t, conn); got != "" {
				t.Errorf("got %q, want nothing", got)
			}
		}
		if err := <-done; !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Done got %v, want %v", err, io.ErrClosedPipe)
		}
	})
}

// TestShutdownOfWaiting closes a connection that is accepted and waits for another to end.
func TestShutdownOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := newPipes()
		server := &classic.Server{Handler: echo, MaxConnections: 1}
		serveUntilEnd(t, server, network)
		served, waiting := network.conn(t), network.conn(t)
		send(t, served, "\x00\x02h")
		synctest.Wait()
		shut := make(chan error, 1)
		go func() { shut <- server.Shutdown(context.Background()) }()
		if got := rest(t, waiting); got != "" {
			t.Errorf("got %q, want nothing", got)
		}
		send(t, served, "i")
		if got, want := rest(t, served), "\x00\x02hi"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := <-shut; err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	})
}

func TestServeAfterShutdown(t *testing.T) {
	var server classic.Server
	for range 2 {
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if err := server.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	network := newPipes()
	if err := server.Serve(network); err != nil {
		t.Errorf("Serve: %v", err)
	}
	if _, err := network.Accept(); err == nil {
		t.Error("the listener is open, want it closed")
	}
}

// TestCloseWhileAcceptFails closes a server that is waiting to accept again.
func TestCloseWhileAcceptFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		listener := &failingListener{newPipes(), []error{tooManyFiles{}}}
		server := &classic.Server{Logger: log.Logger(slog.LevelDebug)}
		serveUntilEnd(t, server, listener)
		synctest.Wait()
		began := time.Now()
		server.Close()
		synctest.Wait()
		if got := time.Since(began); got != 0 {
			t.Errorf("Close took %v, want no time", got)
		}
	})
}

// TestCloseAmidAccept closes a server without connections while it accepts one: that is closed,
// and nothing else happens.
func TestCloseAmidAccept(t *testing.T) {
	for range 20 { // each time the server may notice before it serves
		here, there := net.Pipe()
		listener := &lateListener{accepting: make(chan bool), closed: make(chan bool), late: there}
		server := &classic.Server{Handler: echo}
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		<-listener.accepting
		server.Close()
		if got := rest(t, here); got != "" {
			t.Errorf("got %q, want nothing", got)
		}
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
}

// A lateListener has a connection at the moment when it is closed.
type lateListener struct {
	accepting chan bool // closed by the first Accept
	closed    chan bool
	once      sync.Once
	late      net.Conn
}

func (l *lateListener) Accept() (net.Conn, error) {
	if l.late == nil {
		return nil, net.ErrClosed
	}
	close(l.accepting)
	<-l.closed
	conn := l.late
	l.late = nil
	return conn, nil
}

func (l *lateListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *lateListener) Addr() net.Addr { return nil }
