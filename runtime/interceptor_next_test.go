package runtime_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// stubborn tries a call again until it goes well, three times in all.
func stubborn(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
	err := next(ctx)
	for n := 1; n < 3 && err != nil; n++ {
		err = next(ctx)
	}
	return err
}

// TestInterceptorNextAgain makes calls again that fail at first, from either side.
func TestInterceptorNextAgain(t *testing.T) {
	var ran atomic.Int32
	thirdTime := func(_ context.Context, name, text string) (uint16, error) {
		if name != "alice" || text != "hello" {
			t.Errorf("got %q, %q, want the parameters every time", name, text)
		}
		if ran.Add(1) < 3 {
			return 0, errors.New("not yet")
		}
		return 7, nil
	}
	plain := serveBook(t, Book{sign: thirdTime})
	trying := serveBook(t, Book{sign: thirdTime}, runtime.WithInterceptors(stubborn))
	again := runtime.WithInterceptors(stubborn)
	for name, caller := range map[string]runtime.Caller{
		"caller": dial(t, plain, again), "classic caller": runtime.Classic(plain, again),
		"callee": dial(t, trying), "classic callee": runtime.Classic(trying),
	} {
		ran.Store(0)
		if got, err := NewGuestbookClient(caller).Sign(t.Context(), "alice", "hello"); got != 7 || err != nil {
			t.Errorf("%s: got %d, %v, want 7", name, got, err)
		}
	}
}

// TestInterceptorNextAgainStreams calls next twice where that cannot be.
func TestInterceptorNextAgainStreams(t *testing.T) {
	twice := runtime.WithInterceptors(func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
		next(ctx)
		return next(ctx)
	})
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	client := NewDiaryClient(dial(t, serve(t, server), twice))
	_, err := gather(client.Follow(t.Context(), 1))
	failure{"example.Diary.Follow: a call with streams is made once, an interceptor called next twice",
		runtime.CodeFailedPrecondition, false, false}.check(t, err)
	_, err = gather(dialDiary(t, echoDiary(), twice).Follow(t.Context(), 1))
	failure{"failed_precondition: example.Diary.Follow: its streams are used up, an interceptor called next twice",
		runtime.CodeFailedPrecondition, true, false}.check(t, err)
}

// TestInterceptorNextNever keeps calls from going on, or their errors from coming back: the results are zero.
func TestInterceptorNextNever(t *testing.T) {
	never := runtime.WithInterceptors(func(context.Context, *runtime.Call, func(context.Context) error) error { return nil })
	silent := runtime.WithInterceptors(func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
		next(ctx)
		return nil
	})
	fails := Book{sign: func(context.Context, string, string) (uint16, error) { return 7, errors.New("the pen is dry") }}
	plain := serveBook(t, fails)
	for name, caller := range map[string]runtime.Caller{
		"caller, never": dial(t, plain, never), "caller, silent": dial(t, plain, silent),
		"classic caller, never": runtime.Classic(plain, never), "classic caller, silent": runtime.Classic(plain, silent),
		"callee, never": dial(t, serveBook(t, fails, never)), "callee, silent": dial(t, serveBook(t, fails, silent)),
		"classic callee, never":  runtime.Classic(serveBook(t, fails, never)),
		"classic callee, silent": runtime.Classic(serveBook(t, fails, silent)),
	} {
		if got, err := NewGuestbookClient(caller).Sign(t.Context(), "alice", "hello"); got != 0 || err != nil {
			t.Errorf("%s: got %d, %v, want 0", name, got, err)
		}
	}
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	diary := NewDiaryClient(dial(t, serve(t, server), never))
	if got, err := gather(diary.Follow(t.Context(), 1)); len(got) > 0 || err != nil {
		t.Errorf("stream, never: got %q, %v, want none", got, err)
	}
	if got, err := diary.Copy(t.Context(), pages(nil, "one")); got != 0 || err != nil {
		t.Errorf("sent stream, never: got %d, %v, want 0", got, err)
	}
}

// TestInterceptorRetry breaks the line twice: the client's own tries are one call to its interceptors.
func TestInterceptorRetry(t *testing.T) {
	var s steps
	server := runtime.NewServer()
	RegisterDiary(server, Diary{page: func(context.Context, uint16) (string, error) { return "dear diary", nil }})
	client := breaking(t, serve(t, server), 2, runtime.WithInterceptors(s.trace("a")))
	text, err := NewDiaryClient(client).Page(t.Context(), 1)
	if text != "dear diary" || err != nil {
		t.Errorf("got %q, %v, want the answer to the third try", text, err)
	}
	if got, want := s.take(), "caller a, caller /a code(0)"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
