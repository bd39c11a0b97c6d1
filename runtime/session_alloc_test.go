//go:build !race

package runtime_test

import (
	"context"
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
