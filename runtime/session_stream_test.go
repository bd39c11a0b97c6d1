package runtime_test

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// pages yields the texts, then err if it is not nil.
func pages(err error, texts ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for _, text := range texts {
			if !yield(text, nil) {
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

// gather ranges over seq to its end.
func gather(seq iter.Seq2[string, error]) (texts []string, err error) {
	for text, e := range seq {
		if e != nil {
			return texts, e
		}
		texts = append(texts, text)
	}
	return texts, nil
}

// TestSessionStreams sends streams each way and both ways, longer than a window.
func TestSessionStreams(t *testing.T) {
	many := make([]string, 300)
	for i := range many {
		many[i] = strings.Repeat(itoa(uint16(i)), 1000)
	}
	client := dialDiary(t, Diary{
		follow: func(context.Context, uint16) iter.Seq2[string, error] { return pages(&NoPage{1, 2}, many...) },
		copy: func(_ context.Context, texts iter.Seq2[string, error]) (uint16, error) {
			got, err := gather(texts)
			return uint16(len(got)), err
		},
		talk: func(_ context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines },
	})
	if got, err := gather(client.Follow(t.Context(), 1)); !slices.Equal(got, many) || runtime.CodeOf(err) != runtime.CodeNotFound {
		t.Errorf("Follow: got %d items, %v, want %d and not_found", len(got), err, len(many))
	}
	if got, err := client.Copy(t.Context(), pages(nil, many...)); int(got) != len(many) || err != nil {
		t.Errorf("Copy: got %d, %v, want %d", got, err, len(many))
	}
	if got, err := gather(client.Talk(t.Context(), pages(nil, many...))); !slices.Equal(got, many) || err != nil {
		t.Errorf("Talk: got %d items, %v, want %d", len(got), err, len(many))
	}
	torn := errors.New("the page is torn")
	if _, err := client.Copy(t.Context(), pages(torn, "one")); err != torn {
		t.Errorf("Copy: got %v, want the iterator's error as it is", err)
	}
}

// TestSessionStreamLeft leaves the loop: the handler's context ends.
func TestSessionStreamLeft(t *testing.T) {
	ended := make(chan error, 1)
	client := dialDiary(t, Diary{follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
		return func(yield func(string, error) bool) {
			yield("one", nil)
			<-ctx.Done()
			ended <- context.Cause(ctx)
		}
	}})
	for range client.Follow(t.Context(), 1) {
		break
	}
	if err := <-ended; runtime.CodeOf(err) != runtime.CodeCanceled || err.Error() != "canceled: the caller stopped reading" {
		t.Errorf("the handler's context: got %v, want canceled with the reason", err)
	}
}

// TestSessionStreamOutlived has a handler return while a goroutine of its own ranges over the
// stream parameter: the range ends.
func TestSessionStreamOutlived(t *testing.T) {
	ended := make(chan error, 1)
	client := dialDiary(t, Diary{copy: func(_ context.Context, texts iter.Seq2[string, error]) (uint16, error) {
		first := make(chan bool, 1)
		go func() {
			var last error
			for _, err := range texts {
				first <- true
				last = err
			}
			ended <- last
		}()
		<-first
		return 1, nil
	}})
	answered := make(chan bool)
	defer close(answered)
	go client.Copy(t.Context(), func(yield func(string, error) bool) {
		yield("one", nil)
		<-answered
	})
	if err := <-ended; err == nil {
		t.Error("the range: got nil as the last error, want one")
	}
}

// TestSessionStreamClosed closes the connection cleanly amid a stream, at either end: that is no end of the stream.
func TestSessionStreamClosed(t *testing.T) {
	server := runtime.NewServer()
	entered, ranged := make(chan bool), make(chan error, 1)
	RegisterDiary(server, Diary{
		follow: func(ctx context.Context, _ uint16) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				yield("one", nil)
				<-ctx.Done()
			}
		},
		copy: func(_ context.Context, texts iter.Seq2[string, error]) (uint16, error) {
			var last error
			for _, err := range texts {
				if last = err; err == nil {
					entered <- true
				}
			}
			ranged <- last
			return 0, nil
		},
	})
	address := serve(t, server)
	isBroken := func(what string, err error) {
		var e *runtime.Error
		if !errors.As(err, &e) || !e.Broken() || e.Code() != runtime.CodeUnavailable {
			t.Errorf("%s: got %v, want a broken line", what, err)
		}
	}

	leaving := dial(t, address)
	go NewDiaryClient(leaving).Copy(t.Context(), func(yield func(string, error) bool) {
		yield("one", nil)
		<-t.Context().Done()
	})
	<-entered
	leaving.Close()
	isBroken("the stream parameter", <-ranged)

	var last error
	for _, err := range NewDiaryClient(dial(t, address)).Follow(t.Context(), 1) {
		if last = err; err == nil {
			server.Close()
		}
	}
	isBroken("the streamed result", last)
}
