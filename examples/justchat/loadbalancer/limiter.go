package loadbalancer

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// maxTries is how many names, or addresses, a limiter remembers the failures of.
const maxTries = 64 << 10

// A limiter bounds how often somebody may fail, by name or by address. A try
// under way counts as a failure until it is over: who could fail once too often waits
// for the outcome, so many tries at once gain nothing. Its methods may be called at once.
type limiter struct {
	what  string
	limit int // failures a minute; below zero any number
	now   func() time.Time

	mutex sync.Mutex
	tries map[string]*tries
	swept time.Time
}

// tries are those of one name or address.
type tries struct {
	failures float64 // which wear off, limit of them a minute
	at       time.Time
	pending  int
	settled  chan struct{} // closed, and made anew, when a try is over
}

func newLimiter(what string, limit int) *limiter {
	return &limiter{what: what, limit: limit, now: time.Now, tries: make(map[string]*tries)}
}

// begin waits for leave to try, and returns what is to be called with the outcome. The
// error is a *justchat.TooFast, or ctx's.
func (l *limiter) begin(ctx context.Context, key string) (end func(failed bool), err error) {
	if l.limit < 0 {
		return func(bool) {}, nil
	}
	for {
		t, wait, err := l.take(key)
		if err != nil {
			return nil, err
		}
		if wait == nil {
			return func(failed bool) { l.end(key, t, failed) }, nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

// take counts a try as pending, or returns what to wait for.
func (l *limiter) take(key string) (t *tries, wait chan struct{}, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	t = l.tries[key]
	if t == nil {
		l.makeRoom()
		t = &tries{at: l.now(), settled: make(chan struct{})}
		l.tries[key] = t
	}
	l.wear(t)
	switch {
	case t.failures > float64(l.limit)-1:
		excess := t.failures - float64(l.limit) + 1
		seconds := time.Duration(excess/float64(l.limit)*60) + 1
		return nil, nil, &justchat.TooFast{What: l.what, Wait: seconds * time.Second}
	case t.failures+float64(t.pending) > float64(l.limit)-1:
		return nil, t.settled, nil
	}
	t.pending++
	return t, nil, nil
}

func (l *limiter) end(key string, t *tries, failed bool) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.wear(t)
	t.pending--
	if failed {
		t.failures++
	}
	close(t.settled)
	t.settled = make(chan struct{})
	if t.pending == 0 && t.failures == 0 {
		delete(l.tries, key)
	}
}

// wear takes off what the time since then is worth.
func (l *limiter) wear(t *tries) {
	now := l.now()
	if passed := now.Sub(t.at); passed > 0 {
		t.failures -= passed.Minutes() * float64(l.limit)
	}
	if t.failures < 1e-6 {
		t.failures = 0
	}
	t.at = now
}

// makeRoom forgets what is worn off, and if that is not enough, anybody without a try under way.
func (l *limiter) makeRoom() {
	if len(l.tries) < maxTries {
		return
	}
	if now := l.now(); now.Sub(l.swept).Abs() > time.Second { // it takes a while
		l.swept = now
		for key, t := range l.tries {
			if l.wear(t); t.pending == 0 && t.failures == 0 {
				delete(l.tries, key)
			}
		}
	}
	for key, t := range l.tries {
		if len(l.tries) < maxTries {
			return
		}
		if t.pending == 0 {
			delete(l.tries, key)
		}
	}
}

// network returns what stands for the holder of an address: the address, of IPv6
// the network of 64 bits, since who has one address there has them all.
func network(host string) string {
	address, err := netip.ParseAddr(host)
	if err != nil || address.Unmap().Is4() {
		return host
	}
	prefix, _ := address.WithZone("").Prefix(64)
	return prefix.String()
}
