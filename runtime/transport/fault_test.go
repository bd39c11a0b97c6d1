package transport_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
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
	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestSessionClassicPeer dials a server that knows only the classic form.
func TestSessionClassicPeer(t *testing.T) {
	server := classic.Server{Handler: func(_ context.Context, x *classic.Exchange) {
		x.Reply = append(x.Reply, 0, byte(len(x.Fault.Error())))
		x.Reply = append(x.Reply, x.Fault.Error()...)
	}}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(listener) })
	defer serving.Wait()
	defer server.Close()
	conn, err := net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	s := transport.Dialled(conn, nil)
	defer s.Close()
	_, err = call(s, methodEcho, "")
	var line *transport.LineError
	if !errors.As(err, &line) || !line.NotRun || !errors.Is(err, transport.ErrClassicOnly) || !strings.Contains(err.Error(), "this is the classic form only") {
		t.Errorf("got %v, want ErrClassicOnly with the peer's text", err)
	}
}

func TestSessionClosedWithinFrame(t *testing.T) {
	here, conn := connect(t)
	s := transport.Dialled(here, nil)
	defer s.Close()
	io.WriteString(conn, helloFrame+frameOf(ping, 0, 0, "12345678")[:10])
	conn.Close()
	<-s.Done()
	if err := s.Err(); !errors.Is(err, io.ErrUnexpectedEOF) && !strings.Contains(err.Error(), "reset") {
		t.Errorf("got %v, want an unexpected end", err)
	}
}

// TestSessionBreaks cuts the connection in the middle of 512 calls.
func TestSessionBreaks(t *testing.T) {
	here, there := connect(t)
	client, _ := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler})
	var callers sync.WaitGroup
	var answered, failed atomic.Int32
	for i := range 512 {
		callers.Go(func() {
			for {
				want := fmt.Sprint(i)
				got, err := call(client, methodEcho, want)
				var line *transport.LineError
				switch {
				case err == nil && got == want:
					if answered.Add(1) == 2000 {
						there.Close()
					}
				case errors.As(err, &line):
					failed.Add(1)
					return
				default:
					t.Errorf("got %q, %v, want %q or a LineError", got, err, want)
					return
				}
			}
		})
	}
	callers.Wait()
	if failed.Load() != 512 {
		t.Errorf("got %d broken calls, want 512", failed.Load())
	}
}

// TestSessionCloseEndsHandlers wants handlers and streams of both sides to end.
func TestSessionCloseEndsHandlers(t *testing.T) {
	workers := transport.NewWorkers()
	here, there := connect(t)
	client, _ := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler, Workers: workers})
	stream, err := client.Open(t.Context(), &transport.Request{Method: methodItems})
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send([]byte("x")); err != nil {
		t.Fatal(err)
	}
	stream.Receive() // so the handler runs
	client.Close()
	workers.Close()
	var line *transport.LineError
	if _, err := stream.Receive(); !errors.As(err, &line) || !errors.Is(err, transport.ErrClosed) {
		t.Errorf("got %v, want a LineError", err)
	}
	if err := stream.Send(nil); !errors.As(err, &line) {
		t.Errorf("got %v, want a LineError", err)
	}
}

func TestSessionDoneHook(t *testing.T) {
	results, started := make(chan error, 2), make(chan struct{})
	handler := func(in *transport.Incoming) {
		in.Done = repliedFunc(func(err error) { results <- err })
		if in.Method == methodWait {
			close(started)
			waitCanceled(in)
		}
	}
	here, there := connect(t)
	client, server := pairOver(t, here, there, &transport.SessionConfig{Handler: handler})
	if _, err := call(client, methodEcho, ""); err != nil {
		t.Error(err)
	}
	if err := <-results; err != nil {
		t.Errorf("got %v, want nil for an answer that was written", err)
	}
	stream, err := client.Open(t.Context(), &transport.Request{Method: methodWait})
	if err != nil {
		t.Fatal(err)
	}
	<-started
	server.Close()
	if err := <-results; err == nil {
		t.Error("got nil for an answer that was not written")
	}
	stream.Cancel(&transport.CallError{Code: 1})
}

func TestSessionNoHello(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		conn, there := net.Pipe()
		s := transport.Accepted(there, []byte{0}, &transport.SessionConfig{Logger: log.Logger(slog.LevelWarn)})
		defer s.Close()
		began := time.Now()
		go io.Copy(io.Discard, conn) // ends when s closes
		<-s.Done()
		if took := time.Since(began); took != transport.DefaultHelloTimeout {
			t.Errorf("got %v, want %v", took, transport.DefaultHelloTimeout)
		}
		log.Want(t, "HELLO comes in time")
	})
}

