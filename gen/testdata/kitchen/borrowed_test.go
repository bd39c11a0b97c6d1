package kitchen_test

import (
	"bytes"
	"context"
	"iter"
	"reflect"
	"strings"
	"testing"

	"example.test/kitchen/kitchen"
	"example.test/kitchen/kitchen/kitchentest"
)

// TestBorrowedParameters has a handler return lent bytes: the result is the caller's own.
func TestBorrowedParameters(t *testing.T) {
	client := kitchentest.NewKitchen(t, &kitchentest.FakeKitchen{
		WeighFunc: func(_ context.Context, crate kitchen.Crate, more [][]byte) (weight uint32, last []byte, err error) {
			blob := crate.Event.(kitchen.EventBlob).Value
			return uint32(len(crate.Label) + len(crate.Blob) + len(blob)), more[len(more)-1], nil
		},
	})
	crate := kitchen.Crate{Label: "abc", Blob: make([]byte, 5), Event: kitchen.EventBlob{Value: make([]byte, 7)}}
	var kept [][]byte
	for _, name := range []string{"one", "two"} {
		weight, last, err := client.Weigh(t.Context(), crate, [][]byte{{1}, []byte(name)})
		if weight != 15 || string(last) != name || err != nil {
			t.Errorf("got %d, %q, %v, want 15, %q", weight, last, err, name)
		}
		kept = append(kept, last)
	}
	if got := string(bytes.Join(kept, []byte(" "))); got != "one two" {
		t.Errorf("afterwards the results are %q, want as they were", got)
	}
}

// TestBorrowedItems sends items to a handler that yields each back as it came. Their strings may be kept, and so may
// clones.
func TestBorrowedItems(t *testing.T) {
	client := kitchentest.NewKitchen(t, &kitchentest.FakeKitchen{
		CarryFunc: func(_ context.Context, first []byte, crates iter.Seq2[kitchen.Crate, error]) iter.Seq2[kitchen.Crate, error] {
			return func(yield func(kitchen.Crate, error) bool) {
				if !yield(kitchen.Crate{Label: "first", Blob: first}, nil) {
					return
				}
				for crate, err := range crates {
					if !yield(crate, err) {
						return
					}
				}
				yield(kitchen.Crate{Label: "last", Blob: first}, nil)
			}
		},
	})
	var crates []kitchen.Crate
	for i := range 100 {
		text := strings.Repeat(string(rune('a'+i%26)), 1000)
		crates = append(crates, kitchen.Crate{Label: text, Blob: []byte(text), Event: kitchen.EventBlob{Value: []byte(text)}})
	}
	var got []kitchen.Crate
	for crate, err := range client.Carry(t.Context(), []byte("salt"), sequence(crates...)) {
		if err != nil {
			t.Fatal(err)
		}
		crate.Blob = bytes.Clone(crate.Blob)
		if blob, ok := crate.Event.(kitchen.EventBlob); ok {
			crate.Event = kitchen.EventBlob{Value: bytes.Clone(blob.Value)}
		}
		got = append(got, crate)
	}
	want := append([]kitchen.Crate{{Label: "first", Blob: []byte("salt")}}, crates...)
	want = append(want, kitchen.Crate{Label: "last", Blob: []byte("salt")})
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %d crates, %v, want %d as they were sent", len(got), got, len(want))
	}
}
