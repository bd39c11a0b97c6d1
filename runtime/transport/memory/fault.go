package memory

import "time"

// Delay has what is written from now on, and the news of an end, arrive that much later. Since
// only 64 KiB can be under way, it bounds the throughput too. Zero ends it.
func (d *Direction) Delay(delay time.Duration) {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	d.delay = delay
}

// Hold lets nothing arrive until Release, neither bytes nor the news of an end: so a
// network behaves that is partitioned.
func (d *Direction) Hold() {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	d.held = true
}

// Release ends Hold. What is due arrives at once.
func (d *Direction) Release() {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	d.held = false
	d.settle()
}

// CutAfter breaks the connection when what is under way in this direction and n more bytes
// have arrived; no byte beyond them does. Both ends then get ECONNRESET, the receiver after it
// has read them. What is under way in the other direction at that time is lost. A number below
// zero takes back a cut that was not reached.
func (d *Direction) CutAfter(n int64) {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	if d.left = n; n == 0 {
		d.cut()
	}
}

// cut sends the break on its way.
func (d *Direction) cut() {
	d.lost, d.left = true, -1
	d.send(segment{then: d.pair.reset})
}

// End ends the direction as its sender's CloseWrite does.
func (d *Direction) End() {
	d.pair.mu.Lock()
	defer d.pair.mu.Unlock()
	d.finish()
}

// Reset breaks the connection at once: both ends get ECONNRESET, after they have read what
// has arrived.
func (c *Conn) Reset() {
	c.out.pair.mu.Lock()
	defer c.out.pair.mu.Unlock()
	c.out.pair.reset()
}

// Closed reports whether the connection is of no more use to anybody: it is broken, or
// both ends are closed.
func (c *Conn) Closed() bool {
	p := c.out.pair
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.there.end == errReset || p.back.end == errReset || p.connected[0].closed && p.connected[1].closed
}
