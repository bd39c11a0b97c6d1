package main

import (
	"runtime"
	"slices"
	"time"
)

// allocationsWorkload counts what a call leaves to the garbage collector.
var allocationsWorkload = workload{
	name:        "allocations",
	contestants: with([]peer{pingPong{}, pipelined{}, pipelined{spawn: true}}, sessions[0], contestant{peer: sessionPeer{handleSlow}, role: ours, against: spawning}),
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:     "Allocations of a call",
			about:     "of 32 bytes with an empty reply, both sides together, one caller",
			lowerWins: true,
			format:    significant,
			entrants:  entrants(w.contestants),
			targets:   slices.Concat(aim("parley", itself, 3, "number"), aim("parley slow", itself, 4, "number")),
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		return t, inTurn(stands, s, func(st *stand, _ time.Duration, counts bool) error {
			calls := 2000
			if s.quick {
				calls = 100
			}
			number, size, err := allocations(st.conn.(caller), calls)
			if err == nil && counts {
				t.add("number", st.name(), number)
				t.add("bytes", st.name(), size)
			}
			return err
		})
	},
}

// allocations makes so many calls and returns how many allocations one makes in the
// whole process, and of how many bytes.
func allocations(c caller, calls int) (number, size float64, err error) {
	payload := make([]byte, latencyPayload)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range calls {
		if _, err := c.call(payload, 0); err != nil {
			return 0, 0, err
		}
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / float64(calls), float64(after.TotalAlloc-before.TotalAlloc) / float64(calls), nil
}
