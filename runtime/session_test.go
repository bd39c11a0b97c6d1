package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

func itoa(n uint16) string { return strconv.Itoa(int(n)) }

// dial returns a client of address, closed when the test ends.
func dial(t testing.TB, address string, options ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	client := runtime.Dial(address, options...)
	t.Cleanup(func() { client.Close() })
	return client
}

// dialDiary serves a Diary and returns a client of it.
func dialDiary(t testing.TB, diary Diary, options ...runtime.ServerOption) *DiaryClient {
	t.Helper()
	server := runtime.NewServer(options...)
	RegisterDiary(server, diary)
	return NewDiaryClient(dial(t, serve(t, server)))
}

// TestBothForms has a client of each form call one server.
func TestBothForms(t *testing.T) {
	address := serveBook(t, Book{sign: func(ctx context.Context, name, _ string) (uint16, error) {
		if peer, ok := runtime.PeerFrom(ctx); !ok || !strings.HasPrefix(peer.Address.String(), "127.0.0.1:") {
			t.Errorf("got peer %v, %v, want one of the loopback", peer, ok)
		}
		return uint16(len(name)), nil
	}})
	for range 2 {
		for form, caller := range map[string]runtime.Caller{"classic": runtime.Classic(address), "session": dial(t, address)} {
			number, err := NewGuestbookClient(caller).Sign(t.Context(), "alice", "hello")
			if number != 5 || err != nil {
				t.Errorf("%s: got %d, %v, want 5", form, number, err)
			}
		}
	}
}

// TestSessionErrors has handlers fail, and compares what their callers get.
func TestSessionErrors(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want failure
	}{
		{"plain", errors.New("the pen is dry"), failure{"the pen is dry", runtime.CodeUnknown, true, false}},
		{"coded", runtime.NewError(runtime.CodeDataLoss, "torn"), failure{"data_loss: torn", runtime.CodeDataLoss, true, false}},
		{"empty", errors.New(""), failure{"example.Diary.Page: the handler returned an error without a text, a *errors.errorString",
			runtime.CodeUnknown, true, false}},
		{"canceled", context.Canceled, failure{"canceled: context canceled", runtime.CodeCanceled, true, false}},
		{"late", context.DeadlineExceeded, failure{"deadline_exceeded: context deadline exceeded", runtime.CodeDeadlineExceeded, true, false}},
		{"declared", &NoPage{7, 3}, failure{"there is no page 7 of 3", runtime.CodeNotFound, true, false}},
		{"wrapped", fmt.Errorf("reading: %w", &NoPage{7, 3}), failure{"reading: there is no page 7 of 3", runtime.CodeNotFound, true, false}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := dialDiary(t, Diary{page: func(context.Context, uint16) (string, error) { return "", test.err }})
			_, err := client.Page(t.Context(), 7)
			test.want.check(t, err)
			var noPage *NoPage
			if declared := errors.As(test.err, &noPage); errors.As(err, &noPage) != declared {
				t.Errorf("got error %v, want a declared error to be found: %v", err, declared)
			} else if declared && *noPage != (NoPage{7, 3}) {
				t.Errorf("got %+v, want page 7 of 3", *noPage)
			}
		})
	}
}

// TestSessionErrorNotDeclared has a method answer with a declared error that it does not list.
func TestSessionErrorNotDeclared(t *testing.T) {
	client := dialDiary(t, Diary{write: func(context.Context, string) (uint16, error) { return 0, &NoPage{7, 3} }})
	_, err := client.Write(t.Context(), "dear diary")
	failure{"not_found: there is no page 7 of 3", runtime.CodeNotFound, true, false}.check(t, err)
}