// TestSessionKeepalive has a peer that answers two PINGs and then no more.
func TestSessionKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, there := net.Pipe()
		defer conn.Close()
		s := transport.Accepted(there, nil, &transport.SessionConfig{Keepalive: time.Second})
		defer s.Close()
		began := time.Now()
		go io.WriteString(conn, "\x00\x00"+helloFrame)
		io.ReadFull(conn, make([]byte, 43))
		for range 2 {
			got := make([]byte, 16)
			if _, err := io.ReadFull(conn, got); err != nil || got[2] != ping {
				t.Fatalf("got % x, %v, want PING", got, err)
			}
			got[3] = ack
			conn.Write(got)
		}
		io.ReadAll(conn)
		// A second with HELLO, twice one of silence and one with the answer, two of silence.
		if took := time.Since(began); took != 7*time.Second {
			t.Errorf("broke after %v, want 7s", took)
		}
	})
}

// TestSessionPeerDoesNotRead wants a write that stands still to break the session, and the
// calls behind it to fail.
func TestSessionPeerDoesNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, there := net.Pipe()
		defer conn.Close()
		s := transport.Dialled(there, &transport.SessionConfig{Keepalive: time.Second})
		defer s.Close()
		var calls sync.WaitGroup
		calls.Go(func() { // answers HELLO and says much, but reads nothing; ends with s
			for b := helloFrame; ; b = frameOf(ping, ack, 0, "12345678") {
				if _, err := io.WriteString(conn, b); err != nil {
					return
				}
				time.Sleep(time.Second / 2)
			}
		})
		for range 100 { // of which most do not fit in the buffer
			calls.Go(func() {
				var line *transport.LineError
				if _, err := call(s, methodEcho, string(make([]byte, 30_000))); !errors.As(err, &line) {
					t.Errorf("got %v, want a LineError", err)
				}
			})
		}
		calls.Wait()
	})
}

// TestSessionFloodOfPings never reads the answers.
func TestSessionFloodOfPings(t *testing.T) {
	var log runtimetest.Log
	conn, there := net.Pipe()
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Logger: log.Logger(slog.LevelWarn)})
	defer s.Close()
	io.WriteString(conn, "\x00\x00"+helloFrame)
	for b := strings.Repeat(frameOf(ping, 0, 0, "12345678"), 1000); ; {
		if _, err := io.WriteString(conn, b); err != nil {
			break
		}
	}
	<-s.Done()
	log.Want(t, "reads the answers")
}

// TestSessionRapidReset opens and cancels a million calls; each stays open until its
// handler has returned, and memory stays where it was.
func TestSessionRapidReset(t *testing.T) {
	total := 1_000_000
	if testing.Short() {
		total = 100_000
	}
	conn, there := connect(t)
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: func(in *transport.Incoming) {
		if in.Err() == nil {
			waitCanceled(in)
		}
	}})
	defer s.Close()
	replies := make(chan int, total)
	go func() { // ends with conn
		defer close(replies)
		r := bufio.NewReaderSize(conn, 1<<16)
		r.Discard(43)
		for {
			b, err := r.Peek(8)
			if err != nil {
				return
			}
			r.Discard(8 + int(binary.BigEndian.Uint16(b)))
			replies <- int(binary.BigEndian.Uint32(b[4:]))
		}
	}()
	const batch = 1000
	io.WriteString(conn, "\x00\x00"+helloFrame)
	var most uint64
	for n := 0; n < total; n += batch {
		var frames []byte
		for i := range batch {
			number := uint32(2*(n+i) + 1)
			frames = append(frames, frameOf(callKind, 0, number, waitCall)+frameOf(cancel, 0, number, "\x00\x01\x00\x00")...)
		}
		if _, err := conn.Write(frames); err != nil {
			t.Fatal(err)
		}
		for range batch {
			if _, ok := <-replies; !ok {
				t.Fatalf("the connection broke: %v", s.Err())
			}
		}
		if n%(total/10) == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			most = max(most, m.HeapAlloc+m.StackInuse)
		}
	}
	if most > 64<<20 {
		t.Errorf("got %d bytes in use, want under 64 MiB", most)
	}
}

type repliedFunc func(error)

func (f repliedFunc) Replied(err error) { f(err) }
