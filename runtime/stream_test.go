package runtime

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

var streamMethod = Method{Service: "example.Log", Name: "Tail", Type: 0x0100}

var readString = (*codec.Decoder).String

// lines yields the strings, then err if it is not nil. It notes in *left how many it
// was stopped at.
func lines(left *int, err error, strings ...string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for i, s := range strings {
			if !yield(s, nil) {
				*left = i
				return
			}
		}
		if err != nil {
			yield("", err)
		}
	}
}

// open returns a caller of handle. The test ends when the handlers have.
func open(t *testing.T, handle func(ctx context.Context, call *Call) error) *memoryCaller {
	m := &memoryCaller{handle: handle}
	t.Cleanup(m.handler.Wait)
	return m
}

// tail is a client stub with a stream result.
func tail(ctx context.Context, caller Caller) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		call := NewCall(&streamMethod)
		defer call.Release()
		ReceiveStream(ctx, caller, call, readString, yield)
	}
}

// collect ranges over seq to its end.
func collect(seq iter.Seq2[string, error]) (items []string, err error) {
	for item, e := range seq {
		if err != nil {
			return items, errors.New("a pair came after the error")
		}
		if e == nil {
			items = append(items, item)
		}
		err = e
	}
	return items, err
}

func TestReceiveStream(t *testing.T) {
	caller := open(t, func(_ context.Context, call *Call) error {
		return ReplyStream(call, codec.WriteString, lines(nil, nil, "one", "", "three"))
	})
	seq := tail(t.Context(), caller)
	for range 2 { // each range is a call of its own
		if got, err := collect(seq); err != nil || !slices.Equal(got, []string{"one", "", "three"}) {
			t.Errorf("got %q, %v", got, err)
		}
	}
}

func TestReceiveStreamError(t *testing.T) {
	caller := open(t, func(_ context.Context, call *Call) error {
		return ReplyStream(call, codec.WriteString, lines(nil, NewError(CodeDataLoss, "the page is torn"), "one"))
	})
	got, err := collect(tail(t.Context(), caller))
	if !slices.Equal(got, []string{"one"}) || CodeOf(err) != CodeDataLoss {
		t.Errorf("got %q, %v, want one item and data_loss", got, err)
	}
}

func TestReceiveStreamNotOpened(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got, err := collect(tail(ctx, open(t, nil)))
	if len(got) > 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("got %q, %v, want context.Canceled", got, err)
	}
}

// TestReceiveStreamLeft leaves the loop: the handler's iterator is stopped.
func TestReceiveStreamLeft(t *testing.T) {
	left := -1
	caller := open(t, func(ctx context.Context, call *Call) error {
		err := ReplyStream(call, codec.WriteString, lines(&left, nil, "one", "two", "three"))
		if ctx.Err() == nil || CodeOf(err) != CodeCanceled {
			t.Errorf("the handler got %v, %v, want canceled", ctx.Err(), err)
		}
		return err
	})
	for range tail(t.Context(), caller) {
		break
	}
	caller.handler.Wait()
	if left < 1 {
		t.Errorf("the handler's iterator was stopped at item %d, want 1 or later", left)
	}
}

// TestReceiveStreamPanic panics in the loop's body.
func TestReceiveStreamPanic(t *testing.T) {
	caller := open(t, func(ctx context.Context, call *Call) error {
		return ReplyStream(call, codec.WriteString, func(yield func(string, error) bool) {
			for yield("again", nil) {
			}
		})
	})
	defer func() {
		if got := recover(); got != "in the loop" {
			t.Errorf("got panic %v, want that of the loop", got)
		}
		caller.handler.Wait() // the call was cancelled
	}()
	for range tail(t.Context(), caller) {
		panic("in the loop")
	}
}

// TestReceiveStreamGarbage sends an item that cannot be decoded.
func TestReceiveStreamGarbage(t *testing.T) {
	raw := func(buf []byte, s string) []byte { return append(buf, s...) }
	caller := open(t, func(_ context.Context, call *Call) error {
		return ReplyStream(call, raw, lines(new(int), nil, "\x00\x01x", "\x00\x05x"))
	})
	got, err := collect(tail(t.Context(), caller))
	want := "example.Log.Tail: stream item[1] at offset 0: string of 5 bytes, only 1 remains"
	if !slices.Equal(got, []string{"x"}) || CodeOf(err) != CodeInternal || err.Error() != want {
		t.Errorf("got %q, %v, want error %q", got, err, want)
	}
}

