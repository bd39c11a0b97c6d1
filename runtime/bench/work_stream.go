package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"
)

// streamItem is the size of an item, in bytes.
const streamItem = 32 << 10

// streamWorkload is one stream from the server: with items that are the caller's to keep, and with items
// that are lent. Who does not lend has one figure for both.
var streamWorkload = workload{
	name: "stream",
	contestants: slices.DeleteFunc(
		with([]peer{rawBytes{}, rawBytes{owned: true}}, contestant{peer: sessions[0].peer, role: ours, beside: rawBytes{owned: true}.name()}),
		func(c contestant) bool { return c.peer == netRPC{} }), // it has none
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
		}
		for _, row := range []string{row, row + lentRow} {
			t.targets = slices.Concat(t.targets, aim("parley", toFloor, 0.8, row), aim("parley", toPeer, 2.5, row))
		}
		stands, err := open(w.contestants, enter)
		if err != nil {
			return nil, err
		}
		defer closeAll(stands)
		return t, inTurn(stands, s, func(st *stand, _ time.Duration, counts bool) error {
			return streamOnce(t, row, st, size, counts)
		})
	},
}

// lentRow is behind the name of the row whose items are lent.
const lentRow = ", lent"

// streamOnce has st carry size bytes, and notes how fast that went in the rows that it is for.
func streamOnce(t *table, row string, st *stand, size int64, counts bool) error {
	watch := func(watch func(items, size uint32) (int64, error), rows ...string) error {
		began := time.Now()
		received, err := watch(uint32(size/streamItem), streamItem)
		if err == nil && received != size {
			err = fmt.Errorf("%d bytes came, of %d", received, size)
		}
		if err != nil || !counts {
			return err
		}
		speed := float64(size) / time.Since(began).Seconds()
		for _, row := range rows {
			t.add(row, st.name(), speed)
		}
		return nil
	}
	switch conn := st.conn.(type) {
	case lender:
		if err := watch(conn.watch, row); err != nil {
			return err
		}
		runtime.GC() // what was kept is no burden of what is lent
		return watch(conn.lend, row+lentRow)
	case rawBytesConn:
		if conn.owned {
			return watch(conn.watch, row)
		}
	}
	return watch(st.conn.(streamer).watch, row, row+lentRow)
}
