package runtimetest

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/memory"
)

// A Network is a network in memory, for tests of what serves and calls: addresses are any
// strings, connections behave as those of TCP, and each can be given faults. The zero value
// is ready; any number of goroutines may use it at once.
//
//	var network runtimetest.Network
//	listener, err := network.Listen("server:1")
//	go server.Serve(listener)
//	client := runtime.Dial("server:1", runtime.WithDialer(network.Dial))
//
// Whatever the faults, connections are made at once. Within a bubble of testing/synctest,
// delays cost a test no time.
type Network struct {
	mu        sync.Mutex
	listeners map[string]*memory.Listener
	links     []*Link // that are open, and some that are not
	dialled   int
	faults    func(*Link)
	version   int // of faults
}

// A Link is one connection of a [Network], as the network sees it. Its methods may be
// called by any number of goroutines at once.
type Link struct {
	Address string // that was dialled
	Number  int    // 1 for the network's first connection

	// The directions can be given faults each for itself, by Delay, CutAfter, End, Hold and
	// Release.
	ToServer *memory.Direction // from who dialled to who listens
	ToClient *memory.Direction // back

	conn *memory.Conn
}

// Listen returns a listener that gets the connections dialled to address. It fails if
// another, not closed, has the address.
func (n *Network) Listen(address string) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if old := n.listeners[address]; old != nil && !old.Closed() {
		return nil, &net.OpError{Op: "listen", Net: "memory", Addr: memory.Addr(address), Err: errors.New("address already in use")}
	}
	if n.listeners == nil {
		n.listeners = make(map[string]*memory.Listener)
	}
	l := memory.Listen(address)
	l.Prepare = func(dialled, accepted *memory.Conn) {
		n.add(&Link{Address: address, ToServer: dialled.Outgoing(), ToClient: accepted.Outgoing(), conn: dialled})
	}
	n.listeners[address] = l
	return l, nil
}

// Dial connects to who listens at address; it is for WithDialer of package runtime. Where
// nobody does, the error is a [*net.OpError] of syscall.ECONNREFUSED.
func (n *Network) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	n.mu.Lock()
	l := n.listeners[address]
	n.mu.Unlock()
	if l == nil {
		l = memory.Listen(address)
		l.Close()
	}
	return l.Dial(ctx, network, address)
}

// Faults has set give its faults to every connection: to those that are open at once, and to
// later ones before their first byte. For these it takes the place of what an earlier Faults
// gave; nil leaves them without faults. What set changes in a connection stays until it is
// changed again. It may be called several times for one, and by several goroutines at once.
func (n *Network) Faults(set func(*Link)) {
	n.mu.Lock()
	n.faults = set
	n.version++
	n.mu.Unlock()
	if set == nil {
		return
	}
	for _, l := range n.Links() {
		set(l)
	}
}

// add gives a new connection its faults, those that hold when it is added.
func (n *Network) add(l *Link) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.dialled++
	l.Number = n.dialled
	for version := 0; version != n.version; {
		version = n.version
		if set := n.faults; set != nil {
			n.mu.Unlock()
			set(l)
			n.mu.Lock()
		}
	}
	n.links = append(slices.DeleteFunc(n.links, (*Link).closed), l)
}

// Links returns the open connections, in the order in which they were dialled.
func (n *Network) Links() []*Link {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.links = slices.DeleteFunc(n.links, (*Link).closed)
	return slices.Clone(n.links)
}

// Cut breaks all connections that are open, see [Link.Cut].
func (n *Network) Cut() {
	for _, l := range n.Links() {
		l.Cut()
	}
}

// Cut breaks the connection: what is under way is lost, and both ends then get
// syscall.ECONNRESET. To break it later, see CutAfter of a direction.
func (l *Link) Cut() { l.conn.Reset() }

// Delay has what is written from now on, in either direction, arrive after d.
func (l *Link) Delay(d time.Duration) {
	l.ToServer.Delay(d)
	l.ToClient.Delay(d)
}

// Hold lets nothing arrive in either direction, as behind a partition, until Release.
func (l *Link) Hold() {
	l.ToServer.Hold()
	l.ToClient.Hold()
}

// Release ends Hold: what is due arrives.
func (l *Link) Release() {
	l.ToServer.Release()
	l.ToClient.Release()
}

func (l *Link) closed() bool { return l.conn.Closed() }
