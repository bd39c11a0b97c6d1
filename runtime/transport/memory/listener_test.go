package memory_test

import (
	"context"
	"errors"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/memory"
)

func TestListener(t *testing.T) {
	l := memory.Listen("inn")
	here, err := l.Dial(t.Context(), "tcp", "inn")
	if err != nil {
		t.Fatal(err)
	}
	write(t, here, "before it is accepted")
	there, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	wantRead(t, there, "before it is accepted", nil)
	if got, want := there.RemoteAddr().String(), "inn#1"; got != want {
		t.Errorf("the remote address: got %q, want %q", got, want)
	}
	if got, want := l.Addr().String(), "inn"; got != want || there.LocalAddr() != l.Addr() {
		t.Errorf("the address: got %q and %q, want %q", got, there.LocalAddr(), want)
	}
}

// TestListenerClose ends an Accept that waits.
func TestListenerClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memory.Listen("inn")
		go func() { time.Sleep(time.Second); l.Close() }()
		_, err := l.Accept()
		if want := "accept memory inn: use of closed network connection"; !errors.Is(err, net.ErrClosed) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}

// TestListenerBacklog has nobody accept.
func TestListenerBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := memory.Listen("inn")
		var last net.Conn
		for range 128 {
			conn, err := l.Dial(t.Context(), "tcp", "inn")
			if err != nil {
				t.Fatal(err)
			}
			last = conn
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := l.Dial(ctx, "tcp", "inn"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		go func() { time.Sleep(time.Second); l.Close() }()
		_, err := l.Dial(t.Context(), "tcp", "inn")
		if want := "dial tcp inn: connect: connection refused"; !errors.Is(err, syscall.ECONNREFUSED) || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		if n, err := last.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("a connection that was never accepted: got %d, %v, want an error", n, err)
		}
		if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Accept: got %v, want net.ErrClosed", err)
		}
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("the second Close: got %v, want net.ErrClosed", err)
		}
	})
}
