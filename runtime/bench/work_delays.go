package main

import (
	"fmt"
	"slices"
	"time"
)

// delaysWorkload is what a handler that blocks costs the other calls on its connection.
var delaysWorkload = workload{
	name:        "delays",
	contestants: sessions[:1],
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title: "A handler that blocks",
			about: fmt.Sprintf("milliseconds that another's calls take while handlers on the same connection block, %d times in a round and for %v each; %d calls of the method return at once before each time, or none ever does",
				blocks(s), blockTime(s), provingCalls),
			lowerWins: true,
			format:    significant,
			entrants:  entrants(w.contestants),
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		for _, st := range stands {
			d := make(delays)
			if err := d.measure(st, s); err != nil {
				return nil, err
			}
			t.addDelays(d, st.name(), s, nothing, 0)
			t.addDelays(d, st.name(), s, quickBefore, 25)
			t.addDelays(d, st.name(), s, neverQuick, 5)
		}
		return t, nil
	},
}

// What may go on beside the calls that are timed.
const (
	nothing     = "nothing blocks"
	quickBefore = "quick before"
	neverQuick  = "never quick"
)

const (
	// provingCalls is how many calls return at once before one that blocks: many more than it takes to be
	// taken for quick at first.
	provingCalls = 500

	// noticed is the delay in milliseconds from which on a block counts.
	noticed = 5.0

	// handful is how many blocks of one method on one connection may be noticed.
	handful = 5
)

// blockTime is how long a handler blocks.
func blockTime(s settings) time.Duration {
	if s.quick {
		return 200 * time.Millisecond
	}
	return time.Second
}

// blocks is how many handlers block in a round.
func blocks(s settings) int {
	if s.quick {
		return 2
	}
	return 10
}

// delays are how long calls took, by what went on beside them.
type delays map[string]*delay

type delay struct {
	all     []time.Duration
	noticed int // how many times a call took longer than that, in the worst round
}

// measure runs all rounds.
func (d delays) measure(st *stand, s settings) error {
	for range s.rounds {
		for method, quick := range map[string]int{quickBefore: provingCalls, neverQuick: 0} {
			counts := make(map[string]int)
			long := 2*time.Duration(blocks(s))*watchTime + blockTime(s)
			err := guard(st.name(), long, func() error {
				return blockRound(st, s, quick, func(blocks bool, took []time.Duration) {
					d.observe(map[bool]string{false: nothing, true: method}[blocks], took, counts)
				})
			})
			if err != nil {
				return err
			}
			for beside, n := range counts {
				d[beside].noticed = max(d[beside].noticed, n)
			}
		}
	}
	return nil
}

// observe takes in the calls of one watchTime, in order of length, and counts them if
// one was held up.
func (d delays) observe(beside string, took []time.Duration, counts map[string]int) {
	if d[beside] == nil {
		d[beside] = new(delay)
	}
	d[beside].all = append(d[beside].all, took...)
	if milliseconds(took[len(took)-1]) > noticed {
		counts[beside]++
	}
}

// addDelays adds three rows, and what is wanted of them unless bound is 0.
func (t *table) addDelays(d delays, name string, s settings, beside string, bound float64) {
	all := d[beside].all
	slices.Sort(all)
	longest, p99 := beside+", the longest", beside+", p99"
	count := fmt.Sprintf("%s, times over %.0f ms, of %d", beside, noticed, blocks(s))
	t.add(longest, name, milliseconds(all[len(all)-1]))
	t.add(p99, name, milliseconds(percentile(all, 99)))
	t.add(count, name, float64(d[beside].noticed))
	if bound > 0 {
		t.targets = append(t.targets, aim(name, itself, bound, longest, p99)...)
		t.targets = append(t.targets, target{count, name, itself, handful})
	}
}

// A pauser calls a handler that blocks for as long as it is told.
type pauser interface {
	caller
	pause(long time.Duration) error
}

// watchTime is how long another calls, before a handler begins to block and after.
const watchTime = 100 * time.Millisecond

// blockRound has handlers block on a new connection, one after the other: the first ones
// still do when the last begins. It tells observe how long the calls of another caller took, in order of
// length: for a watchTime without a handler that blocks, before the first, and as long after each.
func blockRound(st *stand, s settings, quick int, observe func(blocks bool, took []time.Duration)) error {
	conn, err := st.dial(st.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	c, payload := conn.(pauser), pattern(1, latencyPayload)
	watch := func(blocks bool) error {
		took, err := latencies(watchTime, func() error { return echo(c, payload) })
		if err == nil {
			observe(blocks, took)
		}
		return err
	}
	n := blocks(s)
	for range n {
		if err := watch(false); err != nil {
			return err
		}
	}
	blocked := make(chan error, n) // so that none stays behind after an error
	for range n {
		for range quick {
			if err := c.pause(0); err != nil {
				return err
			}
		}
		go func() { blocked <- c.pause(blockTime(s)) }() // until blocked has it, or the connection is closed
		if err := watch(true); err != nil {
			return err
		}
	}
	for range n {
		if err := <-blocked; err != nil {
			return err
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