func TestSessionPanic(t *testing.T) {
	var log runtimetest.Log
	client := dialDiary(t, Diary{
		write: func(context.Context, string) (uint16, error) { panic("the secret") },
		page:  func(context.Context, uint16) (string, error) { return "", nil },
	}, logTo(&log))
	_, err := client.Write(t.Context(), "dear diary")
	failure{"internal: example.Diary.Write: the handler panicked", runtime.CodeInternal, true, false}.check(t, err)
	log.Want(t, "level=ERROR", "the secret", "session_test.go", "remote=127.0.0.1:")
	if _, err := client.Page(t.Context(), 0); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSessionUnknownMethod(t *testing.T) {
	var log runtimetest.Log
	client := NewDiaryClient(dial(t, serveBook(t, Book{}, logTo(&log))))
	_, err := client.Page(t.Context(), 1)
	failure{"unimplemented: unknown message type 0x0100: no method 0 of a service 1 here",
		runtime.CodeUnimplemented, true, false}.check(t, err)
	log.Want(t, "level=WARN", "unknown message type", "remote=127.0.0.1:")
}

// TestSessionMissing leaves out a parameter, as an older client would. A service of the
// classic form insists on it.
func TestSessionMissing(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{page: func(_ context.Context, page uint16) (string, error) { return itoa(page), nil }})
	RegisterGuestbook(server, Book{})
	client := dial(t, serve(t, server))
	call := runtime.NewCall(&diaryMethods.Page)
	defer call.Release()
	if err := client.Call(t.Context(), call); err != nil || call.In.String("text") != "0" {
		t.Errorf("got %v, want an answer about page 0", err)
	}
	call = runtime.NewCall(&guestbookMethods.Sign)
	defer call.Release()
	failure{"invalid_argument: example.Guestbook.Sign: parameter name at offset 0: missing",
		runtime.CodeInvalidArgument, true, false}.check(t, client.Call(t.Context(), call))
}

// TestSessionCancel has the caller give up: the handler's context ends, with the reason.
func TestSessionCancel(t *testing.T) {
	tests := []struct {
		name string
		end  func(context.Context) (context.Context, context.CancelFunc)
		want error
	}{
		{"cancel", context.WithCancel, context.Canceled},
		{"deadline", func(ctx context.Context) (context.Context, context.CancelFunc) {
			return context.WithTimeout(ctx, 20*time.Millisecond)
		}, context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			entered, ended := make(chan bool, 1), make(chan error, 1)
			client := dialDiary(t, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
				entered <- true
				<-ctx.Done()
				ended <- ctx.Err()
				return 0, ctx.Err()
			}})
			ctx, cancel := test.end(t.Context())
			defer cancel()
			called := make(chan error, 1)
			go func() {
				_, err := client.Write(ctx, "dear diary")
				called <- err
			}()
			<-entered
			if test.want == context.Canceled {
				cancel()
			}
			if err := <-ended; err != test.want {
				t.Errorf("the handler's context: got %v, want %v", err, test.want)
			}
			err := <-called
			if !errors.Is(err, test.want) {
				t.Errorf("the call: got %v, want %v", err, test.want)
			}
			// Both clocks run out, and the handler's answer may win.
			if !remote(err) && !strings.HasPrefix(err.Error(), "example.Diary.Write: ") {
				t.Errorf("the call: got %v, want it to name the method", err)
			}
		})
	}
}

// remote reports whether the peer said so.
func remote(err error) bool {
	var e *runtime.Error
	return errors.As(err, &e) && e.Remote()
}

// TestSessionDeadline looks at the deadline in the handler.
func TestSessionDeadline(t *testing.T) {
	left := make(chan time.Duration, 2)
	client := dialDiary(t, Diary{
		write: func(ctx context.Context, _ string) (uint16, error) {
			deadline, _ := ctx.Deadline()
			left <- time.Until(deadline)
			return 0, nil
		},
		follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
			if deadline, ok := ctx.Deadline(); ok {
				t.Errorf("got deadline %v of a stream, want none", deadline)
			}
			return pages(nil)
		},
	})
	client.Write(t.Context(), "")
	if got := <-left; got <= 0 || got > 10*time.Second {
		t.Errorf("got %v left, want 10s at most", got)
	}
	for range client.Follow(t.Context(), 0) {
		t.Error("got an item, want none")
	}
}

// TestSessionClosed breaks the line while a handler works.
func TestSessionClosed(t *testing.T) {
	server := runtime.NewServer()
	entered, ended := make(chan bool), make(chan error, 1)
	RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
		entered <- true
		<-ctx.Done()
		ended <- ctx.Err()
		return 0, nil
	}})
	client := NewDiaryClient(dial(t, serve(t, server)))
	called := make(chan error, 1)
	go func() {
		_, err := client.Write(t.Context(), "dear diary")
		called <- err
	}()
	<-entered
	server.Close()
	if err := <-ended; err != context.Canceled {
		t.Errorf("the handler's context: got %v, want canceled", err)
	}
	var e *runtime.Error
	if err := <-called; !errors.As(err, &e) || !e.Broken() || e.Code() != runtime.CodeUnavailable {
		t.Errorf("the call: got %v, want a broken line", err)
	}
}

