package classic_test

import (
	"context"
	"crypto/tls"
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

// TestFaults sends bytes that are no request, ends the writing side, and reads what the
// server has to say. Others are served as ever.
func TestFaults(t *testing.T) {
	tests := []struct{ name, sent, response, log string }{
		{"half a length", "\x00", "fault: request ended with 1 of the 2 bytes of its length", "level=WARN"},
		{"length alone", "\x00\x05", "fault: request ended with 0 of its 5 bytes", "level=WARN"},
		{"truncated", "\x00\x05abc", "fault: request ended with 3 of its 5 bytes", "level=WARN"},
		{"longest truncated", "\xff\xffabc", "fault: request ended with 3 of its 65535 bytes", "level=WARN"},
		{"session", "\x00\x00\x00\x0fsession preface", "fault: request of 0 bytes: 00 00 begins a session, this is the classic form only", "level=WARN"},
		{"shortest", "\x00\x01x", "x", ""},
		{"begins as TLS, and stops", "\x16\x03\x01\x02\x00", "fault: request ended, having begun as a TLS hello does, with 3 of its 5635 bytes", "level=WARN"},
		{"surplus", "\x00\x02hiand more", "hi", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log runtimetest.Log
			address := start(t, &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)})
			conn := dial(t, address)
			send(t, conn, test.sent)
			conn.(*net.TCPConn).CloseWrite()
			want := string([]byte{0, byte(len(test.response))}) + test.response
			if got := rest(t, conn); got != want {
				t.Errorf("got response %q, want %q", got, want)
			}
			if test.log == "" {
				if got := log.String(); got != "" {
					t.Errorf("got log %q, want none", got)
				}
			} else {
				log.Want(t, test.log, strings.TrimPrefix(test.response, "fault: "), conn.LocalAddr().String())
			}
			if response, err := classic.SendAndReceive(t.Context(), address, []byte("other")); string(response) != "other" {
				t.Errorf("another user: got %q, %v, want %q", response, err, "other")
			}
		})
	}
}

func TestNothingSent(t *testing.T) {
	var log runtimetest.Log
	server := &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)}
	conn := dial(t, start(t, server))
	conn.(*net.TCPConn).CloseWrite()
	if got := rest(t, conn); got != "" {
		t.Errorf("got response %q, want none", got)
	}
	log.Want(t, "level=DEBUG", "connection without a request", conn.LocalAddr().String())
}

// TestReset breaks the connection in the middle of a request.
func TestReset(t *testing.T) {
	var log runtimetest.Log
	server := &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)}
	conn := dial(t, start(t, server))
	send(t, conn, "\x00\x05abc")
	conn.(*net.TCPConn).SetLinger(0)
	conn.Close()
	if err := server.Shutdown(t.Context()); err != nil { // waits for the request to end
		t.Fatal(err)
	}
	if text := log.String(); text != "" { // else the reset came before the first byte was read, or Shutdown did
		log.Want(t, "reset by peer", conn.LocalAddr().String())
	}
}

// TestTLSHello lets a real TLS client knock. It learns at once that this is no TLS.
func TestTLSHello(t *testing.T) {
	var log runtimetest.Log
	address := start(t, &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)})
	_, err := tls.Dial("tcp", address, &tls.Config{InsecureSkipVerify: true})
	var header tls.RecordHeaderError
	if !errors.As(err, &header) {
		t.Errorf("got error %v, want a tls.RecordHeaderError", err)
	}
	log.Want(t, "level=WARN", "a TLS hello, where the classic form is spoken in the clear")
}

// TestLikeTLSHello sends a request whose first bytes are those of a TLS hello's record.
func TestLikeTLSHello(t *testing.T) {
	message := "\x01\x02\x00\x01\x00\x00\x00\x03\x03" + strings.Repeat("x", 0x1603-9)
	conn := dial(t, start(t, &classic.Server{Handler: echo}))
	send(t, conn, "\x16\x03"+message[:1000])
	send(t, conn, message[1000:])
	if got, want := rest(t, conn), "\x16\x03"+message; got != want {
		t.Errorf("got %d bytes, want the %d that were sent", len(got), len(want))
	}
}

