package runtimetest_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestInProcess calls while a test runs, and after it.
func TestInProcess(t *testing.T) {
	var client *runtime.Client
	ping := func(t *testing.T) error { return runtime.NewMetaClient(client).Ping(t.Context()) }
	t.Run("test", func(t *testing.T) {
		client = runtimetest.InProcess(t, runtime.NewServer())
		if err := ping(t); err != nil {
			t.Errorf("while the test runs: got %v, want nil", err)
		}
	})
	if err := ping(t); err == nil {
		t.Error("after the test: got an answer, want that the client is closed")
	}
}

func TestStream(t *testing.T) {
	end := errors.New("the end")
	stream := runtimetest.Stream(end, "a", "b")
	for range 2 {
		var got []string
		var last error
		for item, err := range stream {
			if last = err; err == nil {
				got = append(got, item)
			}
		}
		if want := []string{"a", "b"}; !slices.Equal(got, want) || last != end {
			t.Errorf("got %q, %v, want %q, %v", got, last, want, end)
		}
	}
	for item, err := range stream {
		if item != "a" || err != nil {
			t.Errorf("got %q, %v first, want a, nil", item, err)
		}
		break // which must not panic
	}
	for item, err := range runtimetest.Stream[string](nil) {
		t.Errorf("got %q, %v from an empty stream, want nothing", item, err)
	}
}
