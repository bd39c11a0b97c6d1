package messagelog

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestSorted compares a sorted with a slice, in several mixes of rising and random insertions.
func TestSorted(t *testing.T) {
	for seed := range uint64(5) {
		random := rand.New(rand.NewPCG(seed, 1))
		s := sorted[int]{compare: cmp.Compare[int]}
		var want []int
		for i := range 4000 {
			x := i * 10
			if random.Uint64N(4) < seed {
				x = random.IntN(40_000)
			}
			at, there := slices.BinarySearch(want, x)
			if got := s.insert(x); got == there {
				t.Fatalf("insert %d: got %v, want %v", x, got, !there)
			}
			if !there {
				want = slices.Insert(want, at, x)
			}
		}
		check := func() {
			t.Helper()
			if got := slices.Collect(s.from(func(int) int { return 1 })); !slices.Equal(got, want) {
				t.Fatalf("seed %d: got %d elements, want %d, or in another order", seed, len(got), len(want))
			}
			falling := slices.Collect(s.falling())
			slices.Reverse(falling)
			if !slices.Equal(falling, want) || s.count != len(want) || s.first() != want[0] || s.last() != want[len(want)-1] {
				t.Fatalf("seed %d: falling is not rising backwards", seed)
			}
			for range 100 {
				x := random.IntN(41_000)
				at, there := slices.BinarySearch(want, x)
				if got, ok := s.find(x); ok != there || ok && got != x {
					t.Fatalf("find %d: got %d, %v", x, got, ok)
				}
				if got := slices.Collect(s.from(s.to(x))); !slices.Equal(got, want[at:]) {
					t.Fatalf("from %d: got %d elements, want %d", x, len(got), len(want)-at)
				}
				if got := len(slices.Collect(s.before(s.to(x)))); got != at {
					t.Fatalf("before %d: got %d elements, want %d", x, got, at)
				}
			}
		}
		check()
		keep := func(x int) bool { return x > 10_000 && x%3 > 0 }
		s = s.filtered(keep)
		want = slices.DeleteFunc(want, func(x int) bool { return !keep(x) })
		check()
	}
	var none sorted[int]
	none.compare = cmp.Compare[int]
	none = none.filtered(func(int) bool { return true })
	if got := len(slices.Collect(none.falling())) + len(slices.Collect(none.from(none.to(1)))); got != 0 {
		t.Errorf("of none: got %d elements", got)
	}
}
