//go:build !race

package runtime_test

import (
	"context"
	"iter"
	"testing"
)

// TestSessionAllocations counts what a call without results takes at both sides: the
// handler's context, and the string that its parameters lie in. One more is left for what the Go runtime
// does meanwhile. With the race detector pools forget on purpose, so there is nothing to count.
func TestSessionAllocations(t *testing.T) {
	client := NewGuestbookClient(dial(t, serveBook(t, Book{
		sign: func(context.Context, string, string) (uint16, error) { return 7, nil },
	})))
	ctx := t.Context()
	sign := func() {
		if number, err := client.Sign(ctx, "alice", "hello"); number != 7 || err != nil {
			t.Errorf("got %d, %v, want 7", number, err)
		}
	}
	for range 100 { // until the method runs on the goroutine that reads
		sign()
	}
	if got := testing.AllocsPerRun(1000, sign); got > 3 {
		t.Errorf("got %v allocations a call, want at most 3", got)
	}
}

// TestBorrowedAllocations counts what the items of a stream take at both sides, lent and not: lent ones nothing, but for
// what goes with many of them, such as credit.
func TestBorrowedAllocations(t *testing.T) {
	const many = 200
	item := chunk(1)
	client := dialParcels(t, Parcels{fetch: func(_ context.Context, items uint32) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for range items {
				yield(item, nil)
			}
		}
	}})
	drain := func(items iter.Seq2[[]byte, error]) func() {
		return func() {
			n := 0
			for _, err := range items {
				if err != nil {
					t.Fatal(err)
				}
				n++
			}
			if n != many {
				t.Errorf("got %d items, want %d", n, many)
			}
		}
	}
	lent := testing.AllocsPerRun(20, drain(client.Fetch(t.Context(), many)))
	if lent > many/2 {
		t.Errorf("got %v allocations for %d items that are lent, want at most %d", lent, many, many/2)
	}
	if own := testing.AllocsPerRun(20, drain(client.Own(t.Context(), many))); own < lent+many {
		t.Errorf("got %v allocations for %d items, and %v for lent ones: want one more for each", own, many, lent)
	}
}
