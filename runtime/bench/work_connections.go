package main

import (
	"fmt"
	"time"
)

// connectionsWorkload is a connection a call.
var connectionsWorkload = workload{
	name:        "connections",
	contestants: with([]peer{bare{}}, contestant{peer: classicPeer{}, role: ours}, sessions[0]),
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:    "A connection a call",
			about:    "dial, call with 32 bytes that come back, close; calls a second, client and server in one process",
			format:   perSecond,
			entrants: entrants(w.contestants),
			targets:  aim("parley classic", toFloor, 0.8, "1 caller", "8 callers"),
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		for _, callers := range []int{1, 8} {
			if err := t.addDialRates(stands, s, callers); err != nil {
				return nil, err
			}
		}
		return t, nil
	},
}

// addDialRates measures one row.
func (t *table) addDialRates(stands []*stand, s settings, callers int) error {
	row := "1 caller"
	if callers > 1 {
		row = fmt.Sprintf("%d callers", callers)
	}
	payload := pattern(1, latencyPayload)
	return inTurn(stands, s, func(st *stand, d time.Duration, counts bool) error {
		rate, err := callRate(callers, d, func(int) error {
			conn, err := st.dial(st.address)
			if err != nil {
				return err
			}
			defer conn.Close()
			return echo(conn.(caller), payload)
		})
		if err == nil && counts {
			t.add(row, st.name(), rate)
		}
		return err
	})
}
