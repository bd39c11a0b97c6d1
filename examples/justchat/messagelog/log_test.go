package messagelog

import (
	"context"
	"errors"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// openIn opens a log in a folder in memory; it is closed with the test, or before.
func openIn(t testing.TB, m *memory, options Options) *Log {
	t.Helper()
	l, err := open(m, options, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func mustAppend(t testing.TB, l *Log, records ...*justchat.Record) {
	t.Helper()
	if err := l.Append(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
}

// since collects what Since yields.
func since(t testing.TB, l *Log, seen causal.Vector) (got []*justchat.Record) {
	t.Helper()
	for r, err := range l.Since(seen) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	return got
}

// texts is what records say, for comparisons.
func texts(records []*justchat.Record) (texts []string) {
	for _, r := range records {
		texts = append(texts, r.Message.Text)
	}
	return texts
}

func wantSeen(t testing.TB, l *Log, want causal.Vector) {
	t.Helper()
	if got := l.Seen(); !maps.Equal(got, want) {
		t.Errorf("seen: got %v, want %v", got, want)
	}
}

func TestOpenAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	name := l.Name()
	if len(name) != 16 || l.Start() != 1 || l.Origin() != name+".1" {
		t.Errorf("got name %q, start %d, origin %q", name, l.Start(), l.Origin())
	}
	said := records(l.Origin(), 1, 3)
	said[1].After = map[string]uint64{"x": 4}
	mustAppend(t, l, said...)
	wantSeen(t, l, causal.Vector{l.Origin(): 3})
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	l, err = Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if l.Name() != name || l.Start() != 2 {
		t.Errorf("the second time: got %q, %d, want %q, 2", l.Name(), l.Start(), name)
	}
	wantSeen(t, l, causal.Vector{name + ".1": 3})
	got := since(t, l, nil)
	if len(got) != 3 || got[1].After["x"] != 4 || got[2].Message.Text != said[2].Message.Text {
		t.Errorf("got %+v", got)
	}
	if l.Lamport() != 3 {
		t.Errorf("lamport: got %d, want 3", l.Lamport())
	}
	if c, once := said[0].Message.Client, l.Once(); !once.Seen(c, 2) || once.Seen(c, 4) || once.Highest(c) != 3 {
		t.Errorf("messages: got %v, %v, %d", once.Seen(c, 2), once.Seen(c, 4), once.Highest(c))
	}
}

func TestOneProcessAtATime(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = Open(dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "in use by process") {
		t.Errorf("the second: got %v", err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
	}
	l, err = Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
}

func TestUnreadableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, Options{}); err == nil {
		t.Error("a file is taken for a folder")
	}
	m := newMemory()
	for _, op := range []string{"list", "create", "sync", "rename", "sync folder"} {
		broken := errors.New(op + " is broken")
		m.set(func(asked, _ string, _ int) (int, error) {
			if asked == op {
				return 0, broken
			}
			return 0, nil
		})
		if _, err := open(m, Options{}, time.Now); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", op, err)
		}
	}
	m.set(nil)
	if l := openIn(t, m, Options{}); l.Start() == 0 {
		t.Error("no start")
	}
}

// TestGapsAreFilled: records may come in any order; each is read once all of its origin
// before it are there.
func TestGapsAreFilled(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	all := append(records("a.1", 1, 6), records("b.1", 1, 2)...)
	for _, i := range []int{0, 2, 3, 5, 6} { // a1, a3, a4, a6, b1
		mustAppend(t, l, all[i])
	}
	wantSeen(t, l, causal.Vector{"a.1": 1, "b.1": 1})
	if got, want := l.Lacks(), (causal.Vector{"a.1": 5}); !maps.Equal(got, want) {
		t.Errorf("lacks: got %v, want %v", got, want)
	}
	var waiting []*justchat.Record
	for r, err := range l.Waiting() {
		if err != nil {
			t.Fatal(err)
		}
		waiting = append(waiting, r)
	}
	if got, want := texts(waiting), texts([]*justchat.Record{all[2], all[3], all[5]}); !slices.Equal(got, want) {
		t.Errorf("waiting: got %q, want %q", got, want)
	}
	shown, _ := l.Before(nil, 100)
	if got, want := texts(shown), []string{"text 1 of a.1", "text 1 of b.1"}; !slices.Equal(got, want) {
		t.Errorf("history: got %q, want %q", got, want)
	}
	l.Close()
	l = openIn(t, m, Options{})
	wantSeen(t, l, causal.Vector{"a.1": 1, "b.1": 1})
	mustAppend(t, l, all...)
	wantSeen(t, l, causal.Vector{"a.1": 6, "b.1": 2})
	slices.SortFunc(all, causal.Compare)
	if got := texts(since(t, l, nil)); !slices.Equal(got, texts(all)) {
		t.Errorf("since: got %q, want %q", got, texts(all))
	}
	if len(l.Lacks()) != 0 {
		t.Errorf("lacks: got %v, want nothing", l.Lacks())
	}
}

func TestSkip(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	mustAppend(t, l, records("a.1", 3, 4)...)
	if err := l.Skip(causal.Vector{"a.1": 2, "b \"1\n": 7, l.Origin(): 9, "": 3}); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		wantSeen(t, l, causal.Vector{"a.1": 4, "b \"1\n": 7})
		if got, want := l.Gone(), (causal.Vector{"a.1": 2, "b \"1\n": 7}); !maps.Equal(got, want) {
			t.Errorf("gone: got %v, want %v", got, want)
		}
		if got := since(t, l, nil); len(got) != 2 {
			t.Errorf("got %d records, want 2", len(got))
		}
		mustAppend(t, l, record("a.1", 1)) // too late
		l.Close()
		l = openIn(t, m, Options{})
	}
}