// TestSessionAfterReply lets a handler know of an answer that was written, and of one that
// could not be.
func TestSessionAfterReply(t *testing.T) {
	server := runtime.NewServer()
	entered, replied := make(chan bool), make(chan error)
	RegisterDiary(server, Diary{write: func(ctx context.Context, text string) (uint16, error) {
		runtime.AfterReply(ctx, func(err error) { replied <- err })
		if text == "wait" {
			entered <- true
			<-ctx.Done()
		}
		return 1, nil
	}})
	client := dial(t, serve(t, server))
	if _, err := NewDiaryClient(client).Write(t.Context(), ""); err != nil {
		t.Error(err)
	}
	if err := <-replied; err != nil {
		t.Errorf("got %v, want nil", err)
	}
	go NewDiaryClient(client).Write(t.Context(), "wait")
	<-entered
	client.Close()
	if err := <-replied; runtime.CodeOf(err) != runtime.CodeUnavailable {
		t.Errorf("got %v, want that the line broke", err)
	}
}

// TestSessionTimeout has the method's own time end, before that of the caller's context.
func TestSessionTimeout(t *testing.T) {
	ended := make(chan error, 1)
	client := dial(t, serveBook(t, Book{search: func(ctx context.Context, _ string) ([]string, error) {
		<-ctx.Done()
		ended <- ctx.Err()
		return nil, ctx.Err()
	}}))
	_, err := NewGuestbookClient(client).Search(t.Context(), "view")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the call: got %v, want deadline_exceeded", err)
	}
	if err := <-ended; err != context.DeadlineExceeded {
		t.Errorf("the handler's context: got %v, want context.DeadlineExceeded", err)
	}
}

// TestSessionShutdown lets a call end, and tells a stream.
func TestSessionShutdown(t *testing.T) {
	server := runtime.NewServer()
	entered, leave, replied := make(chan bool), make(chan bool), make(chan error, 1)
	RegisterDiary(server, Diary{
		write: func(ctx context.Context, _ string) (uint16, error) {
			runtime.AfterReply(ctx, func(err error) { replied <- err })
			entered <- true
			<-leave
			return 7, ctx.Err()
		},
		follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				yield("one", nil)
				<-ctx.Done()
				yield("", ctx.Err())
			}
		},
	})
	client := NewDiaryClient(dial(t, serve(t, server)))
	called, followed := make(chan error, 1), make(chan error, 1)
	go func() {
		page, err := client.Write(t.Context(), "dear diary")
		if page != 7 {
			t.Errorf("the call: got page %d, want 7", page)
		}
		called <- err
	}()
	<-entered
	first := make(chan bool)
	go func() {
		var last error
		for text, err := range client.Follow(t.Context(), 1) {
			if text == "one" {
				close(first)
			}
			last = err
		}
		followed <- last
	}()
	<-first
	shut := make(chan error, 1)
	go func() { shut <- server.Shutdown(t.Context()) }()
	failure{"unavailable: the server is shutting down", runtime.CodeUnavailable, true, false}.check(t, <-followed)
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

// TestSessionShutdownTimeout has a handler that does not end.
func TestSessionShutdownTimeout(t *testing.T) {
	server := runtime.NewServer()
	entered := make(chan bool)
	RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
		entered <- true
		<-ctx.Done()
		return 0, nil
	}})
	client := NewDiaryClient(dial(t, serve(t, server)))
	called := make(chan error, 1)
	go func() {
		_, err := client.Write(t.Context(), "dear diary")
		called <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Shutdown(ctx); err != context.Canceled {
		t.Errorf("Shutdown: got %v, want context.Canceled", err)
	}
	if err := <-called; runtime.CodeOf(err) != runtime.CodeUnavailable {
		t.Errorf("the call: got %v, want unavailable", err)
	}
}
