package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// steps is what happened, in order, on both sides.
type steps struct {
	mu   sync.Mutex
	list []string
}

func (s *steps) add(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = append(s.list, fmt.Sprintf(format, args...))
}

// take returns the steps since the last take.
func (s *steps) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer func() { s.list = nil }()
	return strings.Join(s.list, ", ")
}

// trace notes when a call enters and leaves.
func (s *steps) trace(name string) runtime.Interceptor {
	return func(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
		side := "caller"
		if call.Callee() {
			side = "callee"
		}
		s.add("%s %s", side, name)
		err := next(ctx)
		s.add("%s /%s %v", side, name, runtime.CodeOf(err))
		return err
	}
}

// echoDiary answers so that each kind of call can be told from the others.
func echoDiary() Diary {
	return Diary{
		page:   func(_ context.Context, page uint16) (string, error) { return "", &NoPage{page, 3} },
		write:  func(_ context.Context, text string) (uint16, error) { return uint16(len(text)), nil },
		follow: func(context.Context, uint16) iter.Seq2[string, error] { return pages(nil, "one", "two") },
		copy: func(_ context.Context, texts iter.Seq2[string, error]) (uint16, error) {
			got, err := gather(texts)
			return uint16(len(got)), err
		},
		talk: func(_ context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines },
	}
}

// TestInterceptorOrder has two interceptors on either side, around every kind of call.
func TestInterceptorOrder(t *testing.T) {
	var s steps
	option := func() runtime.Option { return runtime.WithInterceptors(s.trace("a"), nil) }
	server := runtime.NewServer(option(), runtime.WithInterceptors(s.trace("b")))
	RegisterDiary(server, echoDiary())
	RegisterGuestbook(server, Book{
		sign:  func(context.Context, string, string) (uint16, error) { return 7, nil },
		clear: func(context.Context) error { return errors.New("it is chained") },
	})
	address := serve(t, server)
	client := dial(t, address, option(), runtime.WithInterceptors(s.trace("b")))
	diary := NewDiaryClient(client)
	book := NewGuestbookClient(runtime.Classic(address, option(), runtime.WithInterceptors(s.trace("b"))))
	tests := []struct {
		name string
		call func() error
		code runtime.Code
	}{
		{"unary", func() error { _, err := diary.Write(t.Context(), "dear diary"); return err }, 0},
		{"declared error", func() error { _, err := diary.Page(t.Context(), 7); return err }, runtime.CodeNotFound},
		{"receive", func() error { _, err := gather(diary.Follow(t.Context(), 1)); return err }, 0},
		{"send", func() error { _, err := diary.Copy(t.Context(), pages(nil, "one")); return err }, 0},
		{"exchange", func() error { _, err := gather(diary.Talk(t.Context(), pages(nil, "one"))); return err }, 0},
		{"service 255", func() error { return runtime.NewMetaClient(client).Ping(t.Context()) }, 0},
		{"classic", func() error { _, err := book.Sign(t.Context(), "a", "b"); return err }, 0},
		{"classic error", func() error { return book.Clear(t.Context()) }, runtime.CodeUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if err := test.call(); runtime.CodeOf(err) != test.code {
				t.Errorf("got %v, want code %v", err, test.code)
			}
			want := "caller a, caller b, callee a, callee b, callee /b CODE, callee /a CODE, caller /b CODE, caller /a CODE"
			if got := s.take(); got != strings.ReplaceAll(want, "CODE", test.code.String()) {
				t.Errorf("got %s, want %s with %v", got, want, test.code)
			}
		})
	}
}

// TestInterceptorBack has a handler call its caller: both sides' interceptors see both calls.
func TestInterceptorBack(t *testing.T) {
	var s steps
	server := runtime.NewServer(runtime.WithInterceptors(s.trace("server")))
	RegisterDiary(server, Diary{write: func(ctx context.Context, text string) (uint16, error) {
		caller, _ := runtime.CallerFrom(ctx)
		return NewGuestbookClient(caller).Sign(ctx, "server", text)
	}})
	client := dial(t, serve(t, server), runtime.WithInterceptors(s.trace("client")))
	RegisterGuestbook(client, Book{sign: func(context.Context, string, string) (uint16, error) { return 7, nil }})
	if got, err := NewDiaryClient(client).Write(t.Context(), "hello"); got != 7 || err != nil {
		t.Errorf("got %d, %v, want 7", got, err)
	}
	want := "caller client, callee server, caller server, callee client, " +
		"callee /client code(0), caller /server code(0), callee /server code(0), caller /client code(0)"
	if got := s.take(); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInterceptorError has an interceptor of the caller change the error.
func TestInterceptorError(t *testing.T) {
	refusal := errors.New("not on Sundays")
	noPage := failure{"there is no page 7 of 3", runtime.CodeNotFound, true, false}
	tests := []struct {
		name   string
		change func(error) error
		want   failure
	}{
		{"as it is", func(err error) error { return err }, noPage},
		{"plain", func(error) error { return refusal },
			failure{"example.Diary.Page: not on Sundays", runtime.CodeUnknown, false, false}},
		{"coded", func(error) error { return runtime.NewError(runtime.CodeAborted, "later") },
			failure{"aborted: later", runtime.CodeAborted, false, false}},
		{"context", func(error) error { return context.Canceled },
			failure{"example.Diary.Page: context canceled", runtime.CodeCanceled, false, false}},
		{"wrapped", func(err error) error { return fmt.Errorf("audited: %w", err) },
			failure{"example.Diary.Page: audited: there is no page 7 of 3", runtime.CodeNotFound, true, false}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			server := runtime.NewServer()
			RegisterDiary(server, echoDiary())
			client := dial(t, serve(t, server), runtime.WithInterceptors(
				func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
					return test.change(next(ctx))
				}))
			_, err := NewDiaryClient(client).Page(t.Context(), 7)
			test.want.check(t, err)
			if test.name == "plain" && !errors.Is(err, refusal) {
				t.Errorf("got %v, want it to be the interceptor's to errors.Is", err)
			}
			if declared := new(NoPage); test.want.remote && (!errors.As(err, &declared) || declared.Page != 7) {
				t.Errorf("got %v, want the declared error within", err)
			}
		})
	}
}