func TestSince(t *testing.T) {
	l := openIn(t, newMemory(), Options{SegmentSize: 4 << 10})
	random := rand.New(rand.NewPCG(1, 1))
	var all []*justchat.Record
	for _, origin := range []string{"a.1", "b.1", "c.2"} {
		lamport := uint64(0)
		for _, r := range records(origin, 1, 400) {
			lamport += 1 + random.Uint64N(5)
			r.Lamport = lamport
			all = append(all, r)
		}
	}
	random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for part := range slices.Chunk(all, 50) {
		mustAppend(t, l, part...)
	}
	slices.SortFunc(all, causal.Compare)
	for _, seen := range []causal.Vector{nil, {"a.1": 400}, {"a.1": 399, "b.1": 400, "c.2": 400}, {"a.1": 100, "b.1": 7},
		{"a.1": 400, "b.1": 400, "c.2": 400}, {"a.1": 1 << 63, "x.1": 4}} {
		want := slices.DeleteFunc(slices.Clone(all), seen.Has)
		if got := since(t, l, seen); !slices.Equal(texts(got), texts(want)) {
			t.Errorf("since %v: got %d records, want %d, or in another order", seen, len(got), len(want))
		}
	}
	for range l.Since(nil) {
		break // and nothing hangs
	}
}

func TestBefore(t *testing.T) {
	l := openIn(t, newMemory(), Options{SegmentSize: 4 << 10})
	all := append(records("a.1", 1, 500), records("b.1", 1, 500)...)
	mustAppend(t, l, all...)
	slices.SortFunc(all, causal.Compare)
	for _, count := range []int{-1, 0, 1, 3, 600, 1000, 5000} {
		got, err := l.Before(nil, count)
		want := all[len(all)-max(0, min(count, len(all))):]
		if err != nil || !slices.Equal(texts(got), texts(want)) {
			t.Errorf("last %d: got %d, %v, want %d", count, len(got), err, len(want))
		}
	}
	for _, at := range []int{0, 1, 500, 999} {
		got, err := l.Before(all[at], 10)
		if want := all[max(0, at-10):at]; err != nil || !slices.Equal(texts(got), texts(want)) {
			t.Errorf("before %d: got %q, %v, want %q", at, texts(got), err, texts(want))
		}
	}
	got, err := l.Before(&justchat.Record{Lamport: 2, Origin: "aa", Number: 9}, 2)
	if want := []string{"text 1 of b.1", "text 2 of a.1"}; err != nil || !slices.Equal(texts(got), want) {
		t.Errorf("before a record that is not there: got %q, %v, want %q", texts(got), err, want)
	}
}

