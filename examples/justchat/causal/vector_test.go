package causal

import (
	"maps"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/generated/justchat"
)

func TestVector(t *testing.T) {
	v := Vector{"a": 2, "b": 1}
	for _, test := range []struct {
		origin string
		number uint64
		want   bool
	}{{"a", 1, true}, {"a", 2, true}, {"a", 3, false}, {"c", 1, false}} {
		if got := v.Has(&justchat.Record{Origin: test.origin, Number: test.number}); got != test.want {
			t.Errorf("Has(%s %d): got %v, want %v", test.origin, test.number, got, test.want)
		}
	}
	for _, test := range []struct {
		other Vector
		want  bool
	}{{nil, true}, {Vector{"a": 2}, true}, {Vector{"a": 3}, false}, {Vector{"c": 1}, false}, {Vector{"c": 0}, true}} {
		if got := v.Covers(test.other); got != test.want {
			t.Errorf("Covers(%v): got %v, want %v", test.other, got, test.want)
		}
	}
	if !Vector(nil).Covers(nil) || Vector(nil).Covers(v) {
		t.Error("nil covers something, or not itself")
	}
}

func TestVectorSinceAndAddAreOpposites(t *testing.T) {
	older, newer := Vector{"a": 2, "b": 1}, Vector{"a": 5, "b": 1, "c": 3}
	delta := newer.Since(older)
	if want := (Vector{"a": 5, "c": 3}); !maps.Equal(delta, want) {
		t.Errorf("Since: got %v, want %v", delta, want)
	}
	sum := older.Clone()
	sum.Add(delta)
	if !maps.Equal(sum, newer) {
		t.Errorf("Add: got %v, want %v", sum, newer)
	}
	if want := (Vector{"a": 2, "b": 1}); !maps.Equal(older, want) {
		t.Errorf("the clone's original: got %v, want %v", older, want)
	}
	none := Vector(nil).Clone()
	none.Add(newer)
	none.Add(Vector{"a": 1})
	if !maps.Equal(none, newer) {
		t.Errorf("Add of less: got %v, want %v", none, newer)
	}
}

func TestLess(t *testing.T) {
	want := []justchat.Record{
		{Lamport: 1, Origin: "b", Number: 2},
		{Lamport: 2, Origin: "a", Number: 1},
		{Lamport: 2, Origin: "a", Number: 3},
		{Lamport: 2, Origin: "b", Number: 1},
	}
	for i := range want {
		for j := range want {
			if got := Less(&want[i], &want[j]); got != (i < j) {
				t.Errorf("Less(%v, %v): got %v, want %v", want[i], want[j], got, i < j)
			}
		}
	}
	if slices.IsSortedFunc(want, func(a, b justchat.Record) int { return Compare(&b, &a) }) {
		t.Error("sorted backwards too")
	}
}
