package messagelog

import (
	"bytes"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// openLogged opens a log, which the caller closes, and returns what it logs from Warn on.
func openLogged(t *testing.T, m *memory, options Options) (*Log, *runtimetest.Log) {
	t.Helper()
	logged := new(runtimetest.Log)
	options.Logger = logged.Logger(slog.LevelWarn)
	l, err := open(m, options, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return l, logged
}

// wantRecords compares what the log has to tell.
func wantRecords(t *testing.T, l *Log, want []*justchat.Record) {
	t.Helper()
	if got := since(t, l, nil); !slices.Equal(texts(got), texts(want)) {
		t.Fatalf("records: got %q, want %q", texts(got), texts(want))
	}
}

// TestCrash ends the log at every byte of its last write, in three ways. What was
// acknowledged before is there, what was not is there or not, and the log goes on.
func TestCrash(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	acknowledged, last := records("a.1", 1, 3), records("a.1", 4, 5)
	mustAppend(t, l, acknowledged...)
	name := segmentName(1)
	before := len(m.content(name))
	mustAppend(t, l, last...)
	l.Close()
	whole := m.content(name)
	for end := before; end <= len(whole); end++ {
		for way, content := range map[string][]byte{
			"cut":  whole[:end],
			"zero": append(slices.Clone(whole[:end]), make([]byte, len(whole)-end)...),
			"more": append(slices.Clone(whole[:end]), make([]byte, 4096)...),
		} {
			c := m.copy()
			c.put(name, content)
			l, logged := openLogged(t, c, Options{})
			got := since(t, l, nil)
			if all := append(slices.Clone(acknowledged), last...); len(got) < 3 || !slices.Equal(texts(got), texts(all[:len(got)])) {
				t.Fatalf("%s at %d: got %q", way, end, texts(got))
			}
			if damaged := c.content(name+damagedSuffix) != nil; damaged && way == "cut" {
				t.Errorf("%s at %d: taken for damage: %s", way, end, logged)
			}
			mustAppend(t, l, last...)
			l.Close()
			l, logged = openLogged(t, c, Options{})
			wantRecords(t, l, append(slices.Clone(acknowledged), last...))
			if logged.String() != "" {
				t.Fatalf("%s at %d: the second time: %s", way, end, logged)
			}
			l.Close()
		}
	}
}

// TestEachBitCounts flips every bit of every file of a small log. It is always said,
// never believed: what is read is as it was, and what is missing can be appended again.
func TestEachBitCounts(t *testing.T) {
	m := newMemory()
	options := Options{SegmentSize: 200}
	l := openIn(t, m, options)
	all := records("a.1", 1, 5)
	for _, r := range all {
		r.Message.Signature = nil
		mustAppend(t, l, r)
	}
	if err := l.Skip(causal.Vector{"b.1": 3}); err != nil {
		t.Fatal(err)
	}
	l.Close()
	if len(l.segments) != 0 || m.content(segmentName(3)) == nil {
		t.Fatal("the log has fewer than three segments")
	}
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		content := m.content(name)
		for bit := range len(content) * 8 {
			flipped := slices.Clone(content)
			flipped[bit/8] ^= 1 << (bit % 8)
			c := m.copy()
			c.put(name, flipped)
			l, logged := openLogged(t, c, options)
			if !strings.Contains(logged.String(), name) {
				t.Fatalf("%s, bit %d: logged %q", name, bit, logged)
			}
			if got := c.content(name + damagedSuffix); got != nil && !bytes.Equal(got, flipped) {
				t.Fatalf("%s, bit %d: set aside is something else", name, bit)
			}
			if got := since(t, l, nil); !slices.Equal(texts(got), texts(all[:len(got)])) {
				t.Fatalf("%s, bit %d: got %q", name, bit, texts(got))
			}
			mustAppend(t, l, all...)
			wantRecords(t, l, all)
			l.Close()
			l, logged = openLogged(t, c, options)
			if logged.String() != "" {
				t.Fatalf("%s, bit %d: the second time: %s", name, bit, logged)
			}
			wantRecords(t, l, all)
			l.Close()
		}
	}
}

// TestDamageKeepsTheRest: of a segment in whose middle something is wrong, all else is
// kept, and read again when what is missing has come back.
func TestDamageKeepsTheRest(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	all := records("a.1", 1, 5)
	mustAppend(t, l, all...)
	l.Close()
	name := segmentName(1)
	found := m.content(name)
	at := bytes.Index(found, []byte("text 3"))
	found[at]++
	m.put(name, found)
	l, logged := openLogged(t, m, Options{})
	defer l.Close()
	logged.Want(t, "level=ERROR", name, "offset=", "bytes=")
	wantSeen(t, l, causal.Vector{"a.1": 2})
	if got := m.content(name + damagedSuffix); !bytes.Equal(got, found) {
		t.Error("the damaged segment is not kept as it was")
	}
	mustAppend(t, l, all[2])
	wantRecords(t, l, all)
}

// TestNothingInsideARecordIsOne: what a damaged record holds is not taken for a record,
// though it looks like one.
func TestNothingInsideARecordIsOne(t *testing.T) {
	forged := appendRecord(nil, record("forged.1", 1))
	r := record("a.1", 1)
	r.Message.Text = string(forged)
	data := appendRecord(appendRecord(nil, r), record("a.1", 2))
	data[frameSize+3]++ // in the origin
	scan(data, 0, func(p piece) {
		if p.record != nil && p.record.Origin != "a.1" {
			t.Errorf("got %s %d", p.record.Origin, p.record.Number)
		}
	})
}

// TestMissingSegments: the log goes on without files that are not there.
func TestMissingSegments(t *testing.T) {
	m := newMemory()
	options := Options{SegmentSize: 600}
	l := openIn(t, m, options)
	all := records("a.1", 1, 9)
	for _, r := range all {
		mustAppend(t, l, r)
	}
	l.Close()
	m.Remove(segmentName(2))
	l, logged := openLogged(t, m, options)
	logged.Want(t, "missing", segmentName(2))
	if seen := l.Seen()["a.1"]; seen == 0 || seen == 9 {
		t.Errorf("seen: got %d, want some", seen)
	}
	mustAppend(t, l, all...)
	wantRecords(t, l, all)
	l.Close()
	m.Remove(segmentName(1)) // as if it had been dropped, and the file that says so lost
	l, logged = openLogged(t, m, options)
	defer l.Close()
	logged.Want(t, "lost", goneFile)
	got := since(t, l, nil)
	if len(got) == 0 || l.Gone()["a.1"] != got[0].Number-1 || l.Seen()["a.1"] != 9 {
		t.Errorf("got %q, gone %v, seen %v", texts(got), l.Gone(), l.Seen())
	}
}

// TestDamagedOrigin: a log that cannot know how often it was opened takes another name,
// rather than one number twice.
func TestDamagedOrigin(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	mustAppend(t, l, record(l.Origin(), 1))
	l.Close()
	name, start := l.Name(), l.Start()
	good := m.content(originFile)
	m.put(originFile, []byte("nonsense"))
	l, logged := openLogged(t, m, Options{})
	logged.Want(t, originFile, "another name")
	if l.Name() == name || l.Start() != 1 {
		t.Errorf("got %s", l.Origin())
	}
	l.Close()
	// An old file, of before the start whose record is here.
	text, _, _ := strings.Cut(string(good), "checksum")
	if err := writeNote(m, originFile, strings.Replace(text, " 1\n", " 0\n", 1)); err != nil {
		t.Fatal(err)
	}
	if l := openIn(t, m, Options{}); l.Name() != name || l.Start() <= start {
		t.Errorf("got %s, want a later start of %s", l.Origin(), name)
	}
}

// TestRotWhileOpen: a record that went bad since the log was opened is said and left out.
func TestRotWhileOpen(t *testing.T) {
	m := newMemory()
	logged := new(runtimetest.Log)
	l := openIn(t, m, Options{Logger: logged.Logger(slog.LevelError)})
	mustAppend(t, l, records("a.1", 1, 3)...)
	m.mutex.Lock()
	data := m.files[segmentName(1)].data
	data[bytes.Index(data, []byte("text 2"))]++
	m.mutex.Unlock()
	if got, want := texts(since(t, l, nil)), []string{"text 1 of a.1", "text 3 of a.1"}; !slices.Equal(got, want) {
		t.Errorf("since: got %q, want %q", got, want)
	}
	logged.Want(t, "cannot be read", segmentName(1))
	if got, _ := l.Before(nil, 9); len(got) != 2 {
		t.Errorf("before: got %d records, want 2", len(got))
	}
}

// TestUnreadableSegment: of a segment that the disk does not give back whole, what it
// does give is read, and nothing more is written to it.
func TestUnreadableSegment(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	all := records("a.1", 1, 3)
	mustAppend(t, l, all...)
	l.Close()
	name := segmentName(1)
	content := m.content(name)
	readable := bytes.Index(content, []byte("text 3"))
	m.set(func(op, file string, offset int) (int, error) {
		if op == "read" && file == name && offset == 0 {
			return readable, errors.New("bad sector")
		}
		return 0, nil
	})
	l, logged := openLogged(t, m, Options{})
	if !strings.Contains(logged.String(), "bad sector") {
		t.Errorf("logged: %s", logged)
	}
	wantSeen(t, l, causal.Vector{"a.1": 2})
	mustAppend(t, l, all...)
	wantRecords(t, l, all)
	l.Close()
	if !bytes.Equal(m.content(name), content) {
		t.Error("the bad segment was changed")
	}
}

// TestNoRoomToSetAside: a damaged segment that cannot be kept stays, and all else goes on.
func TestNoRoomToSetAside(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	all := records("a.1", 1, 3)
	mustAppend(t, l, all...)
	l.Close()
	name := segmentName(1)
	content := m.content(name)
	content[bytes.Index(content, []byte("text 2"))]++
	m.put(name, content)
	m.set(func(op, file string, _ int) (int, error) {
		return 0, ifOp(op == "write" && file == name+damagedSuffix, errors.New("no room"))
	})
	l, logged := openLogged(t, m, Options{})
	defer l.Close()
	if !strings.Contains(logged.String(), "no room") {
		t.Errorf("logged: %s", logged)
	}
	mustAppend(t, l, all...)
	wantRecords(t, l, all)
	if !bytes.Equal(m.content(name), content) || m.content(name+damagedSuffix) != nil {
		t.Error("the damaged segment was changed, or half of it kept")
	}
}

// FuzzScan: whatever is in a segment, its pieces follow each other to the end, and a
// record among them is written as it was read.
func FuzzScan(f *testing.F) {
	two := appendRecord(appendRecord(nil, record("a.1", 1)), record("b.1", 2))
	f.Add(two)
	f.Add(two[:len(two)-1])
	f.Add(two[1:])
	f.Add(append([]byte(recordMagic), two...))
	f.Add(make([]byte, 100))
	f.Fuzz(func(t *testing.T, data []byte) {
		at := 0
		scan(data, 0, func(p piece) {
			if p.offset != at || p.size <= 0 {
				t.Fatalf("a piece of %d at %d, want one at %d", p.size, p.offset, at)
			}
			at += p.size
			if p.record == nil {
				return
			}
			again, _, err := readRecord(appendRecord(nil, p.record))
			if err != nil || again.Origin != p.record.Origin || again.Message.Text != p.record.Message.Text {
				t.Fatalf("read again: %v", err)
			}
		})
		if at != len(data) {
			t.Fatalf("the pieces end at %d of %d", at, len(data))
		}
	})
}

// FuzzOpen: a log opens with anything in its segments, and takes records.
func FuzzOpen(f *testing.F) {
	whole := appendRecord(appendHeader(nil, time.Unix(0, 0)), record("a.1", 1))
	f.Add(whole, whole)
	f.Add(whole[:25], whole[:30])
	f.Fuzz(func(t *testing.T, first, second []byte) {
		m := newMemory()
		m.put(segmentName(1), first)
		m.put(segmentName(2), second)
		l, err := open(m, Options{}, time.Now)
		if err != nil {
			if strings.Contains(err.Error(), "another version") {
				return
			}
			t.Fatal(err)
		}
		mustAppend(t, l, record("z.1", 1))
		l.Close()
		l, err = open(m, Options{}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		if l.Seen()["z.1"] != 1 {
			t.Error("what was appended is lost")
		}
	})
}
