package causal

import (
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"testing"
)

func TestOnceInAnyOrder(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	var o Once
	seen := make(map[uint64]bool)
	for range 5000 {
		near := uint64(len(seen)) + random.Uint64N(20) + 1
		if got, want := o.Seen([]byte("a"), near), seen[near]; got != want {
			t.Fatalf("Seen(%d): got %v, want %v", near, got, want)
		}
		if got, want := o.See([]byte("a"), near), !seen[near]; got != want {
			t.Fatalf("See(%d): got %v, want %v", near, got, want)
		}
		seen[near] = true
	}
	var highest uint64
	for n := range seen {
		highest = max(highest, n)
	}
	if got := o.Highest([]byte("a")); got != highest {
		t.Errorf("highest: got %d, want %d", got, highest)
	}
	if o.Seen([]byte("b"), 1) || o.Highest([]byte("b")) != 0 || !o.See([]byte("b"), 1) {
		t.Error("another client's numbers were seen")
	}
}

func TestOnceAtTheEdges(t *testing.T) {
	var o Once
	const last = 1<<64 - 1
	for _, n := range []uint64{last, 0, last - 1, 1} {
		if !o.See([]byte("a"), n) || o.See([]byte("a"), n) {
			t.Errorf("%d is not new once", n)
		}
	}
	if !o.See(nil, 1) || o.See([]byte{}, 1) {
		t.Error("the empty client is not one like others")
	}
}

func TestOnceForgetsWhatItIsTold(t *testing.T) {
	for forgotten := range uint64(5) {
		var o Once
		for n := range uint64(5) {
			o.See([]byte("a"), n)
		}
		o.Forget([]byte("a"), forgotten)
		o.Forget([]byte("a"), forgotten)
		o.Forget([]byte("b"), forgotten)
		for n := range uint64(5) {
			if got, want := o.See([]byte("a"), n), n == forgotten; got != want {
				t.Errorf("without %d: %d is new: got %v, want %v", forgotten, n, got, want)
			}
		}
	}
	var o Once
	o.See([]byte("a"), 7)
	o.Forget([]byte("a"), 7)
	if got := o.Highest([]byte("a")); got != 0 {
		t.Errorf("highest of what was forgotten: got %d, want 0", got)
	}
}

func TestOnceForgetsWhoeverWasSilentLongest(t *testing.T) {
	o := Once{Max: 2}
	a, b, c := []byte("a"), []byte("b"), []byte("c")
	o.See(a, 1)
	o.See(b, 1)
	o.See(a, 2)
	o.See(c, 1)
	if o.Highest(a) != 2 || o.Highest(c) != 1 || o.Highest(b) != 0 {
		t.Errorf("got a %d, b %d, c %d, want 2, 0, 1", o.Highest(a), o.Highest(b), o.Highest(c))
	}
}

// TestOnceKeepsItsBounds: a client that leaves gaps on purpose costs what 64 of them do,
// and loses the lowest.
func TestOnceKeepsItsBounds(t *testing.T) {
	var o Once
	for n := uint64(2); n < 100_000; n += 2 {
		if !o.See([]byte("a"), n) {
			t.Fatalf("%d is not new", n)
		}
	}
	if got := len(o.clients["a"].Value.(*client).spans); got != maxSpans {
		t.Errorf("spans: got %d, want %d", got, maxSpans)
	}
	if o.See([]byte("a"), 3) || !o.See([]byte("a"), 99_997) {
		t.Error("the lowest gap is not the one that is given up")
	}
}

func BenchmarkOnce(b *testing.B) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var o Once
	id := make([]byte, 16)
	n := uint64(0)
	for b.Loop() {
		binary.BigEndian.PutUint64(id, n%MaxClients)
		n++
		o.See(id, n/MaxClients+1)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(len(o.clients)), "B/client")
}

// TestOnceClone has each of the two go on by itself.
func TestOnceClone(t *testing.T) {
	var once Once
	once.See([]byte("x"), 1)
	clone := once.Clone()
	if clone.See([]byte("x"), 1) || !clone.See([]byte("x"), 2) {
		t.Error("the clone has not seen just what the first had")
	}
	if once.Seen([]byte("x"), 2) {
		t.Error("the first saw what its clone did")
	}
}
