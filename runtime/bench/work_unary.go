package main

import (
	"fmt"
	"slices"
	"time"
)

var unaryTargets = slices.Concat(
	aim("parley", toFloor, 0.75, "8 × 32 B"),
	aim("parley", toFloor, 0.65, "64 × 32 B", "512 × 32 B"),
	aim("parley", toFloor, 0.7, "64 × 1 KiB"),
	aim("parley", toFloor, 0.9, "64 × 32 KiB"),
	aim("parley", toPeer, 5, "8 × 32 B", "64 × 32 B", "512 × 32 B"),
	aim("parley+workers", toFloor, 0.65, "8 × 32 B", "64 × 32 B", "512 × 32 B"),
	aim("parley+workers", toPeer, 5, "8 × 32 B", "64 × 32 B", "512 × 32 B"),
)

// unaryWorkload is many callers on one connection.
var unaryWorkload = workload{
	name:        "unary",
	contestants: with([]peer{pingPong{}, pipelined{}, pipelined{eager: true}, pipelined{spawn: true}}, sessions...),
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:    "Callers on one connection",
			about:    "calls a second, of which each sends so many bytes and gets them back, client and server in one process; drpc has a connection for each caller",
			format:   perSecond,
			entrants: entrants(w.contestants),
			targets:  unaryTargets,
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		for _, size := range []int{32, 1 << 10, 32 << 10} {
			for _, callers := range []int{1, 8, 64, 512} {
				if err := t.addRates(stands, s, callers, size); err != nil {
					return nil, err
				}
			}
		}
		return t, nil
	},
}

// addRates measures one row.
func (t *table) addRates(stands []*stand, s settings, callers, size int) error {
	row := fmt.Sprintf("%d × %s", callers, bytesText(size))
	payloads := make([][]byte, callers)
	for i := range payloads {
		payloads[i] = pattern(i, size)
	}
	return inTurn(able(stands, callers), s, func(st *stand, d time.Duration, counts bool) error {
		c := st.conn.(caller)
		rate, err := callRate(callers, d, func(i int) error { return echo(c, payloads[i]) })
		if err == nil && counts {
			t.add(row, st.name(), rate)
		}
		return err
	})
}

// able leaves out the stands that cannot have so many callers.
func able(stands []*stand, callers int) []*stand {
	var list []*stand
	for _, st := range stands {
		if _, alone := st.conn.(*pingPongConn); !alone || callers == 1 {
			list = append(list, st)
		}
	}
	return list
}

func bytesText(n int) string {
	if n >= 1<<10 {
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d B", n)
}
