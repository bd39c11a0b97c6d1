package memory

import (
	"context"
	"fmt"
	"net"
	"sync"
)

// backlog is how many connections a listener holds that were dialled and not accepted.
const backlog = 128

// A Listener accepts the connections that are dialled through its Dial. Its methods may be
// called by any number of goroutines at once.
type Listener struct {
	// Prepare, if it is not nil, gets the two ends of each connection before anybody
	// else. It is set before the first Dial.
	Prepare func(dialled, accepted *Conn)

	address Addr
	room    chan struct{} // a value for each connection in dialled, or about to be
	dialled chan net.Conn
	closed  chan struct{}

	mu     sync.Mutex // held while dialled gets something, and while closed is closed
	number int        // of the connections that were dialled
}

var _ net.Listener = (*Listener)(nil)

// Listen returns a listener whose address has that name. It reserves nothing: two may
// have the same.
func Listen(address string) *Listener {
	return &Listener{
		address: Addr(address),
		room:    make(chan struct{}, backlog),
		dialled: make(chan net.Conn, backlog),
		closed:  make(chan struct{}),
	}
}

// Addr returns the address, an [Addr].
func (l *Listener) Addr() net.Addr { return l.address }

// Accept returns the next connection. It fails with [net.ErrClosed] after Close.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.dialled:
		<-l.room
		return conn, nil
	case <-l.closed:
		return nil, &net.OpError{Op: "accept", Net: l.address.Network(), Addr: l.address, Err: net.ErrClosed}
	}
}

// Dial connects to the listener, whatever address says, and returns without waiting for
// Accept, unless 128 connections wait for that already. It has the signature of a dialer, and
// errors like one: a [*net.OpError] of ECONNREFUSED after Close, or of the context's error.
func (l *Listener) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	fail := func(err error) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Net: network, Addr: Addr(address), Err: err}
	}
	if err := l.reserve(ctx); err != nil {
		return fail(err)
	}
	here, there := Pipe(l.next(), l.address)
	if l.Prepare != nil {
		l.Prepare(here, there)
	}
	if !l.queue(there) {
		here.Close()
		there.Close()
		return fail(errRefused)
	}
	return here, nil
}

// reserve waits for room for a connection.
func (l *Listener) reserve(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case l.Closed():
		return errRefused
	}
	select {
	case l.room <- struct{}{}:
		return nil
	case <-l.closed:
		return errRefused
	case <-ctx.Done():
		return ctx.Err()
	}
}

// next returns the address of who dials.
func (l *Listener) next() Addr {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	return Addr(fmt.Sprintf("%s#%d", l.address, l.number))
}

// queue has Accept return conn, unless the listener is closed.
func (l *Listener) queue(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Closed() {
		return false
	}
	l.dialled <- conn // has room
	return true
}

// Closed reports whether Close was called.
func (l *Listener) Closed() bool {
	select {
	case <-l.closed:
		return true
	default:
		return false
	}
}

// Close ends Accept and Dial, and closes the connections that were not accepted. The second Close fails.
func (l *Listener) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Closed() {
		return &net.OpError{Op: "close", Net: l.address.Network(), Addr: l.address, Err: net.ErrClosed}
	}
	close(l.closed)
	for {
		select {
		case conn := <-l.dialled:
			conn.Close()
		default:
			return nil
		}
	}
}
