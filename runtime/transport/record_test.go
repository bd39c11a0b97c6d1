package transport

import "testing"

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
