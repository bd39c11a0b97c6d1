package main

import (
	"fmt"
	"slices"
	"time"
)

// streamItem is the size of an item, in bytes.
const streamItem = 32 << 10

// streamWorkload is one stream from the server.
var streamWorkload = workload{
	name: "stream",
	contestants: slices.DeleteFunc(with([]peer{rawBytes{}}, sessions[0]), func(c contestant) bool {
		return c.peer == netRPC{} // it has none
	}),
	run: func(w workload, s settings) (*table, error) {
		size := int64(256 << 20)
		if s.quick {
			size = 16 << 20
		}
		row := fmt.Sprintf("%d MiB in items of 32 KiB", size>>20)
		t := &table{
			title:    "Stream from a server",
			about:    "MB (10⁶ bytes) a second, client and server in one process",
			format:   megabytes,
			entrants: entrants(w.contestants),
			targets:  slices.Concat(aim("parley", toFloor, 0.8, row), aim("parley", toPeer, 2.5, row)),
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		return t, inTurn(stands, s, func(st *stand, _ time.Duration, counts bool) error {
			began := time.Now()
			received, err := st.conn.(streamer).watch(uint32(size/streamItem), streamItem)
			if err == nil && received != size {
				err = fmt.Errorf("%d bytes came, of %d", received, size)
			}
			if err == nil && counts {
				t.add(row, st.name(), float64(size)/time.Since(began).Seconds())
			}
			return err
		})
	},
}
