package runtimetest

import (
	"strings"
	"testing"
)

func TestMain(m *testing.M) { Main(m) }

func TestLeftovers(t *testing.T) {
	before := goroutines()
	release := make(chan struct{})
	started := make(chan struct{})
	go func() { close(started); <-release }()
	<-started

	stacks := goroutines()
	if got := len(stacks) - len(before); got != 1 {
		t.Errorf("got %d new goroutines, want 1", got)
	}
	close(release)
	if left := leftovers(before); len(left) > 0 {
		t.Errorf("a goroutine that ends is left over:\n%s", strings.Join(left, "\n"))
	}
}
