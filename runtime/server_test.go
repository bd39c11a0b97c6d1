package runtime_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestRequests sends bytes as requests, without length, and reads the responses. Where
// something is wrong the log has one line that says so.
func TestRequests(t *testing.T) {
	book := Book{
		sign: func(_ context.Context, name, _ string) (uint16, error) { return uint16(len(name)), nil },
		list: func(context.Context) ([]string, error) { return []string{"x"}, nil },
	}
	tests := []struct{ name, request, response, log string }{
		{"fine", "\x00\x00\x00\x03bob\x00\x02hi", "\x00\x03\x00\x00", ""},
		{"bytes after the parameters", "\x00\x00\x00\x03bob\x00\x02hiand more", "\x00\x03\x00\x00", ""},
		{"too short", "\x00", "request of 1 bytes, too short for a message type", "refused"},
		{"unknown method", "\x00\x09", "unknown message type 0x0009: no method 9 of a service 0 here", "refused"},
		{"unknown service", "\x07\x00", "unknown message type 0x0700: no method 0 of a service 7 here", "refused"},
		{"of sessions", "\x01\x00", "example.Modern.Do: not a method of the classic form; it needs a session", "refused"},
		{"no parameters", "\x00\x00",
			"\x00\x00example.Guestbook.Sign: parameter name at offset 0: missing", "refused"},
		{"second parameter missing", "\x00\x00\x00\x03bob",
			"\x00\x00example.Guestbook.Sign: parameter text at offset 5: missing", "refused"},
		{"parameter cut off", "\x00\x00\x00\x03bob\x00\x07hi",
			"\x00\x00example.Guestbook.Sign: parameter text at offset 5: string of 7 bytes, only 2 remain", "refused"},
		{"a list is zero", "\x00\x03\x00\x07hi",
			"\x00\x00example.Guestbook.Search: parameter text at offset 0: string of 7 bytes, only 2 remain", "refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log runtimetest.Log
			server := runtime.NewServer(logTo(&log))
			RegisterGuestbook(server, book)
			server.Register(modern)
			response, err := classic.SendAndReceive(t.Context(), serve(t, server), []byte(test.request))
			want := test.response
			if test.log != "" {
				want = withLength(test.response)
			}
			if err != nil || string(response) != want {
				t.Errorf("got response %q, %v, want %q", response, err, want)
			}
			if test.log == "" {
				if got := log.String(); got != "" {
					t.Errorf("got log %q, want none", got)
				}
				return
			}
			log.Want(t, "level=WARN", test.log, strings.TrimLeft(test.response, "\x00"), "remote=127.0.0.1:")
		})
	}
}

// withLength puts a string's length before the text that follows leading zeros.
func withLength(response string) string {
	text := strings.TrimLeft(response, "\x00")
	zeros := response[:len(response)-len(text)]
	return zeros + string([]byte{0, byte(len(text))}) + text
}

// modern is a service that is not @classic.
var modern = runtime.Service{Name: "example.Modern", Number: 1, Handlers: []runtime.Handler{{
	Method: &runtime.Method{Service: "example.Modern", Name: "Do", Type: 0x0100},
	Handle: func(context.Context, *runtime.Call) error { return nil },
}}}

// TestTruncatedRequest ends a request in its middle: the type is known, so its zero
// results stand before the error.
func TestTruncatedRequest(t *testing.T) {
	var log runtimetest.Log
	conn, err := net.Dial("tcp", serveBook(t, Book{}, logTo(&log)))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "\x00\x14\x00\x00\x00\x03bo")
	conn.(*net.TCPConn).CloseWrite()
	got, err := io.ReadAll(conn)
	want := withLength("\x00\x00request ended with 6 of its 20 bytes")
	want = string([]byte{0, byte(len(want))}) + want
	if err != nil || string(got) != want {
		t.Errorf("got response %q, %v, want %q", got, err, want)
	}
	log.Want(t, "request ended with 6 of its 20 bytes")
}

// TestSessionPreface begins a session on the port of the classic form.
func TestSessionPreface(t *testing.T) {
	conn, err := net.Dial("tcp", serveBook(t, Book{}))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "\x00\x00\x00\x05\x01\x00\x00\x00\x00\x00PRLY\x01")
	hello := make([]byte, 13)
	_, err = io.ReadFull(conn, hello)
	if err != nil || hello[2] != 1 || string(hello[8:]) != "PRLY\x01" {
		t.Errorf("got %q, %v, want a HELLO", hello, err)
	}
}

