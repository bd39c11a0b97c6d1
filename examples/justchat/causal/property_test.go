package causal

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// history returns the records of so many origins that talk to each other: each record
// comes after all that its origin had seen, and names what is new of that.
func history(random *rand.Rand, origins, records int) []*justchat.Record {
	type origin struct {
		seen, named Vector
		lamport     uint64
	}
	all := make([]origin, origins)
	for i := range all {
		all[i] = origin{seen: make(Vector), named: make(Vector)}
	}
	var said []*justchat.Record
	for range records {
		i := random.IntN(origins)
		o := &all[i]
		if random.IntN(3) > 0 { // hears of another, and so of all that that one knows
			other := all[random.IntN(origins)]
			o.seen.Add(other.seen)
			o.lamport = max(o.lamport, other.lamport)
		}
		name := fmt.Sprintf("%d.1", i)
		o.lamport++
		r := &justchat.Record{Origin: name, Number: o.seen[name] + 1, Lamport: o.lamport, After: o.seen.Since(o.named)}
		o.named = o.seen.Clone()
		o.seen[name] = r.Number
		said = append(said, r)
	}
	return said
}

// A witness knows what was shown, and objects to what comes too early.
type witness struct {
	shown Vector
	full  map[string]Vector // what the last shown record of an origin came after, in full
}

func (w *witness) show(t *testing.T, r *justchat.Record, late bool) {
	t.Helper()
	if w.full[r.Origin] == nil {
		w.full[r.Origin] = make(Vector)
	}
	w.full[r.Origin].Add(r.After)
	w.full[r.Origin][r.Origin] = r.Number - 1
	if r.Number != w.shown[r.Origin]+1 {
		t.Fatalf("%s %d came after %d", r.Origin, r.Number, w.shown[r.Origin])
	}
	if covered := w.shown.Covers(w.full[r.Origin]); covered == late {
		t.Fatalf("%s %d, late %v, needs %v of %v", r.Origin, r.Number, late, w.full[r.Origin], w.shown)
	}
	w.shown[r.Origin] = r.Number
}

func newWitness() *witness {
	return &witness{shown: make(Vector), full: make(map[string]Vector)}
}

// TestAnyOrderBecomesCausal: whatever order records come in, some of them twice, all are
// shown, once, none before what it comes after, and none late.
func TestAnyOrderBecomesCausal(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		said := history(random, 1+random.IntN(8), 200)
		order := random.Perm(len(said))
		q, w, now := new(Queue), newWitness(), time.Unix(0, 0)
		for i, at := range order {
			q.Add(said[at], now)
			if i > 0 && random.IntN(4) == 0 {
				q.Add(said[order[random.IntN(i)]], now)
			}
			if random.IntN(3) > 0 {
				showNext(t, q, w, now)
			}
			now = now.Add(time.Millisecond)
		}
		showNext(t, q, w, now)
		want := make(Vector)
		for _, r := range said {
			want.Add(Vector{r.Origin: r.Number})
		}
		if !maps.Equal(w.shown, want) || !maps.Equal(q.Shown(), want) || q.waiting() != 0 || len(q.Lacks()) != 0 {
			t.Fatalf("seed %d: shown %v, by itself %v, waiting %d for %v; want %v", seed, w.shown, q.Shown(), q.waiting(), q.Lacks(), want)
		}
	}
}

func showNext(t *testing.T, q *Queue, w *witness, now time.Time) {
	t.Helper()
	ready, late, _ := q.Next(now)
	for i, r := range ready {
		w.show(t, r, late[i])
	}
}

// TestTogetherIsTheRoomsOrder: records that are all here are shown in the order of the history.
func TestTogetherIsTheRoomsOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	said := history(random, 5, 500)
	q := new(Queue)
	for _, at := range random.Perm(len(said)) {
		q.Add(said[at], time.Unix(0, 0))
	}
	ready, _, _ := q.Next(time.Unix(0, 0))
	if len(ready) != len(said) {
		t.Fatalf("got %d records, want %d", len(ready), len(said))
	}
	for i := range ready[1:] {
		if !Less(ready[i], ready[i+1]) {
			t.Fatalf("%v before %v", ready[i], ready[i+1])
		}
	}
}

// TestALostOriginHoldsNothingUpForLong: without the records of one origin, all others are
// shown when their patience has ended, each origin's in order, and none waits after that.
func TestALostOriginHoldsNothingUpForLong(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, 3))
		said := history(random, 4, 200)
		q, now := new(Queue), time.Unix(0, 0)
		want, count := make(Vector), 0
		for _, at := range random.Perm(len(said)) {
			if r := said[at]; r.Origin != "0.1" {
				q.Add(r, now)
				want.Add(Vector{r.Origin: r.Number})
				count++
			}
		}
		early, lates, wake := q.Next(now)
		for _, late := range lates {
			if late {
				t.Fatal("late without having waited")
			}
		}
		if len(early) < count && !wake.Equal(now.Add(Patience)) {
			t.Fatalf("wake: got %v, want %v", wake, now.Add(Patience))
		}
		rest, _, wake := q.Next(now.Add(Patience))
		if got := len(early) + len(rest); got != count || !wake.IsZero() || !maps.Equal(q.Shown(), want) {
			t.Fatalf("seed %d: got %d records up to %v, wake %v; want %d up to %v", seed, got, q.Shown(), wake, count, want)
		}
	}
}

// TestBurst bounds what 100,000 records in the worst order take: each is before all it comes after.
func TestBurst(t *testing.T) {
	said := history(rand.New(rand.NewPCG(1, 4)), 10, 100_000)
	q := new(Queue)
	for i := len(said) - 1; i >= 0; i-- {
		q.Add(said[i], time.Unix(0, 0))
	}
	if ready, _, _ := q.Next(time.Unix(0, 0)); len(ready) != len(said) {
		t.Errorf("got %d records, want %d", len(ready), len(said))
	}
}

func BenchmarkQueue(b *testing.B) {
	said := history(rand.New(rand.NewPCG(1, 5)), 5, 100_000)
	for _, order := range []struct {
		name string
		at   []int
	}{{"in order", nil}, {"shuffled", rand.New(rand.NewPCG(1, 6)).Perm(len(said))}} {
		b.Run(order.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				q := new(Queue)
				for i := range said {
					if order.at != nil {
						i = order.at[i]
					}
					q.Add(said[i], time.Time{})
					q.Next(time.Time{})
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(said)), "ns/record")
		})
	}
}
