package runtime_test

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestAfterReply has handlers that end in different ways, and asks what they hear of it.
func TestAfterReply(t *testing.T) {
	tests := []struct {
		name string
		list func() ([]string, error)
		want string // of the error that AfterReply gives, "" for nil
	}{
		{"answers", func() ([]string, error) { return []string{"x"}, nil }, ""},
		{"fails", func() ([]string, error) { return nil, errors.New("no") }, ""},
		{"panics", func() ([]string, error) { panic("at the disco") },
			"example.Guestbook.List: the handler panicked: at the disco"},
		{"says too much", func() ([]string, error) { return []string{strings.Repeat("x", 65534)}, nil },
			"example.Guestbook.List: response: 65540 bytes, the classic form carries at most 65535"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var log runtimetest.Log
			heard := make(chan error, 2)
			client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
				runtime.AfterReply(ctx, func(err error) { heard <- err })
				runtime.AfterReply(ctx, func(err error) { heard <- err })
				return test.list()
			}}, logTo(&log))))
			client.List(t.Context())
			for range 2 {
				if got := text(<-heard); got != test.want {
					t.Errorf("got error %q, want %q", got, test.want)
				}
			}
		})
	}
}

// text returns the text of err, "" if it is nil.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestAfterReplyNotWritten has a caller that is gone when the response comes.
func TestAfterReplyNotWritten(t *testing.T) {
	var log runtimetest.Log
	entered, leave, heard := make(chan bool), make(chan bool), make(chan error, 1)
	address := serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
		runtime.AfterReply(ctx, func(err error) { heard <- err })
		entered <- true
		<-leave
		return nil, nil
	}}, logTo(&log))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	conn.Write([]byte("\x00\x02\x00\x01"))
	<-entered
	conn.(*net.TCPConn).SetLinger(0) // so that closing resets the connection
	conn.Close()
	close(leave)
	if err := <-heard; err == nil {
		t.Error("got nil, want an error")
	}
	log.Want(t, "classic response not written", "remote=127.0.0.1:")
}

// TestAfterReplyOrder has one function panic; the others run, in order, and the server goes on.
func TestAfterReplyOrder(t *testing.T) {
	var log runtimetest.Log
	heard := make(chan int, 3)
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
		runtime.AfterReply(ctx, func(error) { heard <- 1 })
		runtime.AfterReply(ctx, func(error) { panic("at the disco") })
		runtime.AfterReply(ctx, func(error) { heard <- 3 })
		return nil, nil
	}}, logTo(&log))))
	if _, err := client.List(t.Context()); err != nil {
		t.Errorf("List: %v", err)
	}
	if got, want := []int{<-heard, <-heard}, []int{1, 3}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	log.Want(t, "level=ERROR", "at the disco", "after_reply_test.go")
}

// TestAfterReplyLate registers a function when the response is out.
func TestAfterReplyLate(t *testing.T) {
	contexts, replied := make(chan context.Context, 1), make(chan bool)
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
		contexts <- ctx
		runtime.AfterReply(ctx, func(error) { close(replied) })
		return nil, nil
	}})))
	client.List(t.Context())
	<-replied
	ran := 0
	runtime.AfterReply(<-contexts, func(err error) {
		ran++
		if err != nil {
			t.Errorf("got error %v, want nil", err)
		}
	})
	if ran != 1 {
		t.Errorf("ran %d times before AfterReply returned, want 1", ran)
	}
}

// TestAfterReplyDirectly calls an implementation without a server.
func TestAfterReplyDirectly(t *testing.T) {
	ran := 0
	runtime.AfterReply(t.Context(), func(err error) {
		ran++
		if err != nil {
			t.Errorf("got error %v, want nil", err)
		}
	})
	if ran != 1 {
		t.Errorf("ran %d times, want 1", ran)
	}
}

// TestAfterReplyServerStub runs the functions when the bytes are there, since it is not known
// what becomes of them.
func TestAfterReplyServerStub(t *testing.T) {
	var heard []string
	book := Book{sign: func(ctx context.Context, name, _ string) (uint16, error) {
		runtime.AfterReply(ctx, func(err error) { heard = append(heard, text(err)) })
		if len(heard) > 0 {
			panic("at the disco")
		}
		return 7, nil
	}}
	for range 2 {
		SignServerStub(t.Context(), book, []byte("\x00\x03bob\x00\x02hi"))
	}
	if want := []string{"", "example.Guestbook.Sign: the handler panicked: at the disco"}; !slices.Equal(heard, want) {
		t.Errorf("got %q, want %q", heard, want)
	}
}

// TestAfterReplyGoexit has a handler that ends its goroutine in place of returning.
func TestAfterReplyGoexit(t *testing.T) {
	heard := make(chan error, 1)
	address := serveBook(t, Book{list: func(ctx context.Context) ([]string, error) {
		runtime.AfterReply(ctx, func(err error) { heard <- err })
		goexit()
		return nil, nil
	}})
	if response, err := classic.SendAndReceive(t.Context(), address, []byte("\x00\x01")); err == nil {
		t.Errorf("got response %q, want an error", response)
	}
	if err := <-heard; err == nil {
		t.Error("got nil, want an error")
	}
}