// TestResponseTooLong has results that no classic response can carry. Nothing is cut short.
func TestResponseTooLong(t *testing.T) {
	var log runtimetest.Log
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
		list:  func(context.Context) ([]string, error) { return []string{strings.Repeat("x", 65530)}, nil },
		clear: func(context.Context) error { return errors.New(strings.Repeat("x", 65534)) },
	}, logTo(&log))))
	entries, err := client.List(t.Context())
	failure{"example.Guestbook.List: response: 65536 bytes, the classic form carries at most 65535",
		runtime.CodeUnknown, true, false}.check(t, err)
	if entries != nil {
		t.Errorf("got %d entries beside an error, want none", len(entries))
	}
	log.Want(t, "level=WARN", "example.Guestbook.List: response: 65536 bytes")
	err = client.Clear(t.Context())
	failure{"example.Guestbook.Clear: response: 65536 bytes, the classic form carries at most 65535",
		runtime.CodeUnknown, true, false}.check(t, err)
}

// TestLongestResponse is one byte shorter.
func TestLongestResponse(t *testing.T) {
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
		list: func(context.Context) ([]string, error) { return []string{strings.Repeat("x", 65529)}, nil },
	})))
	if entries, err := client.List(t.Context()); err != nil || len(entries) != 1 || len(entries[0]) != 65529 {
		t.Errorf("got %d entries, %v, want one of 65529 bytes", len(entries), err)
	}
}

// TestPanic has a handler that panics; its caller does not get to see with what.
func TestPanic(t *testing.T) {
	var log runtimetest.Log
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
		sign: func(context.Context, string, string) (uint16, error) { panic("the secret") },
		list: func(context.Context) ([]string, error) { return nil, nil },
	}, logTo(&log))))
	_, err := client.Sign(t.Context(), "alice", "hello")
	failure{"example.Guestbook.Sign: the handler panicked", runtime.CodeUnknown, true, false}.check(t, err)
	log.Want(t, "level=ERROR", "the secret", "server_test.go", "remote=127.0.0.1:")
	if _, err := client.List(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestRegisterPanics(t *testing.T) {
	list := runtime.Handler{Method: &guestbookMethods.List}
	tests := []struct {
		name    string
		service runtime.Service
		want    string
	}{
		{"number taken", runtime.Service{Name: "example.Other", Number: 0},
			"runtime: services example.Guestbook and example.Other both have number 0"},
		{"number of the runtime", runtime.Service{Name: "example.Other", Number: 255},
			"runtime: service example.Other has number 255, which is the runtime's own"},
		{"method of another", runtime.Service{Name: "example.Other", Number: 3, Handlers: []runtime.Handler{list}},
			"runtime: method example.Guestbook.List of service number 3 has message type 0x0001"},
		{"method twice", runtime.Service{Name: "example.Modern", Number: 1,
			Handlers: []runtime.Handler{modern.Handlers[0], modern.Handlers[0]}},
			"runtime: methods example.Modern.Do and example.Modern.Do both have message type 0x0100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := runtime.NewServer()
			RegisterGuestbook(server, Book{})
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("got panic %v, want %q", got, test.want)
				}
			}()
			server.Register(test.service)
		})
	}
}

func TestRegisterWhileServing(t *testing.T) {
	server := runtime.NewServer()
	client := NewGuestbookClient(runtime.Classic(serve(t, server)))
	if _, err := client.List(t.Context()); runtime.CodeOf(err) != runtime.CodeUnknown {
		t.Errorf("before: got error %v, want that the type is unknown", err)
	}
	RegisterGuestbook(server, Book{list: func(context.Context) ([]string, error) { return nil, nil }})
	if _, err := client.List(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestShutdown waits for a call and for what waits for its response.
func TestShutdown(t *testing.T) {
	server := runtime.NewServer()
	entered, leave, replied := make(chan bool), make(chan bool), make(chan error, 1)
	RegisterGuestbook(server, Book{clear: func(ctx context.Context) error {
		runtime.AfterReply(ctx, func(err error) { replied <- err })
		entered <- true
		<-leave
		return nil
	}})
	client := NewGuestbookClient(runtime.Classic(serve(t, server)))
	called := make(chan error, 1)
	go func() { called <- client.Clear(t.Context()) }()
	<-entered
	shut := make(chan error, 1)
	go func() { shut <- server.Shutdown(t.Context()) }()
	close(leave)
	if err := <-shut; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	select {
	case err := <-replied:
		if err != nil {
			t.Errorf("AfterReply got %v, want nil", err)
		}
	default:
		t.Error("Shutdown returned before the AfterReply function")
	}
	if err := <-called; err != nil {
		t.Errorf("the call: %v", err)
	}
}

// TestClose ends the contexts of handlers.
func TestClose(t *testing.T) {
	server := runtime.NewServer(runtime.WithTimeout(time.Hour))
	entered := make(chan bool)
	RegisterGuestbook(server, Book{clear: func(ctx context.Context) error {
		entered <- true
		<-ctx.Done()
		return ctx.Err()
	}})
	client := NewGuestbookClient(runtime.Classic(serve(t, server)))
	called := make(chan error, 1)
	go func() { called <- client.Clear(t.Context()) }()
	<-entered
	server.Close()
	var e *runtime.Error
	if err := <-called; !errors.As(err, &e) || !e.Broken() {
		t.Errorf("the call: got error %v, want a broken line", err)
	}
}
