package runtime

import (
	"context"
	"errors"
	"io"
	"iter"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/parley-rpc/parley/runtime/codec"
)

// talk is a client stub with streams both ways.
func talk(ctx context.Context, caller Caller, items iter.Seq2[string, error]) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		call := NewCall(&streamMethod)
		defer call.Release()
		ExchangeStreams(ctx, caller, call, codec.WriteString, items, readString, yield)
	}
}

// echo is a handler that sends back what comes.
func echo(_ context.Context, call *Call) error {
	return ReplyStream(call, codec.WriteString, ParamStream(call, readString))
}

func TestExchangeStreams(t *testing.T) {
	got, err := collect(talk(t.Context(), open(t, echo), lines(nil, nil, "one", "", "three")))
	if err != nil || !slices.Equal(got, []string{"one", "", "three"}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestExchangeStreamsError(t *testing.T) {
	torn := errors.New("the page is torn")
	got, err := collect(talk(t.Context(), open(t, echo), lines(nil, torn, "one")))
	if err != torn || len(got) > 1 {
		t.Errorf("got %q, %v, want %v as it is", got, err, torn)
	}
}

// TestExchangeStreamsLeft leaves the loop while the items' iterator waits for something
// else. The loop does not wait for it, and its next yield returns false.
func TestExchangeStreamsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait, went := make(chan bool), make(chan bool, 1)
		items := func(yield func(string, error) bool) {
			yield("one", nil)
			<-wait
			went <- yield("two", nil)
		}
		for item, err := range talk(t.Context(), open(t, echo), items) {
			if item != "one" || err != nil {
				t.Errorf("got %q, %v, want %q", item, err, "one")
			}
			break
		}
		wait <- true
		if <-went {
			t.Error("yield returned true after the loop was left, want false")
		}
	})
}

// TestExchangeStreamsAnswered has a handler that answers while items are to come.
func TestExchangeStreamsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := -1
		caller := open(t, func(context.Context, *Call) error { return io.ErrNoProgress })
		_, err := collect(talk(t.Context(), caller, lines(&left, nil, "one", "two")))
		if CodeOf(err) != CodeUnknown {
			t.Errorf("got error %v, want the handler's", err)
		}
		synctest.Wait()
		if left != 0 {
			t.Errorf("the iterator was stopped at item %d, want 0", left)
		}
	})
}
