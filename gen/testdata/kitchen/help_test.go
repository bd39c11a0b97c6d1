package kitchen_test

import (
	"context"
	"errors"
	"iter"
	"strings"
	"testing"

	"example.test/kitchen/kitchen"
	"example.test/kitchen/kitchen/kitchentest"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestFake programs a fake and calls it over its client.
func TestFake(t *testing.T) {
	client := kitchentest.NewKitchen(t, &kitchentest.FakeKitchen{
		CookFunc: func(_ context.Context, dish string, heat kitchen.Heat, _ []string) (kitchen.Scalars, []byte, error) {
			return kitchen.Scalars{}, nil, &kitchen.Burnt{What: dish, Heat: heat}
		},
		PutFunc: func(_ context.Context, label string, chunks iter.Seq2[[]byte, error]) (id string, size uint32, err error) {
			for chunk, err := range chunks {
				if err != nil {
					return "", 0, err
				}
				size += uint32(len(chunk))
			}
			return label + "!", size, nil
		},
		WatchFunc: func(_ context.Context, since uint64) iter.Seq2[kitchen.Event, error] {
			return runtimetest.Stream[kitchen.Event](&kitchen.Closed{}, kitchen.EventSaid{Value: "hi"})
		},
	}, runtime.WithStreamWindow(1<<20))
	ctx := t.Context()

	var burnt *kitchen.Burnt
	if _, _, err := client.Cook(ctx, "toast", kitchen.HeatHigh, nil); !errors.As(err, &burnt) || burnt.What != "toast" {
		t.Errorf("Cook: got %v, want that toast is burnt", err)
	}
	chunks := runtimetest.Stream(nil, []byte("ab"), []byte("c"))
	if id, size, err := client.Put(ctx, "jam", chunks); id != "jam!" || size != 3 || err != nil {
		t.Errorf("Put: got %q, %d, %v, want jam!, 3", id, size, err)
	}
	var last error
	var said []string
	for event, err := range client.Watch(ctx, 0) {
		if last = err; err == nil {
			said = append(said, event.(kitchen.EventSaid).Value)
		}
	}
	if len(said) != 1 || said[0] != "hi" || last == nil || !strings.Contains(last.Error(), "closed") {
		t.Errorf("Watch: got %q, %v, want hi and that the kitchen is closed", said, last)
	}
}

// TestUnsetFake calls what is not programmed, with streams and without.
func TestUnsetFake(t *testing.T) {
	client := kitchentest.NewKitchen(t, &kitchentest.FakeKitchen{})
	_, _, put := client.Put(t.Context(), "jam", runtimetest.Stream(nil, []byte("ab")))
	var talk error
	for _, talk = range client.Talk(t.Context(), "bob", runtimetest.Stream(nil, []string{"a"})) {
	}
	for field, err := range map[string]error{"Ping": client.Ping(t.Context()), "Put": put, "Talk": talk} {
		want := "kitchentest.FakeKitchen." + field + "Func is not set"
		if runtime.CodeOf(err) != runtime.CodeUnimplemented || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want unimplemented: %s", field, err, want)
		}
	}
}
