package capture

import (
	"net/netip"
	"slices"
)

// ends are the two ends of a connection: who sends, who receives.
type ends struct{ from, to netip.AddrPort }

// A table has all connections of a capture.
type table struct {
	open map[ends]*conversation // both ways round
	all  []*conversation
}

// A conversation is a connection whose segments still come.
type conversation struct {
	Connection
	halves [2]half // from the client, from the server
}

// A half is one direction of a connection.
type half struct {
	known   bool      // whether next is
	first   uint32    // number of the first byte that came, or of the SYN
	next    uint32    // number of the byte that is to come next
	waiting []segment // those that came too early, sorted
}

// most is how many segments wait for one before them. Then it counts as lost.
const most = 64

func (t *table) add(s segment) {
	c := t.open[ends{s.from, s.to}]
	if c == nil || s.syn && !s.ack && c.over(s) {
		c = t.begin(s)
	}
	side := 0
	if s.from != c.Client {
		side = 1
	}
	h := &c.halves[side]
	switch {
	case s.syn:
		h.known, h.first, h.next = true, s.seq, s.seq+1
	case !h.known:
		h.known, h.first, h.next = true, s.seq, s.seq
	}
	if len(s.data) == 0 {
		return
	}
	if s.syn {
		s.seq++
	}
	h.wait(s)
	for c.ready(side) {
	}
	if len(h.waiting) > most {
		c.skip(side)
	}
}

// over reports whether a SYN begins another connection between the same ends, and is not only sent again.
func (c *conversation) over(s segment) bool {
	if s.from != c.Client {
		return true
	}
	return c.halves[0].known && c.halves[0].first != s.seq
}

// begin enters the connection that s is the first segment of.
func (t *table) begin(s segment) *conversation {
	client, server := s.from, s.to
	if s.syn && s.ack || !s.syn && client.Port() < server.Port() {
		client, server = server, client
	}
	c := &conversation{Connection: Connection{Client: client, Server: server, Whole: s.syn}}
	t.open[ends{client, server}] = c
	t.open[ends{server, client}] = c
	t.all = append(t.all, c)
	return c
}

// wait puts s among those that wait.
func (h *half) wait(s segment) {
	i, _ := slices.BinarySearchFunc(h.waiting, s, func(a, b segment) int { return int(int32(a.seq - b.seq)) })
	h.waiting = slices.Insert(h.waiting, i, s)
}

// ready takes the first of the waiting segments if it is due, or if all of it has been there already. It reports whether
// another may be.
func (c *conversation) ready(side int) bool {
	h := &c.halves[side]
	if len(h.waiting) == 0 {
		return false
	}
	s := h.waiting[0]
	early := int32(s.seq - h.next)
	if early > 0 {
		return false
	}
	h.waiting = slices.Delete(h.waiting, 0, 1)
	if again := -int64(early); again < int64(len(s.data)) {
		c.take(side, 0, s.data[again:])
	}
	return true
}

// skip goes on at the first of the waiting segments, whatever is lost before it. It reports whether there was one.
func (c *conversation) skip(side int) bool {
	h := &c.halves[side]
	if len(h.waiting) == 0 {
		return false
	}
	s := h.waiting[0]
	h.waiting = slices.Delete(h.waiting, 0, 1)
	lost := int(int32(s.seq - h.next))
	h.next = s.seq
	c.take(side, lost, s.data)
	for c.ready(side) {
	}
	return true
}

func (c *conversation) take(side, lost int, data []byte) {
	c.halves[side].next += uint32(len(data))
	c.Chunks = append(c.Chunks, Chunk{FromServer: side == 1, Lost: lost, Data: data})
}
