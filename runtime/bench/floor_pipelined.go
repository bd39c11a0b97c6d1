package main

import (
	"net"
	"sync"
	"sync/atomic"
)

// pipelined is the floor of many callers on one connection: frames that answer each
// other by number, a batching writer on both sides, a goroutine that reads on both sides. The
// server answers on the goroutine that reads, or with a goroutine a request. A writer yields before it
// writes if other calls are under way, or is eager.
type pipelined struct{ spawn, eager bool }

// spawning is the name of the floor with a goroutine a request.
const spawning = "pipelined+go"

func (p pipelined) name() string {
	switch {
	case p.spawn:
		return spawning
	case p.eager:
		return "pipelined eager"
	}
	return "pipelined"
}

func (p pipelined) serve(listener net.Listener) (stop func()) {
	if p.spawn {
		return acceptEach(listener, answerSpawning)
	}
	return acceptEach(listener, answerInline)
}

// answerInline answers all requests that have come, then writes the answers at once.
func answerInline(conn net.Conn) {
	reader := newFrameReader(conn)
	var out []byte
	for {
		f, err := reader.read()
		if err != nil {
			return
		}
		out = appendFrame(out, frame{slot: f.slot, payload: f.payload[:f.keep]})
		if reader.whole() {
			continue
		}
		if _, err := conn.Write(out); err != nil {
			return
		}
		out = out[:0]
	}
}

// answerSpawning gives each request to a goroutine with a copy of its bytes.
func answerSpawning(conn net.Conn) {
	reader, writer := newFrameReader(conn), &batchWriter{conn: conn}
	var running sync.WaitGroup
	defer running.Wait()
	var pending atomic.Int32
	for {
		f, err := reader.read()
		if err != nil {
			return
		}
		f.payload = append([]byte(nil), f.payload...)
		pending.Add(1)
		running.Go(func() {
			answer := frame{slot: f.slot, payload: f.payload[:f.keep]}
			writer.write(answer, pending.Add(-1) > 0) // an error ends the reading too
		})
	}
}

func (p pipelined) dial(address string) (connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	c := &pipelinedConn{writer: batchWriter{conn: conn, eager: p.eager}, done: make(chan struct{})}
	go c.read() // until Close, which waits for it
	return c, nil
}

// A slot is a call under way, and kept for the next.
type slot struct {
	number   uint32
	answered chan error // of capacity 1
	kept     []byte     // the answer, a copy that is the caller's own, written before answered
}

type pipelinedConn struct {
	writer  batchWriter
	pending atomic.Int32
	done    chan struct{} // closed when read has returned

	mu    sync.Mutex
	slots []*slot // all of them, by number
	free  []*slot
	err   error // why no call is possible any more
}

func (c *pipelinedConn) Close() error {
	err := c.writer.conn.Close()
	<-c.done
	return err
}

func (c *pipelinedConn) call(payload []byte, keep uint32) ([]byte, error) {
	s, err := c.take()
	if err != nil {
		return nil, err
	}
	crowded := c.pending.Add(1) > 1
	defer c.pending.Add(-1)
	if err := c.writer.write(frame{s.number, keep, payload}, crowded); err != nil {
		return nil, err
	}
	if err := <-s.answered; err != nil {
		return nil, err
	}
	kept := s.kept
	c.mu.Lock()
	c.free = append(c.free, s)
	c.mu.Unlock()
	return kept, nil
}

func (c *pipelinedConn) take() (*slot, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n := len(c.free) - 1; n >= 0 {
		s := c.free[n]
		c.free = c.free[:n]
		return s, c.err
	}
	s := &slot{number: uint32(len(c.slots)), answered: make(chan error, 1)}
	c.slots = append(c.slots, s)
	return s, c.err
}

// read hands answers to those who wait for them, until the connection ends.
func (c *pipelinedConn) read() {
	defer close(c.done)
	reader := newFrameReader(c.writer.conn)
	for {
		f, err := reader.read()
		c.mu.Lock()
		if err != nil {
			c.fail(err)
			c.mu.Unlock()
			return
		}
		s := c.slots[f.slot]
		c.mu.Unlock()
		s.kept = append([]byte(nil), f.payload...)
		s.answered <- nil
	}
}

// fail ends all calls. It holds the lock.
func (c *pipelinedConn) fail(err error) {
	c.err = err
	for _, s := range c.slots {
		select {
		case s.answered <- err:
		default:
		}
	}
}