// put is a client stub with a stream parameter; the result is a string.
func put(ctx context.Context, caller Caller, items iter.Seq2[string, error]) (id string, err error) {
	call := NewCall(&streamMethod)
	defer call.Release()
	if err := SendStream(ctx, caller, call, codec.WriteString, items); err != nil {
		return "", err
	}
	id = call.In.String("id")
	return id, call.Decoded()
}

// gather is a handler that answers with its stream parameter, as far as it comes.
func gather(_ context.Context, call *Call) error {
	items, err := collect(ParamStream(call, readString))
	call.Out = codec.WriteString(call.Out, fmt.Sprint(items))
	return err
}

func TestSendStream(t *testing.T) {
	id, err := put(t.Context(), open(t, gather), lines(nil, nil, "one", "", "three"))
	if err != nil || id != "[one  three]" {
		t.Errorf("got %q, %v, want %q", id, err, "[one  three]")
	}
}

// TestSendStreamError has the caller's iterator fail: the caller gets that very error,
// the handler its text.
func TestSendStreamError(t *testing.T) {
	torn := errors.New("the page is torn")
	heard := make(chan error, 1)
	caller := open(t, func(ctx context.Context, call *Call) error {
		err := gather(ctx, call)
		heard <- err
		return err
	})
	if _, err := put(t.Context(), caller, lines(nil, torn, "one")); err != torn {
		t.Errorf("got error %v, want %v as it is", err, torn)
	}
	if err := <-heard; CodeOf(err) != CodeCanceled || err.Error() != "canceled: the page is torn" {
		t.Errorf("the handler got %v, want canceled with the text", err)
	}
}

// TestSendStreamAnswered has a handler that answers, or leaves its loop, before the
// stream ends.
func TestSendStreamAnswered(t *testing.T) {
	handlers := map[string]func(context.Context, *Call) error{
		"answer": func(_ context.Context, call *Call) error {
			call.Out = codec.WriteString(call.Out, "enough")
			return nil
		},
		"leave": func(_ context.Context, call *Call) error {
			for range ParamStream(call, readString) {
				break
			}
			call.Out = codec.WriteString(call.Out, "enough")
			return nil
		},
	}
	for name, handle := range handlers {
		t.Run(name, func(t *testing.T) {
			left := -1
			id, err := put(t.Context(), open(t, handle), lines(&left, nil, "one", "two", "three"))
			if err != nil || id != "enough" {
				t.Errorf("got %q, %v, want %q", id, err, "enough")
			}
			if left < 0 || left > 1 {
				t.Errorf("the iterator was stopped at item %d, want 0 or 1", left)
			}
		})
	}
}

// TestParamStreamGarbage sends an item that cannot be decoded.
func TestParamStreamGarbage(t *testing.T) {
	call := NewCall(&streamMethod)
	defer call.Release()
	raw := func(buf []byte, s string) []byte { return append(buf, s...) }
	err := SendStream(t.Context(), open(t, gather), call, raw, lines(new(int), nil, "\x00\x01x", "\x00\x02x", "\x00\x01x"))
	want := "example.Log.Tail: stream item[1] at offset 0: string of 2 bytes, only 1 remains"
	if CodeOf(err) != CodeInvalidArgument || err.Error() != "invalid_argument: "+want {
		t.Errorf("got error %v, want invalid_argument: %s", err, want)
	}
}

func TestParamStreamTwice(t *testing.T) {
	var second error
	caller := open(t, func(_ context.Context, call *Call) error {
		param := ParamStream(call, readString)
		collect(param)
		_, second = collect(param)
		call.Out = codec.WriteString(call.Out, "")
		return nil
	})
	if _, err := put(t.Context(), caller, lines(nil, nil, "one")); err != nil {
		t.Fatal(err)
	}
	if CodeOf(second) != CodeFailedPrecondition {
		t.Errorf("the second range got %v, want failed_precondition", second)
	}
}

// TestNoStream runs server stubs in the classic form, which has no streams.
func TestNoStream(t *testing.T) {
	call := newCalleeCall(&streamMethod, nil)
	defer call.Release()
	want := "example.Log.Tail: streams need a session; this is the classic form"
	if err := ReplyStream(call, codec.WriteString, lines(nil, nil)); CodeOf(err) != CodeUnimplemented || err.Error() != want {
		t.Errorf("ReplyStream: got error %v, want %q", err, want)
	}
	if _, err := collect(ParamStream(call, readString)); CodeOf(err) != CodeUnimplemented || err.Error() != want {
		t.Errorf("ParamStream: got error %v, want %q", err, want)
	}
}
