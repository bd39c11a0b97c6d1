package runtime_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// inHandler runs f as a handler of Search, whose method has a time of 20 ms, or of List,
// and returns when the call is over.
func inHandler(t *testing.T, search bool, f func(ctx context.Context), options ...runtime.ServerOption) {
	t.Helper()
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{
		list:   func(ctx context.Context) ([]string, error) { f(ctx); return nil, nil },
		search: func(ctx context.Context, _ string) ([]string, error) { f(ctx); return nil, nil },
	}, options...)))
	if search {
		client.Search(t.Context(), "")
	} else {
		client.List(t.Context())
	}
}

func TestHandlerDeadline(t *testing.T) {
	tests := []struct {
		name    string
		search  bool
		options []runtime.ServerOption
		want    time.Duration
	}{
		{"default", false, nil, 10 * time.Second},
		{"server's", false, []runtime.ServerOption{runtime.WithTimeout(time.Minute)}, time.Minute},
		{"method's", true, []runtime.ServerOption{runtime.WithTimeout(time.Minute)}, 20 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			inHandler(t, test.search, func(ctx context.Context) {
				deadline, ok := ctx.Deadline()
				got := time.Until(deadline)
				if !ok || got > test.want || got < test.want-5*time.Second {
					t.Errorf("got a deadline in %v, %v, want it in %v", got, ok, test.want)
				}
			}, test.options...)
		})
	}
}

// TestHandlerContextEnds looks at the handler's context, and at what is derived from it,
// before and after the end of the handler.
func TestHandlerContextEnds(t *testing.T) {
	type key struct{}
	var ctx, child, value context.Context
	inHandler(t, false, func(c context.Context) {
		ctx = c
		var cancel context.CancelFunc
		child, cancel = context.WithTimeout(ctx, time.Hour)
		t.Cleanup(cancel)
		value = context.WithValue(child, key{}, "x")
		for _, c := range []context.Context{ctx, child, value} {
			if err := c.Err(); err != nil {
				t.Errorf("in the handler: got error %v, want nil", err)
			}
		}
	})
	for _, c := range []context.Context{ctx, child, value} {
		<-c.Done()
		if err := c.Err(); err != context.Canceled {
			t.Errorf("after the handler: got error %v, want %v", err, context.Canceled)
		}
	}
}

// TestHandlerContextAskedLate asks a context for the first time when its handler is gone.
func TestHandlerContextAskedLate(t *testing.T) {
	var ctx context.Context
	inHandler(t, false, func(c context.Context) { ctx = c })
	<-ctx.Done()
	if err := ctx.Err(); err != context.Canceled {
		t.Errorf("got error %v, want %v", err, context.Canceled)
	}
}

// TestHandlerDeadlinePasses lets a handler wait for its context. Its time is over for
// the caller as well.
func TestHandlerDeadlinePasses(t *testing.T) {
	ended := make(chan error, 1)
	inHandler(t, true, func(ctx context.Context) {
		<-ctx.Done()
		ended <- ctx.Err()
	})
	if err := <-ended; err != context.DeadlineExceeded {
		t.Errorf("got error %v, want %v", err, context.DeadlineExceeded)
	}
}

func TestPeerFrom(t *testing.T) {
	inHandler(t, false, func(ctx context.Context) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		peer, ok := runtime.PeerFrom(ctx)
		if !ok || peer.Address.Network() != "tcp" {
			t.Errorf("got peer %v, %v, want a TCP address", peer.Address, ok)
		}
	})
	if peer, ok := runtime.PeerFrom(t.Context()); ok {
		t.Errorf("without a server: got peer %v, want none", peer)
	}
}

// TestServerStub answers the bytes of parameters with those of a response, without a server.
func TestServerStub(t *testing.T) {
	tests := []struct{ name, request, want string }{
		{"fine", "\x00\x03bob\x00\x02hi", "\x00\x03\x00\x00"},
		{"handler fails", "\x00\x00\x00\x02hi", "\x00\x00\x00\x07no name"},
	}
	book := Book{sign: func(ctx context.Context, name, _ string) (uint16, error) {
		if _, ok := runtime.PeerFrom(ctx); ok {
			t.Error("there is a peer, want none")
		}
		if name == "" {
			return 0, errors.New("no name")
		}
		return uint16(len(name)), nil
	}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := string(SignServerStub(t.Context(), book, []byte(test.request))); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestServerStubContext hands the caller's context on, with its end.
func TestServerStubContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		SignServerStub(ctx, Book{sign: func(ctx context.Context, _, _ string) (uint16, error) {
			if deadline, ok := ctx.Deadline(); !ok || !deadline.Equal(began.Add(time.Second)) {
				t.Errorf("got deadline %v, %v, want %v", deadline, ok, began.Add(time.Second))
			}
			<-ctx.Done()
			return 0, ctx.Err()
		}}, []byte("\x00\x03bob\x00\x02hi"))
		if got := time.Since(began); got != time.Second {
			t.Errorf("the handler's context ended after %v, want %v", got, time.Second)
		}
	})
}
