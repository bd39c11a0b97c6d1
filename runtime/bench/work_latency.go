package main

import (
	"slices"
	"time"
)

// latencyPayload is the size of requests where only the call itself matters, in bytes.
const latencyPayload = 32

// latencyTargets are, where the peer is net/rpc unless another has become faster, to be ahead of
// it by 1.8 times in one process and by 2.5 times in two.
var latencyTargets = slices.Concat(
	aim("parley", toFloor, 1.15, "one process, p50"),
	aim("parley", toFloor, 1.25, "two processes, p50"),
	aim("parley", toPeer, 1/1.8, "one process, p50"),
	aim("parley", toPeer, 1/2.5, "two processes, p50"),
)

// latencyWorkload is one caller that waits for each answer.
var latencyWorkload = workload{
	name:        "latency",
	contestants: with([]peer{pingPong{}}, sessions[0]),
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:     "One caller",
			about:     "time of a call of 32 bytes that come back, client and server in one process and in two",
			lowerWins: true,
			format:    microseconds,
			entrants:  entrants(w.contestants),
			targets:   latencyTargets,
		}
		if err := t.addLatencies(w, s, "one process", enter); err != nil {
			return nil, err
		}
		return t, t.addLatencies(w, s, "two processes", elsewhere)
	},
}

func (t *table) addLatencies(w workload, s settings, row string, start func(contestant) (*entry, error)) error {
	stands, err := open(w.contestants, start)
	if err != nil {
		return err
	}
	defer closeAll(stands)
	payload := pattern(1, latencyPayload)
	err = inTurn(stands, s, func(st *stand, d time.Duration, counts bool) error {
		c := st.conn.(caller)
		took, err := latencies(d, func() error { return echo(c, payload) })
		if err == nil && counts {
			t.add(row+", p50", st.name(), float64(percentile(took, 50).Nanoseconds())/1000)
			t.add(row+", p99", st.name(), float64(percentile(took, 99).Nanoseconds())/1000)
		}
		return err
	})
	slices.Sort(t.rows) // p50 and p99 of one process, then of two
	return err
}
