package classic_test

import (
	"io"
	"net"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestClassicSession begins a session at a server that takes sessions: the connection is
// handed over with what has come, is not bound by the time of a request, and Shutdown waits for it.
func TestClassicSession(t *testing.T) {
	begun, taken := make(chan bool), make(chan string)
	server := &classic.Server{Handler: echo, Session: func(conn net.Conn, head []byte, closed func()) {
		go func() { // Serve waits for closed
			defer closed()
			begun <- true
			rest, _ := io.ReadAll(conn)
			taken <- string(head) + string(rest)
		}()
	}}
	address := start(t, server)
	conn := dial(t, address)
	send(t, conn, "\x00\x00PRLY")
	<-begun
	shut := make(chan error, 1)
	if got, err := classic.SendAndReceive(t.Context(), address, []byte("hello")); string(got) != "hello" || err != nil {
		t.Errorf("beside the session: got %q, %v, want an echo", got, err)
	}
	go func() { shut <- server.Shutdown(t.Context()) }()
	send(t, conn, " and more")
	conn.(*net.TCPConn).CloseWrite()
	if got, want := <-taken, "\x00\x00PRLY and more"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if err := <-shut; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
}
