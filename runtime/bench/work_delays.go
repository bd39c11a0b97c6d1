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
			about: fmt.Sprintf("milliseconds that another's calls on the same connection take, of all rounds; %d times in a round a handler blocks %v, and either %d calls of the method have returned at once before each time, or none ever has",
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
			if err := t.addDelays(st, s, "quick before", provingCalls, 25); err != nil {
				return nil, err
			}
			if err := t.addDelays(st, s, "never quick", 0, 5); err != nil {
				return nil, err
			}
		}
		return t, nil
	},
}

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
		return 3
	}
	return 10
}

// addDelays measures the rows of one method, which makes so many quick calls before each
// that blocks.
func (t *table) addDelays(st *stand, s settings, method string, quick int, bound float64) error {
	var all []time.Duration
	worst, most := 0.0, 0
	for range s.rounds {
		delayed := 0
		d := time.Duration(blocks(s))*watchTime + blockTime(s)
		err := guard(st.name(), d, func() error {
			return blockRound(st, s, quick, func(took []time.Duration) {
				slowest := milliseconds(took[len(took)-1])
				worst = max(worst, slowest)
				if slowest > noticed {
					delayed++
				}
				all = append(all, took...)
			})
		})
		if err != nil {
			return err
		}
		most = max(most, delayed)
	}
	slices.Sort(all)
	rows := []string{method + ", the longest", method + ", p99"}
	t.add(rows[0], st.name(), worst)
	t.add(rows[1], st.name(), milliseconds(percentile(all, 99)))
	t.targets = append(t.targets, aim(st.name(), itself, bound, rows...)...)
	count := fmt.Sprintf("%s, blocks that cost over %.0f ms, of %d", method, noticed, blocks(s))
	t.add(count, st.name(), float64(most))
	t.targets = append(t.targets, target{count, st.name(), itself, handful})
	return nil
}

// A pauser calls a handler that blocks for as long as it is told.
type pauser interface {
	caller
	pause(long time.Duration) error
}

// watchTime is how long another calls after a handler has begun to block.
const watchTime = 100 * time.Millisecond

// blockRound has handlers block on a new connection, one every watchTime: the first ones
// still do when the last begins. It tells observe how long the calls took that another caller made
// in each watchTime, in order of length.
func blockRound(st *stand, s settings, quick int, observe func(took []time.Duration)) error {
	conn, err := st.dial(st.address)
	if err != nil {
		return err
	}
	defer conn.Close()
	c, payload := conn.(pauser), pattern(1, latencyPayload)
	n := blocks(s)
	blocked := make(chan error, n) // so that none stays behind after an error
	for range n {
		for range quick {
			if err := c.pause(0); err != nil {
				return err
			}
		}
		go func() { blocked <- c.pause(blockTime(s)) }() // until blocked has it, or the connection is closed
		took, err := latencies(watchTime, func() error { return echo(c, payload) })
		if err != nil {
			return err
		}
		observe(took)
	}
	for range n {
		if err := <-blocked; err != nil {
			return err
		}
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e6 }
