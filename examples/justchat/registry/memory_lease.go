package registry

import (
	"errors"
	"time"
)

// memoryLease is a lease of a Memory. It is kept alive without a timer, since
// the one who keeps it is in the same process. A timer runs in two cases:
//
//	            quorum                          no quorum
//	kept        nothing to do                   life: whoever holds it has lost it
//	abandoned   life: it ends, entries go       nobody can decide that it ends
type memoryLease struct {
	memory *Memory
	life   time.Duration
	done   chan struct{}

	// With the memory's mutex.
	kept  bool        // done is open
	timer *time.Timer // the one that counts
}

// decide starts the timer that is due, or none. The mutex is held, in the following as well.
func (l *memoryLease) decide() {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	switch {
	case l.memory.closed:
	case l.kept && l.memory.silent:
		l.afterLife(l.abandon)
	case !l.kept && !l.memory.silent:
		l.afterLife(l.end)
	}
}

func (l *memoryLease) afterLife(do func()) {
	var timer *time.Timer
	timer = time.AfterFunc(l.life, func() {
		l.memory.mutex.Lock()
		defer l.memory.mutex.Unlock()
		if l.timer == timer { // nobody was faster
			do()
		}
	})
	l.timer = timer
}

// abandon is what Abandon does.
func (l *memoryLease) abandon() {
	if l.kept {
		l.kept = false
		close(l.done)
	} else if l.timer != nil && !l.memory.closed {
		return // it runs out already
	}
	l.decide()
}

// end has the entries go.
func (l *memoryLease) end() {
	l.timer = nil
	delete(l.memory.leases, l)
	for key, entry := range l.memory.entries {
		if entry.lease == l {
			l.memory.remove(key)
		}
	}
}

func (l *memoryLease) Done() <-chan struct{} { return l.done }

func (l *memoryLease) Abandon() {
	l.memory.mutex.Lock()
	defer l.memory.mutex.Unlock()
	if _, lives := l.memory.leases[l]; lives {
		l.abandon()
	}
}

func (l *memoryLease) Close() error {
	l.memory.mutex.Lock()
	defer l.memory.mutex.Unlock()
	if _, lives := l.memory.leases[l]; !lives {
		return nil
	}
	l.abandon()
	if l.memory.silent {
		return ErrNoQuorum
	}
	if l.timer != nil {
		l.timer.Stop()
	}
	l.end()
	return nil
}

// holding returns the lease for an entry: that one, or, if it is nil, the one that was.
func (m *Memory) holding(lease Lease, was *memoryLease) (*memoryLease, error) {
	if lease == nil {
		return was, nil
	}
	l, ours := lease.(*memoryLease)
	if !ours || l.memory != m {
		return nil, errors.New("the lease is of another registry: grant one here")
	}
	if _, lives := m.leases[l]; !lives || !l.kept {
		return nil, ErrLeaseEnded
	}
	return l, nil
}
