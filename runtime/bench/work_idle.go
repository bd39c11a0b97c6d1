package main

import (
	"slices"
	"time"
)

// idleWorkload is what a connection costs while nothing happens on it.
var idleWorkload = workload{
	name:        "idle",
	contestants: with([]peer{pingPong{}}, sessions[0]),
	run: func(w workload, s settings) (*table, error) {
		t := &table{
			title:     "An idle connection",
			about:     "heap and stacks in use after one call on it, client and server in two processes",
			lowerWins: true,
			format:    kilobytes,
			entrants:  entrants(w.contestants),
			targets:   slices.Concat(aim("parley", itself, 7000, "server"), aim("parley", itself, 6000, "client")),
		}
		for range s.rounds {
			for _, c := range w.contestants {
				if err := guard(c.name(), 0, func() error { return t.addIdle(c, s) }); err != nil {
					return nil, err
				}
			}
		}
		return t, nil
	},
}

// settling is how long connections are left alone before they count as idle: pings and
// delayed hand-backs of buffers have happened by then.
const settling = 300 * time.Millisecond

// addIdle opens many connections, makes a call on each, and takes in what one costs on
// either side. What the first connection brings with it is not counted.
func (t *table) addIdle(c contestant, s settings) error {
	connections := 500
	if s.quick {
		connections = 50
	}
	p, err := enterProcess(c)
	if err != nil {
		return err
	}
	defer p.stop()
	conns := make([]connection, 0, connections+1)
	defer func() {
		for _, conn := range conns {
			conn.Close()
		}
	}()
	if conns, err = appendIdle(conns, p.entry, 1); err != nil {
		return err
	}
	serverBefore, clientBefore, err := p.bothMemories()
	if err != nil {
		return err
	}
	if conns, err = appendIdle(conns, p.entry, connections); err != nil {
		return err
	}
	serverAfter, clientAfter, err := p.bothMemories()
	if err != nil {
		return err
	}
	t.add("server", c.name(), float64(serverAfter-serverBefore)/float64(connections))
	t.add("client", c.name(), float64(clientAfter-clientBefore)/float64(connections))
	return nil
}

// appendIdle dials n more connections and makes a call on each.
func appendIdle(conns []connection, e *entry, n int) ([]connection, error) {
	for range n {
		conn, err := e.dial(e.address)
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
		if err := echo(conn.(caller), pattern(1, latencyPayload)); err != nil {
			return conns, err
		}
	}
	return conns, nil
}

// bothMemories returns what the server's process and this one need, once things have settled.
func (p *process) bothMemories() (server, client int64, err error) {
	time.Sleep(settling)
	server, err = p.memory()
	return server, memory(), err
}
