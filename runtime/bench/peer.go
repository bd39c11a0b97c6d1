package main

import (
	"net"
	"sync"
)

// A peer is what is measured: a framework, Parley itself, or a floor, which does
// the same by hand and no more than that.
//
// Its server and its client agree on two methods, those of sample/sample.parley: Echo answers with the
// first bytes of what it is sent, and Watch sends a stream. A peer may lack either.
type peer interface {
	// name heads the column of the peer and stands for it in -peers.
	name() string

	// serve answers on listener until stop is called, which closes listener. It is
	// called after the connections have been closed by the side that dialled.
	serve(listener net.Listener) (stop func())

	// dial returns a connection to a server of the same peer. Those that connect when
	// the first call comes may do so.
	dial(address string) (connection, error)
}

// A connection is what dial returns: a caller, a streamer, or both.
type connection interface {
	Close() error
}

// A caller makes unary calls. Any number of goroutines may do so at once, unless the
// peer is in no workload with more than one.
type caller interface {
	connection

	// call sends payload and returns the first keep bytes of it, as they came back. They
	// are the caller's own.
	call(payload []byte, keep uint32) ([]byte, error)
}

// A streamer receives streams.
type streamer interface {
	connection

	// watch asks for so many items of size bytes each, and returns how many bytes came.
	watch(items, size uint32) (received int64, err error)
}

// A lender is a streamer that can lend items to its caller as well.
type lender interface {
	streamer

	// lend is watch, but each item is the caller's only until the next.
	lend(items, size uint32) (received int64, err error)
}

// A contestant is a peer in a workload.
type contestant struct {
	peer
	role            role
	against, beside string // see entrant
}

func (c contestant) entrant() entrant { return entrant{c.name(), c.role, c.against, c.beside} }

// entrants returns the columns for contestants.
func entrants(contestants []contestant) []entrant {
	var list []entrant
	for _, c := range contestants {
		list = append(list, c.entrant())
	}
	return list
}

// frameworks are the peers that do all that a framework does.
func frameworks() []contestant {
	return []contestant{
		{peer: netRPC{}, role: other},
		{peer: grpcPeer{}, role: other},
		{peer: connectPeer{}, role: other},
		{peer: drpcPeer{}, role: other},
		{peer: ttrpcPeer{}, role: other},
	}
}

// sessions are Parley's entries in the workloads on a connection that stays. The one whose handlers
// may run on the reading goroutine is held against the best floor, the other against [spawning].
var sessions = []contestant{
	{peer: sessionPeer{handleInline}, role: ours},
	{peer: sessionPeer{handleAsking}, role: ours, against: spawning},
}

// with returns the contestants of a workload: its floors, what is ours in it, and all
// frameworks.
func with(floors []peer, mine ...contestant) []contestant {
	var all []contestant
	for _, f := range floors {
		all = append(all, contestant{peer: f, role: floor})
	}
	return append(append(all, mine...), frameworks()...)
}

// contestants returns every peer of every workload, each once.
func contestants() []contestant {
	var all []contestant
	known := make(map[string]bool)
	for _, w := range workloads {
		for _, c := range w.contestants {
			if !known[c.name()] {
				known[c.name()] = true
				all = append(all, c)
			}
		}
	}
	return all
}

// listen returns a listener on a free port of the loopback interface.
func listen() (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// An entry is a contestant whose server runs in this process, or in another.
type entry struct {
	contestant
	address string
	stop    func()
}

// enter starts the server of c in this process.
func enter(c contestant) (*entry, error) {
	listener, err := listen()
	if err != nil {
		return nil, err
	}
	return &entry{c, listener.Addr().String(), c.serve(listener)}, nil
}

// acceptEach runs handle for each connection of listener on a goroutine of its own, and
// closes the connection afterwards. stop closes listener and waits for the handlers.
func acceptEach(listener net.Listener, handle func(net.Conn)) (stop func()) {
	var running sync.WaitGroup
	running.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				defer conn.Close()
				handle(conn)
			})
		}
	})
	return func() {
		listener.Close()
		running.Wait()
	}
}
