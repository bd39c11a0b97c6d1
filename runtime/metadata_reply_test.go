package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// TestReplyMetadata has handlers of every kind add metadata, and answer well or not.
func TestReplyMetadata(t *testing.T) {
	add := func(ctx context.Context) {
		for _, err := range []error{
			runtime.AddReplyMetadata(ctx, "node", "0"),
			runtime.AddReplyMetadata(ctx, "node", "7"),
			runtime.AddReplyMetadata(ctx, "", ""),
		} {
			if err != nil {
				t.Errorf("AddReplyMetadata: %v", err)
			}
		}
	}
	client := dialDiary(t, Diary{
		page:  func(ctx context.Context, _ uint16) (string, error) { add(ctx); return "", &NoPage{7, 3} },
		write: func(ctx context.Context, _ string) (uint16, error) { add(ctx); return 1, nil },
		follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				yield("one", nil)
				add(ctx)
			}
		},
		copy: func(ctx context.Context, texts iter.Seq2[string, error]) (uint16, error) { add(ctx); return 1, nil },
		talk: func(ctx context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] {
			add(ctx)
			return pages(errors.New("torn"), "one")
		},
	})
	for name, call := range map[string]func(context.Context) error{
		"unary":    func(ctx context.Context) error { _, err := client.Write(ctx, ""); return err },
		"error":    func(ctx context.Context) error { _, err := client.Page(ctx, 7); return wanted(err) },
		"receive":  func(ctx context.Context) error { _, err := gather(client.Follow(ctx, 1)); return err },
		"send":     func(ctx context.Context) error { _, err := client.Copy(ctx, pages(nil)); return err },
		"exchange": func(ctx context.Context) error { _, err := gather(client.Talk(ctx, pages(nil))); return wanted(err) },
	} {
		var outer, inner map[string]string
		ctx := runtime.WithReplyMetadata(runtime.WithReplyMetadata(t.Context(), &outer), &inner)
		if err := call(ctx); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if want := "map[: node:7]"; fmt.Sprint(inner) != want || fmt.Sprint(outer) != want {
			t.Errorf("%s: got %v and %v, want %s", name, inner, outer, want)
		}
	}
}

// wanted returns nil for an error, and an error for nil.
func wanted(err error) error {
	if err == nil {
		return errors.New("no error")
	}
	return nil
}

// TestReplyMetadataNone has calls without an answer, or without metadata in it: what was there is gone.
func TestReplyMetadataNone(t *testing.T) {
	client := dialDiary(t, echoDiary())
	metadata := make(map[string]string)
	ctx := runtime.WithReplyMetadata(t.Context(), &metadata)
	if _, err := client.Write(ctx, ""); err != nil || metadata != nil {
		t.Errorf("got %v, %v, want nil", metadata, err)
	}
	metadata = make(map[string]string)
	for range client.Follow(ctx, 1) {
		break
	}
	if metadata != nil {
		t.Errorf("a loop that was left: got %v, want nil", metadata)
	}
	metadata = make(map[string]string)
	if _, err := NewDiaryClient(dial(t, "127.0.0.1:1")).Write(ctx, ""); err == nil || metadata != nil {
		t.Errorf("nobody there: got %v, %v, want nil and an error", metadata, err)
	}
}

// TestReplyMetadataTooLarge fills the 8 KiB to the last byte, and then some.
func TestReplyMetadataTooLarge(t *testing.T) {
	client := dialDiary(t, Diary{write: func(ctx context.Context, text string) (uint16, error) {
		if err := runtime.AddReplyMetadata(ctx, "k", strings.Repeat("x", 8192-2-2-1-2)); err != nil {
			t.Errorf("8192 bytes: %v", err)
		}
		return 0, runtime.AddReplyMetadata(ctx, "l", "")
	}})
	var metadata map[string]string
	_, err := client.Write(runtime.WithReplyMetadata(t.Context(), &metadata), "")
	failure{`resource_exhausted: metadata of the reply would have 8197 bytes with "l", the most is 8192`,
		runtime.CodeResourceExhausted, true, false}.check(t, err)
	if len(metadata) != 1 || len(metadata["k"]) != 8185 {
		t.Errorf("got %d entries, want what went before", len(metadata))
	}
}

// TestReplyMetadataClassic has a form that cannot carry it.
func TestReplyMetadataClassic(t *testing.T) {
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{clear: func(ctx context.Context) error {
		return runtime.AddReplyMetadata(ctx, "node", "7")
	}})))
	metadata := make(map[string]string)
	err := client.Clear(runtime.WithReplyMetadata(t.Context(), &metadata))
	failure{"unimplemented: metadata in a reply needs a session; this is the classic form", runtime.CodeUnknown, true, false}.check(t, err)
	if metadata != nil {
		t.Errorf("got %v, want nil", metadata)
	}
	if err := runtime.AddReplyMetadata(t.Context(), "node", "7"); err != nil {
		t.Errorf("without a server: got %v, want nil", err)
	}
}

// TestReplyMetadataLate adds to a reply that is under way.
func TestReplyMetadataLate(t *testing.T) {
	contexts := make(chan context.Context, 1)
	client := dialDiary(t, Diary{write: func(ctx context.Context, _ string) (uint16, error) { contexts <- ctx; return 1, nil }})
	if _, err := client.Write(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := runtime.AddReplyMetadata(<-contexts, "node", "7"); runtime.CodeOf(err) != runtime.CodeFailedPrecondition {
		t.Errorf("got %v, want failed_precondition", err)
	}
}

// TestAddMetadata adds to the metadata of a request, in an interceptor and before.
func TestAddMetadata(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{page: func(ctx context.Context, _ uint16) (string, error) {
		return fmt.Sprint(runtime.MetadataFrom(ctx)), nil
	}})
	client := NewDiaryClient(dial(t, serve(t, server), runtime.WithInterceptors(
		func(ctx context.Context, _ *runtime.Call, next func(context.Context) error) error {
			return next(runtime.AddMetadata(runtime.AddMetadata(ctx, "token", "secret"), "trace", "7"))
		})))
	given := map[string]string{"token": "old", "user": "alice"}
	text, err := client.Page(runtime.WithMetadata(t.Context(), given), 1)
	if want := "map[token:secret trace:7 user:alice]"; text != want || err != nil || given["token"] != "old" {
		t.Errorf("got %q, %v, want %q", text, err, want)
	}
	if text, err := client.Page(t.Context(), 1); text != "map[token:secret trace:7]" || err != nil {
		t.Errorf("got %q, %v, want the interceptor's", text, err)
	}
}
