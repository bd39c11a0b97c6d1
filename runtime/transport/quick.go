package transport

import (
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// Quick handlers run on the goroutine that reads, which saves the switch to another. Each
// method begins on workers and has to prove itself. What runs beside the reading (handlers, and the
// write of their answers) is an errand; the reader is out on it:
//
//	         batch has proven calls             all answered, answers written
//	reading ────────────────────────► errand ──────────────────────────────► reading
//	                                    │
//	                                    │ takeAway: the clock sees the same step of the errand
//	                                    │ twice, the handler asks for what may make it wait, the
//	                                    │ answer does not fit in out, the session breaks
//	                                    ▼
//	                                 relieved ── answers as a worker does ──► (ends)
//
// A reader that is relieved touches nothing of the reading: another goroutine reads on,
// and starts the rest of the batch on workers. All is guarded by the session's lock.
type errand struct {
	number uint64  // of the reader; one that finds another number here is relieved
	out    bool    // the reader is on an errand
	step   uint64  // counts handlers and writes
	seen   uint64  // the step that the clock saw last
	call   *call   // whose handler runs, or nil
	batch  []*call // those to be run,
	next   int     // from this one on

	// Timing the runs, see ran.
	began  time.Duration // the run, or the first of several, since start
	runs   int           // since began
	singly int           // runs that are still to be timed one by one

	methods map[uint16]*record
	last    *record // that was asked for
}

// A record is what is known of a method.
type record struct {
	method uint16
	points int // earned by quick runs
	bar    int // points from which on it runs on the reading goroutine
}

const (
	quickTime   = 50 * time.Microsecond // a run that is not longer earns a point
	quickBar    = 16                    // points that a method needs at first
	quickMost   = 1000                  // points that it can save
	slowCost    = 200                   // points that a longer run costs
	raiseBar    = 8                     // how many times higher the bar is after each takeAway
	mostBar     = 1 << 16               // which it is not raised above: on a busy machine the clock also takes away what only had no processor
	mostMethods = 1024                  // that a session keeps records of
	together    = 16                    // quick runs that are timed together
	flushAfter  = 64                    // answers that do not wait for the rest of the batch: the peer digests them meanwhile
	errandTick  = 10 * time.Millisecond // how often the clock looks
)

func (s *Session) record(method uint16) *record {
	e := &s.errand
	if e.last != nil && e.last.method == method { // as for most calls of a busy session
		return e.last
	}
	r := e.methods[method]
	if r == nil {
		r = &record{method: method, bar: quickBar}
		if len(e.methods) >= mostMethods {
			return r
		}
		if e.methods == nil {
			e.methods = make(map[uint16]*record)
		}
		e.methods[method] = r
	}
	e.last = r
	return r
}

// start is the zero of sinceStart.
var start = time.Now()

// sinceStart is for measuring runs: it asks for one clock, where time.Now asks for two.
func sinceStart() time.Duration { return time.Since(start) }

// ran counts a run.
func (r *record) ran(took time.Duration) {
	if took <= quickTime {
		r.points = min(r.points+1, max(quickMost, r.bar))
	} else {
		r.points = max(r.points-slowCost, 0)
	}
}

// ran counts a run of the errand, of a method with that record. Looking at the clock takes as long as a quick handler,
// so several runs are timed together. If that was long, one of them may have been: the next are timed singly.
func (e *errand) ran(r *record) {
	e.runs++
	switch {
	case e.singly > 0:
		e.singly--
	case e.runs < together && e.next < len(e.batch):
		r.ran(0)
		return
	}
	now := sinceStart()
	took := now - e.began
	if e.runs > 1 && took > quickTime {
		e.singly, took = together, 0
	}
	r.ran(took)
	e.began, e.runs = now, 0
}

// failed counts a run that held up the reading.
func (r *record) failed() {
	r.points = 0
	r.bar = min(r.bar*raiseBar, mostBar)
}

// sort takes the calls out of starting that the reader can run itself.
func (s *Session) sort(starting []*call) []*call {
	e, slow := &s.errand, starting[:0]
	for _, c := range starting {
		if r := s.record(c.in.Method); r.points >= r.bar {
			e.batch = append(e.batch, c)
		} else {
			slow = append(slow, c)
		}
	}
	return slow
}

// runErrand goes on the errand of the reader with that number, if there is one. It reports
// whether the same goroutine reads on.
func (s *Session) runErrand(number uint64) bool {
	s.mu.Lock()
	e := &s.errand
	if len(e.batch) == 0 {
		renew := s.renew
		if s.renew = false; renew { // relieved without an errand, see trim
			e.number++
			go s.reading(e.number, true) // Close waits: it has this one's place in goroutines
		}
		s.mu.Unlock()
		return !renew
	}
	if s.cause != nil { // a handler could wait for this goroutine, in Close
		rest := e.batch
		e.batch = nil
		s.mu.Unlock()
		s.workers.start(rest)
		return true
	}
	e.out = true
	s.clock.watchErrand()
	relieved := true // unless all goes well: a handler may exit its goroutine
	defer func() {
		if relieved {
			s.workers.all.Done() // see takeAway
		}
	}()
	e.began, e.runs = sinceStart(), 0
	for e.next < len(e.batch) {
		if !s.runQuick(number) {
			return false
		}
		if e.next%flushAfter == 0 {
			e.step++
			if s.flushEarly(); e.number != number {
				s.flush()
				return false
			}
		}
	}
	clear(e.batch)
	e.batch, e.next = e.batch[:0], 0
	e.step++
	s.flushLocked()
	relieved = e.number != number
	if !relieved {
		e.out = false
	}
	s.mu.Unlock()
	return !relieved
}

// runQuick runs the next handler of the batch. It is called with the lock held; it gives it up and reports
// false if the reader was relieved, and the answer is then written.
func (s *Session) runQuick(number uint64) bool {
	e := &s.errand
	c := e.batch[e.next]
	e.next++
	e.step++
	e.call = c
	s.mu.Unlock()
	mine := false
	defer func() { // for a handler that exits its goroutine; otherwise this is only a test
		if !mine {
			s.mu.Lock()
			if e.number == number {
				s.takeAway()
			}
			s.mu.Unlock()
			s.reply(c)
		}
	}()
	c.handle()
	s.mu.Lock()
	if e.number == number {
		e.ran(s.record(c.in.Method))
		e.call = nil
		if mine = s.replyNow(c); mine {
			return true
		}
	}
	s.mu.Unlock()
	return false
}

// replyNow answers without waiting. It reports false if it would have to wait.
func (s *Session) replyNow(c *call) bool {
	size := len(c.in.ReplyMetadata) + len(c.in.Results)
	if e := c.in.Error; e != nil {
		size += len(e.Append(nil))
	}
	if s.cause != nil || size > frame.MaxPayload || len(s.room.waiting) > 0 || s.room.used+frame.HeaderSize+size > s.room.limit {
		return false
	}
	s.answerCall(c)
	return true
}

// takeAway relieves the reader that is on an errand, if there is one: a new goroutine reads
// on. It is called with the lock held.
//
// Close waits for the new goroutine in place of the old one; for that, which is in a handler
// or on the way out of it, Workers.Close waits.
func (s *Session) takeAway() {
	e := &s.errand
	if !e.out {
		return
	}
	rest := e.batch[e.next:]
	e.out, e.call, e.batch, e.next = false, nil, nil, 0
	e.number++
	s.workers.all.Add(1)
	go s.relieve(rest, e.number) // Close waits: it has the old one's place in goroutines
}

// relieve is the life of a new reader.
func (s *Session) relieve(rest []*call, number uint64) {
	s.workers.start(rest)
	s.reading(number, true)
}

// relieved reports whether another reader has taken the place of that one.
func (s *Session) relieved(number uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.errand.number != number
}

// mayWait is called with the lock held when the handler of c is about to do what can make it
// wait. It relieves the reader, if that runs the handler; on a worker this is not a quick run.
func (s *Session) mayWait(c *call) {
	c.waits = true
	if s.errand.call == c && s.errand.out {
		s.record(c.in.Method).failed()
		s.takeAway()
	}
}

// watchErrand makes sure that the clock looks after the errand.
func (k *clock) watchErrand() {
	if !k.errands {
		k.errands = true
		k.by(time.Now().Add(errandTick))
	}
}

// errand relieves a reader that is still at the step where the last tick saw it.
func (k *clock) errand(now time.Time) {
	e := &k.s.errand
	if !k.errands {
		return
	}
	if e.out && e.step == e.seen {
		if e.call != nil {
			k.s.record(e.call.in.Method).failed()
		}
		k.s.takeAway()
	}
	k.errands = e.out || e.step != e.seen
	e.seen = e.step
	if k.errands {
		k.by(now.Add(errandTick))
	}
}