// TestInterceptorErrorStreams has an interceptor fail calls with streams, after they went well.
func TestInterceptorErrorStreams(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithInterceptors(
		func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
			return errors.Join(next(ctx), errors.New("not on Sundays"))
		})))
	got, err := gather(client.Follow(t.Context(), 1))
	failure{"example.Diary.Follow: not on Sundays", runtime.CodeUnknown, false, false}.check(t, err)
	if !slices.Equal(got, []string{"one", "two"}) {
		t.Errorf("got %q, want the items before the error", got)
	}
	_, err = gather(client.Talk(t.Context(), pages(nil, "one")))
	failure{"example.Diary.Talk: not on Sundays", runtime.CodeUnknown, false, false}.check(t, err)
	_, err = client.Copy(t.Context(), pages(nil, "one"))
	failure{"example.Diary.Copy: not on Sundays", runtime.CodeUnknown, false, false}.check(t, err)
}

// TestInterceptorOwnError has the user's items fail: that error comes back as it is.
func TestInterceptorOwnError(t *testing.T) {
	var s steps
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithInterceptors(s.trace("a"))))
	torn := errors.New("the page is torn")
	if _, err := client.Copy(t.Context(), pages(torn, "one")); err != torn {
		t.Errorf("Copy: got %v, want the iterator's error as it is", err)
	}
	if _, err := gather(client.Talk(t.Context(), pages(torn))); err != torn {
		t.Errorf("Talk: got %v, want the iterator's error as it is", err)
	}
	if got, want := s.take(), "caller a, caller /a unknown, caller a, caller /a unknown"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInterceptorLeft leaves the loop over a stream: next returns, and with nil.
func TestInterceptorLeft(t *testing.T) {
	var s steps
	fail := func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
		next(ctx)
		return errors.New("nobody hears this")
	}
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithInterceptors(fail, s.trace("a"))))
	for range client.Follow(t.Context(), 1) {
		break
	}
	for range client.Talk(t.Context(), pages(nil, "one", "two")) {
		break
	}
	if got, want := s.take(), "caller a, caller /a code(0), caller a, caller /a code(0)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestInterceptorPanic has interceptors panic on either side.
func TestInterceptorPanic(t *testing.T) {
	var log runtimetest.Log
	panics := func(context.Context, *runtime.Call, func(context.Context) error) error { panic("the secret") }
	client := dialDiary(t, echoDiary(), runtime.WithInterceptors(panics), logTo(&log))
	_, err := client.Write(t.Context(), "dear diary")
	failure{"internal: example.Diary.Write: the handler panicked", runtime.CodeInternal, true, false}.check(t, err)
	log.Want(t, "level=ERROR", "the secret", "interceptor_test.go", "remote=127.0.0.1:")

	defer func() {
		if p := recover(); p != "the secret" {
			t.Errorf("at the caller: got panic %v, want the interceptor's", p)
		}
	}()
	NewDiaryClient(dial(t, "127.0.0.1:1", runtime.WithInterceptors(panics))).Write(t.Context(), "dear diary")
}

// TestIntercept wraps a Caller that has interceptors of its own.
func TestIntercept(t *testing.T) {
	var s steps
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	caller := runtime.Intercept(dial(t, serve(t, server), runtime.WithInterceptors(s.trace("inner"))), nil, s.trace("outer"))
	want := "caller outer, caller inner, caller /inner code(0), caller /outer code(0)"
	if _, err := NewDiaryClient(caller).Write(t.Context(), ""); err != nil || s.take() != want {
		t.Errorf("unary: got %v, want %s", err, want)
	}
	if _, err := gather(NewDiaryClient(caller).Follow(t.Context(), 1)); err != nil || s.take() != want {
		t.Errorf("stream: got %v, want %s", err, want)
	}
}
