package server

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	api "github.com/parley-rpc/parley/generated/justchat/server"

	"github.com/parley-rpc/parley/generated/justchat"
)

// tailSize is how many records that were shown last are kept in memory, for clients that
// are a little behind; ownSize how many of our own, for peers that are.
const (
	tailSize = 4096
	ownSize  = 4096
)

// A room is what a server knows of its messages. It does no I/O. Its methods may be called at once.
//
// Our own records pass through these states, in the order of their numbers, so that one
// number says how many have reached each:
//
//	taken ──► durable, on our disk ──► acknowledged, on another's too or alone for long enough ──► shown
type room struct {
	origin string
	alone  time.Duration // how long a record waits for a second disk

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when durable, copied, acked or failure change
	failure error         // of the disk: nothing more is taken

	// Our own records.
	taken   uint64 // the last number given
	durable uint64
	copied  uint64 // the last that is on another server's disk
	acked   uint64
	lamport uint64
	after   causal.Vector      // what our last record comes after
	pending []*justchat.Record // taken, on their way to the disk
	own     []*justchat.Record // the last ones that are durable
	since   []milestone        // when those became durable that are not acknowledged
	elder   causal.Vector      // of earlier starts, until another server has all that we have

	// All records.
	queue  *causal.Queue
	known  *causal.Once // messages that are in a record of ours, or were shown
	once   *causal.Once // messages that were shown
	tail   []shown
	first  uint64        // the position of tail[0]
	before causal.Vector // what was shown before tail[0]
	peers  map[string]*peerState

	listeners map[*listener]struct{}
}

// A milestone says when our records up to a number reached the disk.
type milestone struct {
	number uint64
	at     time.Time
}

// newRoom returns a room whose log has seen so much, with those messages.
func newRoom(origin string, seen causal.Vector, once *causal.Once, lamport uint64, alone time.Duration) *room {
	before := make(causal.Vector)
	before.Add(seen)
	return &room{
		origin:    origin,
		elder:     elder(origin, seen),
		alone:     alone,
		changed:   make(chan struct{}),
		lamport:   lamport,
		after:     make(causal.Vector),
		queue:     causal.NewQueue(seen),
		before:    before,
		known:     once,
		once:      once.Clone(),
		peers:     make(map[string]*peerState),
		listeners: make(map[*listener]struct{}),
	}
}

// elder returns what of seen is of earlier starts of a server than that origin.
func elder(origin string, seen causal.Vector) causal.Vector {
	name, _, _ := strings.Cut(origin, ".")
	older := make(causal.Vector)
	for other, number := range seen {
		if strings.HasPrefix(other, name+".") {
			older[other] = number
		}
	}
	return older
}

// take gives numbers to those of the messages that are in no record of ours and were not shown. They come after all that the
// log has, with that Lamport time, and all that was shown since. It returns the number of our last record, with which all of
// the messages are acknowledged.
//
// A message in another server's record that still waits to be shown is taken all the same: that record may wait for ever.
func (r *room) take(messages []justchat.Message, has causal.Vector, lamport uint64) (last uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.failure != nil {
		return 0, r.failure
	}
	r.lamport = max(r.lamport, lamport)
	has = has.Clone()
	has.Add(r.queue.Shown())
	after := r.risen(has)
	for i := range messages {
		m := &messages[i]
		if !r.known.See(m.Client, m.Number) && len(r.elder) == 0 {
			continue // else its record may be on our disk alone; this one will not
		}
		r.taken++
		r.lamport++
		r.pending = append(r.pending, &justchat.Record{
			Origin: r.origin, Number: r.taken, Lamport: r.lamport, After: after, Message: *m,
		})
		r.after.Add(after)
		after = nil
	}
	return r.taken, nil
}

// risen returns what of the other origins has come since our last record.
func (r *room) risen(has causal.Vector) causal.Vector {
	risen := has.Since(r.after)
	delete(risen, r.origin)
	return risen
}

// takePending returns the records that are to be brought to the disk.
func (r *room) takePending() []*justchat.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	records := r.pending
	r.pending = nil
	return records
}

// landed says that our records are on our disk.
func (r *room) landed(records []*justchat.Record, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.durable = records[len(records)-1].Number
	r.own = append(r.own, records...)
	if extra := len(r.own) - ownSize - r.unacknowledged(); extra > 0 {
		r.own = append(r.own[:0:0], r.own[extra:]...)
	}
	r.since = append(r.since, milestone{r.durable, now})
	r.advance(now)
}

func (r *room) unacknowledged() int { return int(r.durable - r.acked) }

// fail says that the disk takes nothing more.
func (r *room) fail(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failure = err
	r.stir()
}

// stir wakes those who wait for a record to be acknowledged.
func (r *room) stir() {
	close(r.changed)
	r.changed = make(chan struct{})
}

// advance acknowledges what can be: what another server has, and what has waited long enough for
// one, or need not wait since nobody is there. Then it shows what can be shown.
func (r *room) advance(now time.Time) {
	to := max(r.acked, r.copied)
	if !r.accompanied() {
		to = r.durable
	}
	n := 0
	for n < len(r.since) && (r.since[n].number <= to || now.Sub(r.since[n].at) >= r.alone) {
		to = max(to, r.since[n].number)
		n++
	}
	r.since = r.since[n:]
	if to > r.acked {
		for _, record := range r.own[len(r.own)-r.unacknowledged():] {
			if record.Number > to {
				break
			}
			r.queue.Add(record, now)
		}
		r.acked = to
		r.stir()
	}
	r.show(now)
}

// tick does what is due by now, and is called several times a second.
func (r *room) tick(now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.advance(now)
}

// acknowledged reports whether our record is acknowledged, with how many copies, or else what
// to wait for.
func (r *room) acknowledged(number uint64) (copies uint32, changed <-chan struct{}, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case number <= r.copied:
		return 2, nil, nil
	case number <= r.acked:
		return 1, nil, nil
	}
	return 0, r.changed, r.failure
}

// ownAfter returns up to count of our durable records after a number, or none if those are no longer in memory.
func (r *room) ownAfter(number uint64, count int) []*justchat.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.own) == 0 || number >= r.durable || number+1 < r.own[0].Number {
		return nil
	}
	rest := r.own[number+1-r.own[0].Number:]
	return rest[:min(count, len(rest))]
}

// next returns the number after the last message that the room has of a client.
func (r *room) next(client []byte) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known.Highest(client) + 1
}

// fullError is what clients are told of a log that took nothing: what it said, if it is full or failed.
func fullError(server string, err error) error {
	if full := new(api.Full); errors.As(err, &full) {
		return full
	}
	return &api.Full{Server: server, Reason: err.Error()}
}
