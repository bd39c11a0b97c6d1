package memory

import (
	"io"
	"sync"
	"time"
)

// bufferSize, in bytes, bounds what is written in one direction and not read.
const bufferSize = 64 << 10

// A Direction is one of the two directions of a connection. Its methods are faults for
// tests; without them bytes arrive when they are written. They may be called by any number
// of goroutines at once. Whatever they do, bytes arrive in their order.
type Direction struct {
	pair     *pair
	opposite *Direction
	changed  sync.Cond // on pair.mu, as is all below: something is new for who reads or writes

	// The bytes that are written and not read: those from start on. The first of
	// them have arrived, the others are under way.
	buf     []byte
	start   int
	arrived int
	way     []segment
	timer   *time.Timer // for the first segment, or nil

	// The sender.
	writing bool  // a Write has its turn
	refused error // why nothing more can be written, or nil
	lost    bool  // what is written from now on arrives nowhere

	// The receiver.
	end error // what is to be read after what has arrived, or nil

	// Faults.
	delay time.Duration
	held  bool
	left  int64 // bytes until the cut; below zero there is none
}

// A segment is a number of bytes under way, or an event that takes the same way.
type segment struct {
	at   time.Time // before which it does not arrive, and not before those ahead of it
	size int
	then func() // called on arrival, with the lock held; or nil
}

func (d *Direction) begin(p *pair, opposite *Direction) {
	d.pair, d.opposite, d.left = p, opposite, -1
	d.changed.L = &p.mu
}

// take moves what has arrived into b.
func (d *Direction) take(b []byte) int {
	n := copy(b, d.buf[d.start:d.start+d.arrived])
	d.start += n
	d.arrived -= n
	if d.start == len(d.buf) {
		d.buf, d.start = d.buf[:0], 0
	}
	d.changed.Broadcast()
	return n
}

// put takes over as much of b as there is room for, and says how much.
func (d *Direction) put(b []byte) int {
	if d.lost {
		return len(b)
	}
	n := min(len(b), bufferSize-(len(d.buf)-d.start))
	cut := d.left >= 0 && int64(n) >= d.left
	switch {
	case cut:
		n = int(d.left)
	case d.left >= 0:
		d.left -= int64(n)
	}
	if n > 0 {
		d.keep(b[:n])
		d.send(segment{size: n})
	}
	if cut {
		d.cut()
	}
	return n
}

// keep appends b to buf. It moves what is there only when as much has been read since the
// last time, so that moving costs no more than reading.
func (d *Direction) keep(b []byte) {
	if unread := len(d.buf) - d.start; len(d.buf)+len(b) > cap(d.buf) && d.start >= unread {
		d.buf, d.start = d.buf[:copy(d.buf, d.buf[d.start:])], 0
	}
	d.buf = append(d.buf, b...)
}

// send puts s on its way.
func (d *Direction) send(s segment) {
	if d.delay <= 0 && !d.held && len(d.way) == 0 {
		d.arrive(s)
		return
	}
	s.at = time.Now().Add(d.delay)
	d.way = append(d.way, s)
	d.wait()
}

func (d *Direction) arrive(s segment) {
	d.arrived += s.size
	if s.then != nil {
		s.then()
	}
	d.changed.Broadcast()
}

// settle lets arrive what it is time for.
func (d *Direction) settle() {
	now := time.Now()
	for len(d.way) > 0 && !d.held && !d.way[0].at.After(now) {
		s := d.way[0]
		d.way = d.way[1:]
		d.arrive(s)
	}
	d.wait()
}

// wait makes sure that settle is called when it is time.
func (d *Direction) wait() {
	if d.timer != nil || len(d.way) == 0 || d.held {
		return
	}
	d.timer = time.AfterFunc(time.Until(d.way[0].at), func() {
		d.pair.mu.Lock()
		defer d.pair.mu.Unlock()
		d.timer = nil
		d.settle()
	})
}

// finish says that nothing more will be written.
func (d *Direction) finish() {
	if d.refused == nil {
		d.refused = errPipe
	}
	d.send(segment{then: func() {
		if d.end == nil {
			d.end = io.EOF
		}
	}})
	d.changed.Broadcast()
}

// abandon says that nothing more will be read, of which the sender knows once the news has
// gone the other way.
func (d *Direction) abandon() {
	d.lost = true
	d.buf, d.start, d.arrived = nil, 0, 0
	for i := range d.way {
		d.way[i].size = 0
	}
	d.changed.Broadcast()
	d.opposite.send(segment{then: func() {
		if d.refused == nil {
			d.refused = errPipe
		}
		d.changed.Broadcast()
	}})
}

// reset breaks the connection for both ends. What has arrived can be read.
func (p *pair) reset() {
	for _, d := range []*Direction{&p.there, &p.back} {
		d.way = nil
		d.buf = d.buf[:d.start+d.arrived]
		if d.end == nil {
			d.end = errReset
		}
		if d.refused == nil {
			d.refused = errReset
		}
		d.changed.Broadcast()
	}
}
