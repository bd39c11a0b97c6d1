package causal

import (
	"container/heap"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// Patience is how long a record waits for records of other origins.
const Patience = 5 * time.Second

// A Queue holds records until they may be shown. Its zero value is empty. It serves one
// goroutine at a time. The records are the caller's: the Queue reads them, until it has
// returned them.
//
// A record waits for all of its own origin before it, however long that takes (or until
// Skip), and for what its After names of other origins, for Patience at most: counted
// from when it was added, or from when the last gap before it was filled. Starts of one
// server are origins like any others: a newer one waits for as much of an older as it
// names. What a record names of its own origin says nothing new and is not looked at.
//
// A record costs O(log n) in a queue of n, and as much for each entry of its After.
type Queue struct {
	lanes   map[string]*lane
	ready   heads     // lanes whose first may be shown
	blocked deadlines // firsts that wait for other origins
	expired heads     // lanes whose first has waited long enough
}

// A lane is an origin's records.
//
//	shown ── line ── have     gap     beyond
type lane struct {
	origin  string
	shown   uint64           // up to where they were
	have    uint64           // up to where they are here, or gone
	gone    uint64           // up to where they are not to be had any more
	line    []*item          // after shown, up to have, in order
	beyond  map[uint64]*item // after a gap
	numbers numbers          // of beyond
	filled  time.Time        // when the last gap was
	waiting waits            // for shown to rise
}

// An item is a record that waits.
type item struct {
	record   *justchat.Record
	lane     *lane
	added    time.Time
	deadline time.Time
	missing  int  // how many entries of After were not shown when it came first
	late     bool // it does without them
	released bool // to ready: its entries in other heaps mean nothing any more
}

// NewQueue begins where so much was shown already.
func NewQueue(shown Vector) *Queue {
	q := new(Queue)
	for origin, number := range shown {
		l := q.lane(origin)
		l.shown, l.have = number, number
	}
	return q
}

func (q *Queue) lane(origin string) *lane {
	l := q.lanes[origin]
	if l == nil {
		if q.lanes == nil {
			q.lanes = make(map[string]*lane)
		}
		l = &lane{origin: origin}
		q.lanes[origin] = l
	}
	return l
}

// Add takes a record, at that time. Those that were added before are ignored.
func (q *Queue) Add(r *justchat.Record, now time.Time) {
	l := q.lane(r.Origin)
	if r.Number <= l.have || l.beyond[r.Number] != nil {
		return
	}
	if l.beyond == nil {
		l.beyond = make(map[uint64]*item)
	}
	l.beyond[r.Number] = &item{record: r, lane: l, added: now}
	heap.Push(&l.numbers, r.Number)
	q.extend(l, now)
}

// Skip says that records up to there are not to be had any more: nothing waits for them,
// unless they are in the queue already, and those that come after all are ignored.
func (q *Queue) Skip(gone Vector, now time.Time) {
	for origin, number := range gone {
		l := q.lane(origin)
		if number > l.have {
			l.gone = number
			q.extend(l, now)
		}
	}
}

// extend moves to the line what does not lie beyond a gap any more.
func (q *Queue) extend(l *lane, now time.Time) {
	first := len(l.line) == 0
	filled := -1 // not counting the one that came just now
	for len(l.numbers) > 0 && l.numbers[0]-1 <= max(l.have, l.gone) {
		number := heap.Pop(&l.numbers).(uint64)
		l.line = append(l.line, l.beyond[number])
		delete(l.beyond, number)
		l.have = number
		filled++
	}
	if filled > 0 || l.gone > l.have {
		l.filled = now
	}
	l.have = max(l.have, l.gone)
	if first {
		q.advance(l, now)
	}
}

// advance deals with what has come first in l, where shown has risen, or the line had been empty.
func (q *Queue) advance(l *lane, now time.Time) {
	if len(l.line) == 0 {
		l.line = nil     // a burst's memory goes with it
		l.shown = l.have // which is further if the last are gone
	}
	q.wakeWaiting(l)
	if len(l.line) == 0 {
		return
	}
	i := l.line[0]
	for origin, number := range i.record.After {
		if origin == l.origin {
			continue
		}
		if other := q.lane(origin); other.shown < number {
			heap.Push(&other.waiting, wait{number, i})
			i.missing++
		}
	}
	if i.missing == 0 {
		q.release(i)
		return
	}
	i.deadline = i.added.Add(Patience)
	if l.filled.After(i.added) {
		i.deadline = l.filled.Add(Patience)
	}
	heap.Push(&q.blocked, i)
}

// wakeWaiting releases what waited for l to come this far.
func (q *Queue) wakeWaiting(l *lane) {
	for len(l.waiting) > 0 && l.waiting[0].number <= l.shown {
		i := heap.Pop(&l.waiting).(wait).item
		if i.missing--; i.missing == 0 && !i.released {
			q.release(i)
		}
	}
}

func (q *Queue) release(i *item) {
	i.released = true
	heap.Push(&q.ready, i)
}

// Next returns the records that may be shown now, in order: as far as nothing holds them
// up, in the room's order. Late says which of them had to do without what they come
// after. Wake is when to ask again, zero for after the next Add.
func (q *Queue) Next(now time.Time) (ready []*justchat.Record, late []bool, wake time.Time) {
	for {
		for len(q.ready) > 0 {
			i := heap.Pop(&q.ready).(*item)
			ready, late = append(ready, i.record), append(late, i.late)
			l := i.lane
			l.shown = i.record.Number
			l.line[0] = nil
			l.line = l.line[1:]
			q.advance(l, now)
		}
		wake = q.expire(now)
		if len(q.expired) == 0 {
			return ready, late, wake
		}
		i := heap.Pop(&q.expired).(*item)
		if !i.released {
			i.late = true
			q.release(i)
		}
	}
}

// expire collects the items whose patience has ended, and returns when the next one's
// does. Of several the room's order goes first, so that none is late for want of another.
func (q *Queue) expire(now time.Time) (wake time.Time) {
	for len(q.blocked) > 0 {
		i := q.blocked[0]
		if !i.released && now.Before(i.deadline) {
			return i.deadline
		}
		heap.Pop(&q.blocked)
		if !i.released {
			heap.Push(&q.expired, i)
		}
	}
	return time.Time{}
}

// Shown returns up to where records were returned by Next, or skipped. It is the
// caller's.
func (q *Queue) Shown() Vector {
	shown := make(Vector, len(q.lanes))
	for origin, l := range q.lanes {
		if l.shown > 0 {
			shown[origin] = l.shown
		}
	}
	return shown
}

// Lacks returns what is waited for and not here: by origin, up to which number records
// are needed. It looks at each origin, and is meant for now and then.
func (q *Queue) Lacks() Vector {
	lacks := make(Vector)
	for origin, l := range q.lanes {
		if len(l.numbers) > 0 {
			lacks.Add(Vector{origin: l.numbers[0] - 1})
		}
		if len(l.line) == 0 {
			continue
		}
		for other, number := range l.line[0].record.After {
			if other != origin && number > q.lanes[other].have {
				lacks.Add(Vector{other: number})
			}
		}
	}
	return lacks
}
