package main

import (
	"fmt"
	"runtime"
	"time"
)

// codecWorkload is values to bytes and back, without any connection.
var codecWorkload = workload{
	name:   "codec",
	codecs: codecs,
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:     "Codec",
			about:     "nanoseconds for a chat message of three short strings, 100 strings of 40 bytes, a struct with a field of each sort",
			lowerWins: true,
			format:    nanoseconds,
		}
		for _, c := range w.codecs {
			t.entrants = append(t.entrants, c.entrant)
		}
		for _, shape := range []struct {
			name string
			of   func(codecEntry) codecCase
		}{
			{"chat message", func(c codecEntry) codecCase { return c.chat }},
			{"100 strings", func(c codecEntry) codecCase { return c.lines }},
			{"mixed struct", func(c codecEntry) codecCase { return c.mixed }},
		} {
			for _, row := range []string{shape.name + ", encode", shape.name + ", decode"} {
				t.targets = append(t.targets, target{row, "parley", toFloor, 1.1}, target{row, "parley", toPeer, 1})
			}
			if err := t.addCodecTimes(w, s, shape.name, shape.of); err != nil {
				return nil, err
			}
		}
		return t, nil
	},
}

// addCodecTimes measures two rows, all codecs in turn.
func (t *table) addCodecTimes(w workload, s settings, shape string, of func(codecEntry) codecCase) error {
	for range s.rounds {
		for _, c := range w.codecs {
			work := of(c)
			data, err := work.encode(nil)
			if err != nil {
				return fmt.Errorf("%s: encoding a %s: %w", c.name, shape, err)
			}
			buf := make([]byte, 0, 2*len(data))
			encode, err := timeOf(s.round/8, func() error {
				_, err := work.encode(buf[:0])
				return err
			})
			if err != nil {
				return fmt.Errorf("%s: encoding a %s: %w", c.name, shape, err)
			}
			decode, err := timeOf(s.round/8, func() error { return work.decode(data) })
			if err != nil {
				return fmt.Errorf("%s: decoding a %s: %w", c.name, shape, err)
			}
			t.add(shape+", encode", c.name, encode)
			t.add(shape+", decode", c.name, decode)
		}
	}
	return nil
}

// timeOf runs work for about d and returns how many nanoseconds one run takes.
func timeOf(d time.Duration, work func() error) (float64, error) {
	const batch = 200 // between two looks at the clock
	runtime.GC()
	runs, began := 0, time.Now()
	for time.Since(began) < d {
		for range batch {
			if err := work(); err != nil {
				return 0, err
			}
		}
		runs += batch
	}
	return float64(time.Since(began).Nanoseconds()) / float64(runs), nil
}
