package runtime_test

import (
	"context"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

func TestCalls(t *testing.T) {
	type entry struct{ name, text string }
	var signed []entry
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
		sign: func(_ context.Context, name, text string) (uint16, error) {
			signed = append(signed, entry{name, text})
			return uint16(len(signed)), nil
		},
		list:  func(context.Context) ([]string, error) { return []string{"one", "", "three"}, nil },
		clear: func(context.Context) error { return nil },
	})))
	for i, e := range []entry{{"alice", "hello"}, {"", ""}, {"bob", strings.Repeat("long ", 10_000)}} {
		number, err := client.Sign(t.Context(), e.name, e.text)
		if err != nil || number != uint16(i+1) || signed[i] != e {
			t.Errorf("Sign: got %d, %v and %q, want %d and %q", number, err, signed[i], i+1, e)
		}
	}
	if got, err := client.List(t.Context()); err != nil || !slices.Equal(got, []string{"one", "", "three"}) {
		t.Errorf("List: got %q, %v", got, err)
	}
	if err := client.Clear(t.Context()); err != nil {
		t.Errorf("Clear: %v", err)
	}
}

// failure is what is to be seen of an error that a stub returned.
type failure struct {
	text           string
	code           runtime.Code
	remote, broken bool
}

func (want failure) check(t *testing.T, err error) {
	t.Helper()
	var e *runtime.Error
	if !errors.As(err, &e) {
		t.Fatalf("got error %v, a %T, want a *runtime.Error", err, err)
	}
	if got := (failure{e.Error(), e.Code(), e.Remote(), e.Broken()}); got != want {
		t.Errorf("got error %+v, want %+v", got, want)
	}
}

// TestHandlerError has a handler fail in all the ways in which handlers do. The classic
// form carries the text.
func TestHandlerError(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{errors.New("the book is full"), "the book is full"},
		{runtime.NewError(runtime.CodeNotFound, "no such book"), "not_found: no such book"},
		{&Taken{"bob"}, "the name bob is taken"},
		{errors.New(""), "example.Guestbook.Sign: the handler returned an error without a text, a *errors.errorString"},
	}
	for _, test := range tests {
		client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
			sign: func(context.Context, string, string) (uint16, error) { return 7, test.err },
		})))
		number, err := client.Sign(t.Context(), "alice", "hello")
		if number != 0 {
			t.Errorf("got number %d beside an error, want 0", number)
		}
		failure{test.want, runtime.CodeUnknown, true, false}.check(t, err)
	}
}

