// Package memory has connections and listeners within one program: what one end writes the
// other reads, through a buffer, with no socket and no port. They behave as those of TCP on a
// good day, deadlines and half-closing among it, and for tests as on a bad one, see
// [Direction].
//
// Whoever waits here waits for a sync.Cond, a channel or a timer, so that in a bubble of
// testing/synctest time passes meanwhile.
package memory

import (
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// An Addr is the name of one end of a connection.
type Addr string

// Network returns "memory".
func (a Addr) Network() string { return "memory" }

// String returns the name.
func (a Addr) String() string { return string(a) }

// A Conn is one end of a connection made by [Pipe]. Any number of goroutines may use it at
// once; the bytes of one Write stay together.
type Conn struct {
	local, remote Addr
	in, out       *Direction

	// The pair's lock guards these.
	closed          bool
	readBy, writeBy deadline
}

var _ net.Conn = (*Conn)(nil)

// A pair is what the two ends of a connection share.
type pair struct {
	mu        sync.Mutex
	there     Direction // from the first end to the second
	back      Direction
	connected [2]Conn
}

// Pipe returns the two ends of a connection, which have those addresses. Each direction holds
// up to 64 KiB that are written and not read; further writes wait.
func Pipe(first, second Addr) (*Conn, *Conn) {
	p := new(pair)
	p.there.begin(p, &p.back)
	p.back.begin(p, &p.there)
	p.connected = [2]Conn{
		{local: first, remote: second, in: &p.back, out: &p.there},
		{local: second, remote: first, in: &p.there, out: &p.back},
	}
	return &p.connected[0], &p.connected[1]
}

// LocalAddr returns the address of this end.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other end.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// Outgoing returns the direction of what this end writes.
func (c *Conn) Outgoing() *Direction { return c.out }

// Read reads what has arrived, for which it waits. It fails with [io.EOF] when the other end
// writes no more, and else with a [*net.OpError]: of [os.ErrDeadlineExceeded], of
// [net.ErrClosed] when this end is closed, of ECONNRESET when the connection broke. What
// arrived before the end is read first, but not after this end was closed.
func (c *Conn) Read(b []byte) (int, error) {
	d := c.in
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	for {
		switch {
		case c.closed:
			return 0, c.fail("read", net.ErrClosed)
		case c.readBy.over:
			return 0, c.fail("read", os.ErrDeadlineExceeded)
		case d.arrived > 0 || len(b) == 0:
			return d.take(b), nil
		case d.end == io.EOF:
			return 0, io.EOF
		case d.end != nil:
			return 0, c.fail("read", d.end)
		}
		d.changed.Wait()
	}
}

// Write waits until all of b has found room. It fails with a [*net.OpError], as Read does, and
// one of EPIPE when the other end is closed or after CloseWrite; n bytes may arrive then.
func (c *Conn) Write(b []byte) (n int, err error) {
	d := c.out
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	mine := false // the turn to write
	for {
		if err = c.mayWrite(); err != nil {
			break
		}
		if mine = mine || !d.writing; mine {
			d.writing = true
			put := d.put(b[n:])
			if n += put; n == len(b) {
				break
			}
			if put > 0 {
				continue // more room there is not, but the connection may have broken
			}
		}
		d.changed.Wait()
	}
	if mine {
		d.writing = false
		d.changed.Broadcast()
	}
	return n, err
}

func (c *Conn) mayWrite() error {
	switch {
	case c.closed:
		return c.fail("write", net.ErrClosed)
	case c.writeBy.over:
		return c.fail("write", os.ErrDeadlineExceeded)
	case c.out.refused != nil:
		return c.fail("write", c.out.refused)
	}
	return nil
}

// CloseWrite ends the direction of what this end writes: the other end reads what is under
// way and then [io.EOF]. It fails if this end is closed.
func (c *Conn) CloseWrite() error {
	c.out.pair.mu.Lock()
	defer c.out.pair.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.out.finish()
	return nil
}

// Close ends both directions and everything that waits at this end. The other end reads what is
// under way and then [io.EOF]; it can no longer write. What this end has not read is lost.
// The second Close fails.
func (c *Conn) Close() error {
	c.out.pair.mu.Lock()
	defer c.out.pair.mu.Unlock()
	if c.closed {
		return c.fail("close", net.ErrClosed)
	}
	c.closed = true
	c.readBy.set(time.Time{}, c.in)
	c.writeBy.set(time.Time{}, c.out)
	c.out.finish()
	c.in.abandon()
	return nil
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	if err := c.SetReadDeadline(t); err != nil {
		return err
	}
	return c.SetWriteDeadline(t)
}

// SetReadDeadline bounds the Reads under way and those to come. Zero is never.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(&c.readBy, c.in, t) }

// SetWriteDeadline bounds the Writes under way and those to come. Zero is never.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.setDeadline(&c.writeBy, c.out, t) }

func (c *Conn) setDeadline(by *deadline, d *Direction, t time.Time) error {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	if c.closed {
		return c.fail("set", net.ErrClosed)
	}
	by.set(t, d)
	return nil
}

func (c *Conn) fail(op string, err error) error {
	return &net.OpError{Op: op, Net: c.local.Network(), Source: c.local, Addr: c.remote, Err: err}
}

// A deadline is that of all Reads or all Writes of an end. The pair's lock guards it.
type deadline struct {
	over   bool
	timer  *time.Timer // or nil
	number int         // of the deadline; a timer of an earlier one may still fire
}

// set makes the deadline t, and wakes who waits for d once it is over.
func (l *deadline) set(t time.Time, d *Direction) {
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.number++
	l.over = !t.IsZero() && !t.After(time.Now())
	if l.over || t.IsZero() {
		d.changed.Broadcast()
		return
	}
	number := l.number
	l.timer = time.AfterFunc(time.Until(t), func() {
		d.pair.mu.Lock()
		defer d.pair.mu.Unlock()
		if l.number == number {
			l.over = true
			d.changed.Broadcast()
		}
	})
}