func TestSearch(t *testing.T) {
	l := openIn(t, newMemory(), Options{})
	for i, text := range []string{"Guten Tag, ΣΊΣΥΦΟΣ", "ein Tag ist kurz", "guten abend", "STRASSE"} {
		r := record("a.1", uint64(i+1))
		r.Message.Text = text
		mustAppend(t, l, r)
	}
	for _, test := range []struct {
		words []string
		count int
		want  []string
	}{
		{[]string{"tag"}, 9, []string{"Guten Tag, ΣΊΣΥΦΟΣ", "ein Tag ist kurz"}},
		{[]string{"tag"}, 1, []string{"ein Tag ist kurz"}},
		{[]string{"TAG", "guten"}, 9, []string{"Guten Tag, ΣΊΣΥΦΟΣ"}},
		{[]string{"σίσυφος"}, 9, []string{"Guten Tag, ΣΊΣΥΦΟΣ"}},
		{[]string{"nacht"}, 9, nil},
		{nil, 1, []string{"STRASSE"}},
		{[]string{"guten"}, 0, nil},
	} {
		got, err := l.Search(t.Context(), test.words, test.count)
		if err != nil || !slices.Equal(texts(got), test.want) {
			t.Errorf("%q: got %q, %v, want %q", test.words, texts(got), err, test.want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Search(ctx, nil, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended ctx: got %v", err)
	}
}

// TestAMessageCountsOnce: of several records with one message, history has the first in
// the room's order, in whatever order they come.
func TestAMessageCountsOnce(t *testing.T) {
	a, b, c := record("a.1", 1), record("b.1", 1), record("c.1", 1)
	a.Lamport, b.Lamport, c.Lamport = 3, 2, 1
	for _, r := range []*justchat.Record{b, c} {
		r.Message = a.Message
	}
	other := record("d.1", 1)
	other.Lamport, other.Message.Number = 9, 2 // the same client's next
	other.Message.Client = a.Message.Client
	for _, order := range [][]*justchat.Record{{a, b, c}, {a, c, b}, {b, a, c}, {b, c, a}, {c, a, b}, {c, b, a}} {
		m := newMemory()
		l := openIn(t, m, Options{})
		for _, r := range append(order, other) {
			mustAppend(t, l, r)
		}
		for range 2 {
			got, err := l.Before(nil, 10)
			if err != nil || len(got) != 2 || got[0].Origin != "c.1" || got[1].Origin != "d.1" {
				t.Errorf("got %v, %v, want c and d", got, err)
			}
			if got := since(t, l, nil); len(got) != 4 {
				t.Errorf("since: got %d records, want all 4", len(got))
			}
			l.Close()
			l = openIn(t, m, Options{})
		}
		l.Close()
	}
}

func TestAppendRefuses(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	big := record("a.1", 1)
	big.Message.Text = strings.Repeat("x", maxPayload)
	for _, r := range []*justchat.Record{big, record("", 1), record(strings.Repeat("x", 65), 1), record("a.1", 0)} {
		if err := l.Append(t.Context(), record("b.1", 1), r); err == nil {
			t.Errorf("%.10q %d is taken", r.Origin, r.Number)
		}
	}
	wantSeen(t, l, causal.Vector{})
	big.Message.Text = big.Message.Text[:maxPayload-1000]
	mustAppend(t, l, big, record("a.1", 2))
	l.Close()
	l = openIn(t, m, Options{})
	if got := since(t, l, nil); len(got) != 2 || got[0].Message.Text != big.Message.Text {
		t.Errorf("got %d records, want the largest and the next", len(got))
	}
}

func TestClosed(t *testing.T) {
	l := openIn(t, newMemory(), Options{})
	mustAppend(t, l, record("a.1", 1))
	l.Close()
	if err := l.Append(t.Context(), record("a.1", 2)); !errors.Is(err, ErrClosed) {
		t.Errorf("append: got %v", err)
	}
	if _, err := l.Before(nil, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("before: got %v", err)
	}
	for _, err := range l.Since(nil) {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("since: got %v", err)
		}
	}
	wantSeen(t, l, causal.Vector{"a.1": 1})
}

// TestAtOnce: many append, some of them the same, while others read; all is there once afterwards.
func TestAtOnce(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{SegmentSize: 8 << 10})
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for _, r := range records([]string{"a.1", "b.1", "c.1", "d.1"}[i/2], 1, 100) {
				if err := l.Append(t.Context(), r); err != nil {
					t.Error(err)
				}
				if !l.Seen().Has(r) {
					t.Errorf("%s %d is appended and not seen", r.Origin, r.Number)
				}
			}
		})
		group.Go(func() {
			for range 10 {
				l.Before(nil, 50)
				for range l.Since(nil) {
				}
			}
		})
	}
	group.Wait()
	l.Close()
	l = openIn(t, m, Options{})
	wantSeen(t, l, causal.Vector{"a.1": 100, "b.1": 100, "c.1": 100, "d.1": 100})
	if got := since(t, l, nil); len(got) != 400 {
		t.Errorf("got %d records, want 400", len(got))
	}
}