// TestStalled has peers that take their time: the deadline is for the request as a
// whole, so that a byte a second helps nobody.
func TestStalled(t *testing.T) {
	request := "\x00\x64" + strings.Repeat("x", 100)
	tests := []struct {
		name  string
		bytes int // sent, one a second
		want  string
	}{
		{"nothing", 0, ""},
		{"one byte", 1, "\x00\x45fault: request stalled, after 10s with 1 of the 2 bytes of its length"},
		{"a byte a second", 100, "\x00\x39fault: request stalled, after 10s with 8 of its 100 bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log runtimetest.Log
				network := newPipes()
				serveUntilEnd(t, &classic.Server{Handler: echo, Logger: log.Logger(slog.LevelDebug)}, network)
				conn, began := network.conn(t), time.Now()
				var sender sync.WaitGroup
				defer sender.Wait()
				sender.Go(func() {
					for i := range test.bytes {
						time.Sleep(time.Second - time.Nanosecond)
						if _, err := io.WriteString(conn, request[i:i+1]); err != nil {
							return // the server has closed
						}
					}
				})
				if got := rest(t, conn); got != test.want {
					t.Errorf("got response %q, want %q", got, test.want)
				}
				if got, want := time.Since(began), classic.DefaultTimeout; got != want {
					t.Errorf("cut off after %v, want %v", got, want)
				}
				log.Want(t, "level=WARN", "stalled")
			})
		})
	}
}

// TestPeerDoesNotRead has a response that nobody takes. Done hears of it.
func TestPeerDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		network := newPipes()
		done := make(chan error, 1)
		serveUntilEnd(t, &classic.Server{
			Timeout: 3 * time.Second,
			Logger:  log.Logger(slog.LevelDebug),
			Handler: func(_ context.Context, x *classic.Exchange) {
				x.Reply = append(x.Reply, "hello"...)
				x.Done = func(err error) { done <- err }
			},
		}, network)
		conn, began := network.conn(t), time.Now()
		send(t, conn, "\x00\x02hi")
		if err := <-done; !isTimeout(err) {
			t.Errorf("Done got %v, want a timeout", err)
		}
		if got, want := time.Since(began), 3*time.Second; got != want {
			t.Errorf("given up after %v, want %v", got, want)
		}
		log.Want(t, "level=WARN", "classic response not written", "i/o timeout")
	})
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// TestSurplus sends far more than a request, and must still be able to read the response:
// a server that closed at once would reset the connection.
func TestSurplus(t *testing.T) {
	address := start(t, &classic.Server{Handler: echo})
	conn := dial(t, address)
	send(t, conn, "\x00\x02hi"+strings.Repeat("surplus ", 20_000))
	if got, want := rest(t, conn), "\x00\x02hi"; got != want {
		t.Errorf("got response %q, want %q", got, want)
	}
}

// TestHandlerFails has handlers that give no response that could be sent. The peer's
// connection is closed, and others are served.
func TestHandlerFails(t *testing.T) {
	tests := []struct {
		name    string
		handler func(x *classic.Exchange)
		done    string
		log     []string
	}{
		{"panic", func(*classic.Exchange) { panic("at the disco") },
			"the handler gave no response", []string{"level=ERROR", "at the disco", "fault_test.go"}},
		{"exit", func(*classic.Exchange) { runtime.Goexit() },
			"the handler gave no response", []string{"level=ERROR", "ended its goroutine", "remote=127.0.0.1:"}},
		{"too long", func(x *classic.Exchange) { x.Reply = append(x.Reply, make([]byte, 65536)...) },
			"65536 bytes, the classic form carries at most 65535", []string{"level=WARN", "not written", "65536 bytes"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log runtimetest.Log
			var fine atomic.Bool
			done := make(chan error, 1)
			address := start(t, &classic.Server{Logger: log.Logger(slog.LevelDebug), Handler: func(ctx context.Context, x *classic.Exchange) {
				if fine.Load() {
					echo(ctx, x)
					return
				}
				x.Done = func(err error) { done <- err }
				test.handler(x)
			}})
			if response, err := classic.SendAndReceive(t.Context(), address, []byte("hi")); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("got %q, %v, want io.ErrUnexpectedEOF", response, err)
			}
			if got := (<-done).Error(); got != test.done {
				t.Errorf("Done got %q, want %q", got, test.done)
			}
			fine.Store(true)
			if response, err := classic.SendAndReceive(t.Context(), address, []byte("hi")); string(response) != "hi" {
				t.Errorf("afterwards: got %q, %v, want %q", response, err, "hi")
			}
			log.Want(t, test.log...)
		})
	}
}
