package messagelog

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
)

// A clock is set by hand.
type clock struct{ time.Time }

func (c *clock) now() time.Time { return c.Time }

func (c *clock) add(d time.Duration) { c.Time = c.Add(d) }

const day = 24 * time.Hour

func openAt(t *testing.T, m *memory, options Options, c *clock) *Log {
	t.Helper()
	l, err := open(m, options, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// segments returns the names of the segments that are there.
func segments(m *memory) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(m.copy().files)) {
		if strings.HasSuffix(name, ".log") {
			names = append(names, name)
		}
	}
	return names
}

// wantTail expects the last records of an origin, up to number, and the rest gone.
func wantTail(t *testing.T, l *Log, origin string, number uint64) {
	t.Helper()
	gone := l.Gone()[origin]
	wantRecords(t, l, records(origin, gone+1, number))
	if gone == 0 || gone == number || l.Seen()[origin] != number {
		t.Errorf("gone: got %d, seen %v, want some gone and all seen", gone, l.Seen())
	}
	if got, _ := l.Before(nil, 1000); len(got) != int(number-gone) {
		t.Errorf("history: got %d records, want %d", len(got), number-gone)
	}
}

func TestKeepSize(t *testing.T) {
	m := newMemory()
	options := Options{SegmentSize: 1000, KeepSize: 3000}
	l := openIn(t, m, options)
	for _, r := range records("a.1", 1, 100) {
		mustAppend(t, l, r)
	}
	wantTail(t, l, "a.1", 100)
	size := 0
	for _, name := range segments(m) {
		size += len(m.content(name))
	}
	if size < 3000 || size > 5000 {
		t.Errorf("got %d bytes, want 3000 and a segment or two", size)
	}
	gone := l.Gone()
	l.Close()
	l = openIn(t, m, options)
	wantTail(t, l, "a.1", 100)
	if got := l.Gone(); !got.Covers(gone) {
		t.Errorf("gone, opened again: got %v, want %v or more", got, gone)
	}
	mustAppend(t, l, records("a.1", 1, 100)...) // nothing of it comes back
	wantTail(t, l, "a.1", 100)
	if l.Lamport() != 100 {
		t.Errorf("lamport: got %d, want 100", l.Lamport())
	}
}

// TestKeepTime: segments are cut by time too, and go when they are too old.
func TestKeepTime(t *testing.T) {
	m, c := newMemory(), &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	l := openAt(t, m, Options{}, c)
	for _, r := range records("a.1", 1, 120) { // one a day
		mustAppend(t, l, r)
		c.add(day)
	}
	wantTail(t, l, "a.1", 120)
	if kept := 120 - l.Gone()["a.1"]; kept < 30 || kept > 40 {
		t.Errorf("kept: got %d days, want 30 and a few", kept)
	}
	before := len(segments(m))
	l.Close()
	c.add(10 * 365 * day) // the clock jumps
	openAt(t, m, Options{}, c)
	if got := len(segments(m)); got != before-1 {
		t.Errorf("after a jump of the clock: got %d segments of %d, want one less", got, before)
	}
}

// TestDropIsSafeAtAnyStep: a crash before or after the segment is removed leaves the same log.
func TestDropIsSafeAtAnyStep(t *testing.T) {
	for _, broken := range []string{"create", "write", "sync", "rename", "sync folder", "remove"} {
		t.Run(broken, func(t *testing.T) {
			m := newMemory()
			l := openIn(t, m, Options{SegmentSize: 1000})
			all := records("a.1", 1, 30)
			for _, r := range all {
				mustAppend(t, l, r)
			}
			l.Close()
			l = openIn(t, m, Options{SegmentSize: 1000})
			l.options.KeepSize = 3000
			m.set(func(op, name string, _ int) (int, error) {
				if op == broken && (!strings.HasSuffix(name, newSuffix) || op != "remove") {
					return 0, errors.New("broken")
				}
				return 0, nil
			})
			seen := l.Seen()
			l.trim()
			m.set(nil)
			if got := l.Seen(); !maps.Equal(got, seen) {
				t.Errorf("seen: got %v, want %v", got, seen)
			}
			l.Close()
			l = openIn(t, m, Options{SegmentSize: 1000, KeepSize: 3000})
			wantTail(t, l, "a.1", 30)
		})
	}
}

// TestReadersWhileDropping: whoever reads while segments are dropped gets what is left, in order.
func TestReadersWhileDropping(t *testing.T) {
	l := openIn(t, newMemory(), Options{SegmentSize: 2000, KeepSize: 4000})
	done := make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				last := uint64(0)
				for r, err := range l.Since(nil) {
					if err != nil || r.Number <= last {
						t.Errorf("got %v, %v after %d", r, err, last)
						return
					}
					last = r.Number
				}
				if _, err := l.Before(nil, 20); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for part := range slices.Chunk(records("a.1", 1, 3000), 5) {
		mustAppend(t, l, part...)
	}
	close(done)
	group.Wait()
	wantSeen(t, l, causal.Vector{"a.1": 3000})
}

// TestAGapGoesWithItsSegment: a record that was missing is not waited for any more when
// those after it are dropped.
func TestAGapGoesWithItsSegment(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{SegmentSize: 1000, KeepSize: 3000})
	for _, r := range records("a.1", 2, 60) {
		mustAppend(t, l, r)
	}
	wantTail(t, l, "a.1", 60)
}

// TestWhatIsGoneStaysSeen: an origin of which nothing is kept does not leave Seen, nor
// does the clock go back.
func TestWhatIsGoneStaysSeen(t *testing.T) {
	m := newMemory()
	options := Options{SegmentSize: 1000, KeepSize: 3000}
	l := openIn(t, m, options)
	old := record("a.1", 1)
	old.Lamport = 1000
	mustAppend(t, l, old)
	for _, r := range records("b.1", 1, 60) {
		mustAppend(t, l, r)
	}
	for range 2 {
		wantSeen(t, l, causal.Vector{"a.1": 1, "b.1": 60})
		if got := l.Gone()["a.1"]; got != 1 || l.Lamport() != 1000 {
			t.Errorf("got gone %d, lamport %d, want 1, 1000", got, l.Lamport())
		}
		l.Close()
		l = openIn(t, m, options)
	}
}
