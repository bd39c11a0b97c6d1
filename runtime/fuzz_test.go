package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// FuzzServeRequest sends arbitrary bytes to a server with two services, and ends its
// side of the connection. The server must answer with one response or none, and close;
// what begins a session it may answer as it likes, but must close too.
func FuzzServeRequest(f *testing.F) {
	for _, v := range vectors {
		request, _ := readVector(f, v.file)
		f.Add(request)
	}
	for _, seed := range []string{
		"", "\x00", "\x00\x00", "\x00\x05abc", "\x00\x02\x00\x03", "\x00\x02\x01\x00", "\x00\x02\xff\xff", "\xff\xff\x00\x00",
		"\x00\x06\x00\x00\xff\xff\xff\xff", "\x00\x0d\x00\x00\x00\x03bob\x00\x02hi", "\x00\x08\x00\x03\x00\x04oops", "GET / HTTP/1.1\r\n\r\n",
		"\x16\x03\x01\x00\x2e\x01\x00\x00\x2a\x03\x03", "\x16\x03\x01\x02", "\x00\x00\x00\x0fPRLY\x01",
	} {
		f.Add([]byte(seed))
	}
	server := runtime.NewServer()
	RegisterGuestbook(server, Book{
		sign:   func(context.Context, string, string) (uint16, error) { return 7, nil },
		list:   func(context.Context) ([]string, error) { return []string{"one", "two"}, nil },
		clear:  func(context.Context) error { return errors.New("no") },
		search: func(context.Context, string) ([]string, error) { panic("oops") },
	})
	server.Register(modern)
	address := serve(f, server)
	f.Fuzz(func(t *testing.T, sent []byte) {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(5 * time.Second))
		conn.Write(sent) // the server may have closed already
		conn.(*net.TCPConn).CloseWrite()
		response, err := io.ReadAll(conn)
		if err != nil {
			t.Fatalf("reading the response: %v", err)
		}
		if bytes.HasPrefix(sent, []byte{0, 0}) {
			return
		}
		if len(response) > 0 && (len(response) < 4 || len(response) != 2+int(response[0])<<8+int(response[1])) {
			t.Errorf("got response % x, which is not one message", response)
		}
		if len(sent) > 0 && len(response) == 0 {
			t.Error("got no response to a request that had begun")
		}
	})
}

// FuzzClientResponse answers stubs with arbitrary bytes. They must return, with an
// *Error or with results.
func FuzzClientResponse(f *testing.F) {
	for _, v := range vectors {
		_, response := readVector(f, v.file)
		f.Add(response)
	}
	for _, seed := range []string{"", "\x00", "\x00\x00", "\x00\x02\x00\x00", "\x00\x05ab", "\xff\xff", "\x00\x05\x00\x03no!", "\x00\x04\xff\xff\xff\xff", "\x00\x06\xff\xff\x00\x00\x00\x00"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, response []byte) {
		client := NewGuestbookClient(runtime.Classic("book:1", answering(func(conn net.Conn) { conn.Write(response) })))
		_, signErr := client.Sign(t.Context(), "alice", "hello")
		entries, listErr := client.List(t.Context())
		for _, err := range []error{signErr, listErr, client.Clear(t.Context())} {
			var e *runtime.Error
			if err != nil && !errors.As(err, &e) {
				t.Errorf("got error %v, a %T, want a *runtime.Error", err, err)
			}
		}
		if len(entries)*2 > len(response) {
			t.Errorf("got %d entries out of %d bytes", len(entries), len(response))
		}
	})
}
