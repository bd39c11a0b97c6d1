package justchat_test

import (
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// A wire is all that comes to a server and leaves it on connections that others have opened: from clients, and from
// servers. It counts what is carried, stands still where a test says so, and breaks.
type wire struct {
	net.Listener
	in, out atomic.Int64 // bytes to the server, and from it

	mu    sync.Mutex
	moved *sync.Cond // something below has changed
	open  map[*strand]struct{}
	left  int64 // bytes that are carried before all stands still; below zero any number
	still chan struct{}
}

// A strand is one connection.
type strand struct {
	net.Conn
	wire   *wire
	closed bool // the wire's mu guards it
}

func newWire(listener net.Listener) *wire {
	w := &wire{Listener: listener, open: make(map[*strand]struct{}), left: -1}
	w.moved = sync.NewCond(&w.mu)
	return w
}

// Accept implements net.Listener.
func (w *wire) Accept() (net.Conn, error) {
	conn, err := w.Listener.Accept()
	if err != nil {
		return nil, err
	}
	s := &strand{Conn: conn, wire: w}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[s] = struct{}{}
	return s, nil
}

// carried is what went over the wire so far, both ways.
func (w *wire) carried() int64 { return w.in.Load() + w.out.Load() }

// holdAfter has all connections stand still once they have carried so many bytes more, both ways together. What is
// returned is closed when they do.
func (w *wire) holdAfter(bytes int64) (still <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left, w.still = bytes, make(chan struct{})
	return w.still
}

// release has all go on.
func (w *wire) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.left = -1
	w.moved.Broadcast()
}

// cut breaks all connections. New ones may be made.
func (w *wire) cut() {
	w.mu.Lock()
	all := w.open
	w.open = make(map[*strand]struct{})
	w.mu.Unlock()
	for s := range all {
		s.Close()
	}
}

// Read implements net.Conn.
func (s *strand) Read(b []byte) (int, error) {
	n, err := s.Conn.Read(b)
	s.wire.in.Add(int64(n))
	s.pass(n)
	return n, err
}

// Write implements net.Conn.
func (s *strand) Write(b []byte) (int, error) {
	n, err := s.Conn.Write(b)
	s.wire.out.Add(int64(n))
	s.pass(n)
	return n, err
}

// Close implements net.Conn.
func (s *strand) Close() error {
	w := s.wire
	w.mu.Lock()
	s.closed = true
	delete(w.open, s)
	w.moved.Broadcast()
	w.mu.Unlock()
	return s.Conn.Close()
}

// pass counts bytes, and waits while the wire stands still.
func (s *strand) pass(n int) {
	w := s.wire
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left < 0 {
		return
	}
	w.left = max(w.left-int64(n), 0)
	for w.left == 0 && !s.closed {
		select {
		case <-w.still:
		default:
			close(w.still)
		}
		w.moved.Wait()
	}
}

// standsStill waits until a wire that holdAfter was told of does.
func standsStill(p *person, still <-chan struct{}) {
	p.t.Helper()
	select {
	case <-still:
	case <-time.After(patience):
		p.mu.Lock()
		defer p.mu.Unlock()
		p.t.Fatalf("%s: nothing like that has gone over the wire; transfers %+v", p.name, p.transfers)
	}
}
