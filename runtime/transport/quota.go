package transport

import (
	"context"
	"slices"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// A quota is something of which there is so much and no more: calls at once, bytes that
// wait to be written. Who finds too little waits in line. The session's lock guards it.
type quota struct {
	used, limit int
	waiting     []*waiter
}

// A waiter is one who waits for n of a quota. Whoever gives grants it and signals its call.
type waiter struct {
	call    *call
	n       int
	granted bool
}

// take takes n, unless there is too little or somebody is in line.
func (q *quota) take(n int) bool {
	if len(q.waiting) > 0 || q.used+n > q.limit {
		return false
	}
	q.used += n
	return true
}

// give gives back n, and lets those proceed for whom there is enough now.
func (q *quota) give(n int) {
	q.used -= n
	for len(q.waiting) > 0 && q.used+q.waiting[0].n <= q.limit {
		w := q.waiting[0]
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.used += w.n
		w.granted = true
		signal(w.call.wake)
	}
}

// leave takes w out of the line, or back what it was granted.
func (q *quota) leave(w *waiter) {
	if w.granted {
		q.give(w.n)
	} else if i := slices.Index(q.waiting, w); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.give(0) // who stood behind it may want less
	}
}

// stir makes all who wait look whether they still should.
func (q *quota) stir() {
	for _, w := range q.waiting {
		signal(w.call.wake)
	}
}

// acquire takes n of q for a message of kind k that c sends, and waits if it must, as long as
// wait does. It is called and returns with the lock held.
func (s *Session) acquire(ctx context.Context, c *call, k frame.Kind, q *quota, n int) error {
	if q.take(n) {
		return nil
	}
	w := &waiter{call: c, n: n}
	q.waiting = append(q.waiting, w)
	err := s.wait(ctx, c, k, func() bool { return w.granted })
	if err != nil {
		q.leave(w)
	}
	return err
}

// wait waits until ready says so, for the sending side of c. It is called and returns
// with the lock held. An error says why c cannot send a message of kind k any more.
func (s *Session) wait(ctx context.Context, c *call, k frame.Kind, ready func() bool) error {
	var timeout <-chan time.Time
	for {
		if err := c.allows(k); err != nil {
			return err
		}
		if ready() {
			return nil
		}
		if timeout == nil && c.number == 0 && !c.deadline.IsZero() { // the clock does not know it yet
			timer := time.NewTimer(time.Until(c.deadline))
			defer timer.Stop()
			timeout = timer.C
		}
		if c.wake == nil { // most calls never wait here
			c.wake = make(chan struct{}, 1)
		}
		if !s.writing && len(s.out) > 0 { // nobody else would write what stands in the way
			s.flush()
			s.mu.Lock()
			continue
		}
		wake := c.wake
		s.mu.Unlock()
		var err error
		select {
		case <-wake:
		case <-ctx.Done():
			err = ctx.Err()
		case <-timeout:
			err = context.DeadlineExceeded
		}
		s.mu.Lock()
		if err != nil {
			return err
		}
	}
}

// signal makes the one who waits on ch look again.
func signal(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}
