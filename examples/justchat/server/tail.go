package server

import (
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// shown is a record in the order of showing.
type shown struct {
	record *justchat.Record
	late   bool
}

// A listener is woken when there is something to show, or a message of its client has
// reached a second disk.
type listener struct {
	wake   chan struct{} // of capacity 1
	unsafe []milestoneOf // its client's messages that were acknowledged with one copy
	safe   uint64
}

// maxUnsafe is how many messages of a client with one copy are told apart; the last of them stands for more.
const maxUnsafe = 64

// milestoneOf says which record of ours a client's message is.
type milestoneOf struct{ record, message uint64 }

// wait adds the records that the log has after a gap. They were not shown, whatever once says.
func (r *room) wait(records []*justchat.Record, now time.Time) {
	r.mu.Lock()
	for _, record := range records {
		r.known.Forget(record.Message.Client, record.Message.Number)
		r.once.Forget(record.Message.Client, record.Message.Number)
	}
	r.mu.Unlock()
	r.add(records, now)
}

// add shows records of other servers that are on our disk, as soon as their order allows.
func (r *room) add(records []*justchat.Record, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range records {
		r.lamport = max(r.lamport, record.Lamport)
		if record.Origin != r.origin {
			r.queue.Add(record, now)
		}
	}
	r.show(now)
}

// show moves what may be shown into the tail.
func (r *room) show(now time.Time) {
	ready, late, _ := r.queue.Next(now)
	if len(ready) == 0 {
		return
	}
	for i, record := range ready {
		r.known.See(record.Message.Client, record.Message.Number)
		if r.once.See(record.Message.Client, record.Message.Number) {
			r.tail = append(r.tail, shown{record, late[i]})
		}
	}
	if extra := len(r.tail) - tailSize; extra >= tailSize {
		for _, s := range r.tail[:extra] {
			r.before[s.record.Origin] = max(r.before[s.record.Origin], s.record.Number)
		}
		r.tail = append(r.tail[:0:0], r.tail[extra:]...)
		r.first += uint64(extra)
	}
	for l := range r.listeners {
		signal(l.wake)
	}
}

// raise tells clients whose messages had one copy that there are two.
func (r *room) raise() {
	for l := range r.listeners {
		n := 0
		for n < len(l.unsafe) && l.unsafe[n].record <= r.copied {
			l.safe = max(l.safe, l.unsafe[n].message)
			n++
		}
		if n > 0 {
			l.unsafe = l.unsafe[n:]
			signal(l.wake)
		}
	}
}

// listen begins to follow what is shown. With seen, which is what the client has seen, it returns what of the
// tail the client lacks; complete says that this is all that it lacks. From position on it is read on.
func (r *room) listen(l *listener, seen causal.Vector) (missing []shown, complete bool, position uint64, all causal.Vector) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.listeners[l] = struct{}{}
	all = make(causal.Vector)
	all.Add(r.queue.Shown())
	position = r.first + uint64(len(r.tail))
	if complete = seen.Covers(r.before); complete {
		for _, s := range r.tail {
			if !seen.Has(s.record) {
				missing = append(missing, s)
			}
		}
	}
	return missing, complete, position, all
}

func (r *room) unlisten(l *listener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.listeners, l)
}

// read returns up to count records from a position on, and the number up to which the
// listener's messages are safe, or zero if that is not new. behind says how many more there are. A position that the tail has left
// gives ok false.
func (r *room) read(l *listener, position uint64, count int) (records []shown, safe uint64, behind int, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	safe, l.safe = l.safe, 0
	if position < r.first {
		return nil, safe, 0, false
	}
	rest := r.tail[position-r.first:]
	records = rest[:min(count, len(rest))]
	return records, safe, len(rest) - len(records), true
}

// unsafe notes that a client's message has one copy so far.
func (r *room) unsafe(l *listener, record, message uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if record <= r.copied {
		l.safe = max(l.safe, message)
		signal(l.wake)
		return
	}
	if len(l.unsafe) == maxUnsafe {
		l.unsafe = l.unsafe[:maxUnsafe-1] // what is safe with the last one's record is so with this one's
	}
	l.unsafe = append(l.unsafe, milestoneOf{record, message})
}

// withoutUnacknowledged leaves out what only our log has so far: nobody reads what may still be lost.
func (r *room) withoutUnacknowledged(records []*justchat.Record) []*justchat.Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(records, func(record *justchat.Record) bool {
		return record.Origin == r.origin && record.Number > r.acked
	})
}

// signal wakes who waits on a channel of capacity 1.
func signal(wake chan struct{}) {
	select {
	case wake <- struct{}{}:
	default:
	}
}

// skip goes on without the records up to gone.
func (r *room) skip(gone causal.Vector, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue.Skip(gone, now)
	r.show(now)
}
