package messagelog

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A moment is what would be on disk if the power had failed, and what had been promised by then.
type moment struct {
	before       string // which operation
	disk         *memory
	start        uint64
	acknowledged causal.Vector
}

// TestPowerLoss takes the power away before each operation on the disk, and with it all
// that was not synced: while records are appended in any order, segments are begun and
// dropped, and the log is opened again and again. Nothing that was acknowledged is lost,
// and no start is used twice.
func TestPowerLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	m := newMemory()
	var moments []moment
	start, acknowledged := uint64(0), make(causal.Vector)
	m.set(func(op, name string, _ int) (int, error) {
		moments = append(moments, moment{op + " " + name, m.afterPowerLoss(), start, acknowledged.Clone()})
		return 0, nil
	})
	options := Options{SegmentSize: 1000, KeepSize: 3000}
	next := make(map[string]uint64)
	for range 4 {
		l, err := open(m, options, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		m.mutex.Lock()
		start = l.Start()
		m.mutex.Unlock()
		for range 8 {
			origin := []string{"a.1", "b.1", l.Origin()}[random.IntN(3)]
			batch := records(origin, next[origin]+1, next[origin]+1+random.Uint64N(4))
			next[origin] += uint64(len(batch))
			random.Shuffle(len(batch), func(i, j int) { batch[i], batch[j] = batch[j], batch[i] })
			mustAppend(t, l, batch...)
			m.mutex.Lock()
			acknowledged[origin] = next[origin]
			m.mutex.Unlock()
		}
		l.Close()
	}
	m.set(nil)
	if len(moments) < 100 {
		t.Fatalf("only %d moments", len(moments))
	}
	for _, at := range moments {
		l, err := open(at.disk, options, time.Now)
		if err != nil {
			t.Fatalf("%s: %v", at.before, err)
		}
		if !l.Seen().Covers(at.acknowledged) || len(l.Lacks()) > 0 {
			t.Errorf("before %s: got %v, lacking %v, want %v", at.before, l.Seen(), l.Lacks(), at.acknowledged)
		}
		if l.Start() <= at.start {
			t.Errorf("before %s: got start %d again", at.before, l.Start())
		}
		l.Close()
	}
}

// TestSinceIsCausal: in whatever order records came into the log, they leave it such that
// none waits for another.
func TestSinceIsCausal(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	origins := []string{"a.1", "b.1", "c.1"}
	seen := map[string]causal.Vector{"a.1": {}, "b.1": {}, "c.1": {}}
	lamport := make(map[string]uint64)
	var said []*justchat.Record
	for range 300 {
		origin, other := origins[random.IntN(3)], origins[random.IntN(3)]
		seen[origin].Add(seen[other])
		lamport[origin] = max(lamport[origin], lamport[other]) + 1
		r := record(origin, seen[origin][origin]+1)
		r.After, r.Lamport = seen[origin].Clone(), lamport[origin]
		seen[origin][origin] = r.Number
		said = append(said, r)
	}
	random.Shuffle(len(said), func(i, j int) { said[i], said[j] = said[j], said[i] })
	l := openIn(t, newMemory(), Options{SegmentSize: 4000})
	for part := range slices.Chunk(said, 7) {
		mustAppend(t, l, part...)
	}
	shown := make(causal.Vector)
	for _, r := range since(t, l, nil) {
		if !shown.Covers(r.After) || shown[r.Origin] != r.Number-1 {
			t.Fatalf("%s %d, after %v, came when %v was there", r.Origin, r.Number, r.After, shown)
		}
		shown[r.Origin] = r.Number
	}
	if want := l.Seen(); !maps.Equal(shown, want) || len(want) != 3 {
		t.Errorf("got %v, want %v", shown, want)
	}
}
