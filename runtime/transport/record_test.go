package transport

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestRecordBar has the reading taken away from a method again and again: it has to prove itself by
// more runs each time, but not by so many that it never can.
func TestRecordBar(t *testing.T) {
	r := new(Session).record(1)
	for _, want := range []int{16, 128, 1024, 8192, 65536, 65536, 65536} {
		for runs := 1; runs < want; runs++ {
			if r.ran(quickTime); r.points >= r.bar {
				t.Fatalf("got proven by %d runs, want %d", runs, want)
			}
		}
		if r.ran(quickTime); r.points < r.bar {
			t.Fatalf("got not proven by %d runs", want)
		}
		r.failed()
	}
}

// TestRecordsBounded asks for the records of more methods than a session keeps.
func TestRecordsBounded(t *testing.T) {
	s := new(Session)
	first := s.record(0)
	for method := range uint16(mostMethods) {
		s.record(method)
	}
	for method, kept := range map[uint16]bool{0: true, mostMethods: false} {
		once, again := s.record(method), s.record(method)
		if got := once == again; got != kept {
			t.Errorf("method %d: got its record kept: %v, want %v", method, got, kept)
		}
	}
	if got := s.record(0); got != first {
		t.Error("got another record of the first method, want the same")
	}
	if got := len(s.errand.methods); got != mostMethods {
		t.Errorf("got %d records, want %d", got, mostMethods)
	}
}

// TestRunsTogether times an errand of quick runs and slow ones, which are to cost their own method alone.
func TestRunsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		quick, slow := &record{points: 500, bar: quickBar}, &record{points: 500, bar: quickBar}
		e := errand{batch: make([]*call, 10*together), began: sinceStart()}
		for e.next < len(e.batch) {
			if e.next++; e.next%4 > 0 {
				e.ran(quick)
				continue
			}
			time.Sleep(2 * quickTime)
			e.ran(slow)
		}
		if slow.points >= slow.bar {
			t.Errorf("slow runs: got %d points left, want less than %d", slow.points, slow.bar)
		}
		if quick.points <= 500 {
			t.Errorf("quick runs: got %d points, want more than 500", quick.points)
		}
	})
}
