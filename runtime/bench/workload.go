package main

import (
	"cmp"
	"fmt"
	"runtime"
	"time"
)

// A workload is one table.
type workload struct {
	name        string // in -workloads
	contestants []contestant
	codecs      []codecEntry // in place of contestants
	run         func(w workload, s settings) (*table, error)
}

// workloads are all there are, in the order in which they run.
var workloads = []workload{
	latencyWorkload,
	unaryWorkload,
	delaysWorkload,
	allocationsWorkload,
	streamWorkload,
	connectionsWorkload,
	idleWorkload,
	codecWorkload,
}

// settings are what the flags say.
type settings struct {
	rounds int
	round  time.Duration // of one load
	quick  bool          // a look, not a measurement
}

func (s settings) withDefaults() settings {
	rounds, round := 5, 400*time.Millisecond
	if s.quick {
		rounds, round = 3, 30*time.Millisecond
	}
	s.rounds, s.round = cmp.Or(s.rounds, rounds), cmp.Or(s.round, round)
	return s
}

// A stand is a contestant in a running workload: its server and a connection to it.
type stand struct {
	*entry
	conn connection
}

// open starts the servers of all contestants with start and connects to them.
func open(contestants []contestant, start func(contestant) (*entry, error)) (stands []*stand, err error) {
	defer func() {
		if err != nil {
			closeAll(stands)
		}
	}()
	for _, c := range contestants {
		e, err := start(c)
		if err != nil {
			return stands, fmt.Errorf("%s: %w", c.name(), err)
		}
		conn, err := c.dial(e.address)
		if err != nil {
			e.stop()
			return stands, fmt.Errorf("%s: %w", c.name(), err)
		}
		stands = append(stands, &stand{e, conn})
	}
	return stands, nil
}

// elsewhere is enterProcess for open.
func elsewhere(c contestant) (*entry, error) {
	p, err := enterProcess(c)
	if err != nil {
		return nil, err
	}
	return p.entry, nil
}

func closeAll(stands []*stand) {
	for _, s := range stands {
		s.conn.Close()
		s.stop()
	}
}

// inTurn runs load for each stand, once to warm up and then once a round, all of
// them in each round: what the machine does besides meets everybody. load is told how long
// it may take, and whether its result counts.
func inTurn(stands []*stand, s settings, load func(st *stand, d time.Duration, counts bool) error) error {
	for round := range s.rounds + 1 {
		counts, d := round > 0, s.round
		if !counts {
			d = s.round / 4
		}
		for _, st := range stands {
			runtime.GC() // nobody pays for the garbage of the one before
			if err := guard(st.name(), d, func() error { return load(st, d, counts) }); err != nil {
				return err
			}
		}
	}
	return nil
}
