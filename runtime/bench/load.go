package main

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// grace is how long a load may take beyond its time.
const grace = 30 * time.Second

// guard runs f, the load of the peer with that name, which should take about d. One that
// does not end ends the program, with the stacks of all goroutines to tell why.
func guard(name string, d time.Duration, f func() error) error {
	timer := time.AfterFunc(d+grace, func() {
		debug.SetTraceback("all")
		panic(fmt.Sprintf("%s: a load of %v has not ended %v after it should have", name, d, grace))
	})
	defer timer.Stop()
	if err := f(); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// pattern returns n bytes that differ with seed and with their place.
func pattern(seed, n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(seed + i + i>>8)
	}
	return p
}

// echo makes a call that sends payload and fails if something else comes back. Of a long
// answer it looks at the length and at both ends only: comparing all of it would be a good part of the time.
func echo(c caller, payload []byte) error {
	kept, err := c.call(payload, uint32(len(payload)))
	if err != nil {
		return err
	}
	const most = 1 << 10
	n := len(payload)
	if len(kept) != n || !bytes.Equal(kept[:min(n, most)], payload[:min(n, most)]) || !bytes.Equal(kept[max(n-most, 0):], payload[max(n-most, 0):]) {
		return fmt.Errorf("%d bytes were sent, and %d others came back", n, len(kept))
	}
	return nil
}

// callRate has so many callers call as fast as they can for d, and returns their calls
// a second. call is told which caller it is, from 0.
func callRate(callers int, d time.Duration, call func(i int) error) (float64, error) {
	var (
		stop    atomic.Bool
		running sync.WaitGroup
		mu      sync.Mutex
		total   int
		failed  error
	)
	began := time.Now()
	timer := time.AfterFunc(d, func() { stop.Store(true) })
	defer timer.Stop()
	for i := range callers {
		running.Go(func() {
			calls, err := 0, error(nil)
			for err == nil && !stop.Load() {
				err = call(i)
				calls++
			}
			mu.Lock()
			defer mu.Unlock()
			total += calls
			if err != nil {
				failed = err
			}
		})
	}
	running.Wait()
	return float64(total) / time.Since(began).Seconds(), failed
}

// latencies calls one after the other for d, and returns how long each call took, in
// order of length.
func latencies(d time.Duration, call func() error) ([]time.Duration, error) {
	took := make([]time.Duration, 0, 1<<16)
	began := time.Now()
	for last := began; last.Sub(began) < d; {
		if err := call(); err != nil {
			return nil, err
		}
		now := time.Now()
		took = append(took, now.Sub(last))
		last = now
	}
	slices.Sort(took)
	return took, nil
}

// percentile returns the element of sorted below which p of 100 are.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