// TestBadResponses has a peer that answers List with the given bytes.
func TestBadResponses(t *testing.T) {
	const internal = runtime.CodeInternal
	tests := []struct {
		name, response string
		want           failure
	}{
		{"empty", "\x00\x00",
			failure{"example.Guestbook.List: result entries at offset 0: missing", internal, false, false}},
		{"element cut off", "\x00\x0b\x00\x02\x00\x03one\x00\x03t!",
			failure{"example.Guestbook.List: result entries[1] at offset 7: string of 3 bytes, only 2 remain", internal, false, false}},
		{"no error's text", "\x00\x07\x00\x01\x00\x03one",
			failure{"example.Guestbook.List: result error at offset 7: missing", internal, false, false}},
		{"error alone", "\x00\x0f\x00\x0dnever met you",
			failure{"never met you", runtime.CodeUnknown, true, false}},
		{"error and more", "\x00\x10\x00\x0dnever met you!",
			failure{"example.Guestbook.List: result entries at offset 0: list of 13 elements of 2 bytes or more, only 14 remain", internal, false, false}},
		{"response cut off", "\x00\x0b\x00\x02",
			failure{"example.Guestbook.List: book:1 closed the connection after 2 of the 11 bytes of its response: unexpected EOF",
				runtime.CodeUnavailable, false, true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := NewGuestbookClient(runtime.Classic("book:1", answering(func(conn net.Conn) {
				io.WriteString(conn, test.response)
			})))
			_, err := client.List(t.Context())
			test.want.check(t, err)
			var decode *codec.Error
			if got, want := errors.As(err, &decode), test.want.code == internal; got != want {
				t.Errorf("got a codec.Error in it: %v, want %v", got, want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	client := NewGuestbookClient(runtime.Classic("127.0.0.1:1"))
	_, err := client.List(t.Context())
	failure{"example.Guestbook.List: dial tcp 127.0.0.1:1: connect: connection refused",
		runtime.CodeUnavailable, false, true}.check(t, err)
	var op *net.OpError
	if !errors.As(err, &op) {
		t.Errorf("got no net.OpError in %v, want one", err)
	}
}

func TestRequestTooLong(t *testing.T) {
	client := NewGuestbookClient(runtime.Classic("127.0.0.1:1"))
	_, err := client.Sign(t.Context(), "alice", strings.Repeat("x", 65530))
	failure{"example.Guestbook.Sign: request: 65541 bytes, the classic form carries at most 65535",
		runtime.CodeResourceExhausted, false, false}.check(t, err)
	var size *classic.SizeError
	if !errors.As(err, &size) || size.Size != 65541 {
		t.Errorf("got %v, want a SizeError of 65541", size)
	}
}

// silent is an option for a client whose peer never answers.
var silent = answering(func(conn net.Conn) { conn.Read(make([]byte, 1)) })

// TestNoAnswer has a server that never answers. The earliest end counts: of the context,
// and of the method's time or else the client's.
func TestNoAnswer(t *testing.T) {
	list := func(ctx context.Context, c *GuestbookClient) error { _, err := c.List(ctx); return err }
	search := func(ctx context.Context, c *GuestbookClient) error { _, err := c.Search(ctx, ""); return err }
	tests := []struct {
		name    string
		call    func(context.Context, *GuestbookClient) error
		options []runtime.ClassicOption
		context time.Duration // 0: without end
		want    string
	}{
		{"default", list, nil, 0, "example.Guestbook.List: no response from book:1 after 10s: context deadline exceeded"},
		{"client's", list, []runtime.ClassicOption{runtime.WithTimeout(time.Minute)}, 0,
			"example.Guestbook.List: no response from book:1 after 1m0s: context deadline exceeded"},
		{"client's, less than nothing", list, []runtime.ClassicOption{runtime.WithTimeout(-1)}, 0,
			"example.Guestbook.List: no response from book:1 after 10s: context deadline exceeded"},
		{"method's", search, nil, 0, "example.Guestbook.Search: no response from book:1 after 20ms: context deadline exceeded"},
		{"method's, before the client's", search, []runtime.ClassicOption{runtime.WithTimeout(time.Millisecond)}, 0,
			"example.Guestbook.Search: no response from book:1 after 20ms: context deadline exceeded"},
		{"context's", list, nil, time.Second, "example.Guestbook.List: no response from book:1 after 1s: context deadline exceeded"},
		{"context's, later", search, nil, time.Second, "example.Guestbook.Search: no response from book:1 after 20ms: context deadline exceeded"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := context.Background()
				if test.context > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, test.context)
					defer cancel()
				}
				options := append(test.options, silent)
				err := test.call(ctx, NewGuestbookClient(runtime.Classic("book:1", options...)))
				failure{test.want, runtime.CodeDeadlineExceeded, false, false}.check(t, err)
				if !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v is not context.DeadlineExceeded to errors.Is", err)
				}
			})
		})
	}
}

func TestCanceled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, err := NewGuestbookClient(runtime.Classic("book:1", silent)).List(ctx)
		failure{"example.Guestbook.List: no response from book:1 after 1s: context canceled",
			runtime.CodeCanceled, false, false}.check(t, err)
	})
}

func TestClassicHasNoStreams(t *testing.T) {
	call := runtime.NewCall(&guestbookMethods.List)
	defer call.Release()
	_, err := runtime.Classic("127.0.0.1:1").Open(t.Context(), call)
	failure{"example.Guestbook.List: streams need a session; this is the classic form",
		runtime.CodeUnimplemented, false, false}.check(t, err)
}
