package heartbeat

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"time"
)

// remembered is how many rounds' pings may still be answered. It is more than Misses, so
// that an answer that takes longer than they do says at least that the node lives.
const remembered = 32

// A node is watched. The Monitor's mutex guards it.
type node struct {
	name      string
	id        uint32 // in nonces; it changes with the address
	address   net.Addr
	status    Status
	forgotten bool

	answered bool             // since the last round
	silent   int              // rounds in a row
	open     [remembered]open // pings that may be answered, by round
}

// An open ping has not been answered.
type open struct {
	waits bool
	nonce nonce
}

// A ping is to be sent.
type ping struct {
	to     net.Addr
	packet packet
}

// move has the node pinged elsewhere from the next round on. What comes from where it was
// has the old id, which nobody has any more.
func (n *node) move(id uint32, address net.Addr) {
	n.id, n.address = id, address
	n.silent = 0
	n.answered = true // until the next round it is not asked
}

// rounds makes a round each Interval, counted from the last: one that comes late does not
// take from the time that the next one's answers have.
func (m *Monitor) rounds() {
	codec := newCodec(m.config.Key)
	var buf []byte
	due := time.Now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-m.done:
			return
		case <-timer.C:
		}
		now := time.Now()
		stalled := now.Sub(due) > Slack
		due = now.Add(m.config.Interval)
		for _, p := range m.begin(now, stalled) {
			buf = codec.append(buf[:0], p.packet)
			if _, err := m.conn.WriteTo(buf, p.to); err != nil {
				m.config.Logger.Debug("a ping could not be sent", slog.Any("to", p.to), slog.Any("err", err))
			}
		}
		m.tell()
		timer.Reset(time.Until(due))
	}
}

// begin ends the round before, and returns the pings of this one.
func (m *Monitor) begin(now time.Time, stalled bool) []ping {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.round++
	at := m.round % remembered
	m.sent[at] = now
	m.pings = m.pings[:0]
	for _, n := range m.nodes {
		m.endRound(n, stalled)
		o := open{waits: true, nonce: nonce{node: n.id, round: m.round}}
		rand.Read(o.nonce.random[:])
		n.open[at] = o
		m.pings = append(m.pings, ping{n.address, packet{kind: kindPing, nonce: o.nonce}})
	}
	return m.pings
}

func (m *Monitor) endRound(n *node, stalled bool) {
	switch {
	case n.answered:
		n.silent = 0
	case !stalled:
		n.silent++
	}
	n.answered = false
	if n.silent >= m.config.Misses {
		m.judge(n, false)
	}
}

// receive answers pings, and takes answers, until the connection is closed.
func (m *Monitor) receive() {
	codec := newCodec(m.config.Key)
	in, out := make([]byte, 64<<10), []byte(nil)
	for {
		size, from, err := m.conn.ReadFrom(in)
		if err != nil {
			if errors.Is(err, net.ErrClosed) || !m.pause() {
				return
			}
			continue
		}
		p, ok := codec.read(in[:size])
		switch {
		case !ok:
		case p.kind == kindPing:
			out = codec.append(out[:0], packet{kindAnswer, m.config.State(), p.nonce})
			if _, err := m.conn.WriteTo(out, from); err != nil {
				m.config.Logger.Debug("an answer could not be sent", slog.Any("to", from), slog.Any("err", err))
			}
		case p.kind == kindAnswer:
			m.take(p, time.Now())
			m.tell()
		}
	}
}

// pause waits a while after an error that may go by itself. It is false once the Monitor is closed.
func (m *Monitor) pause() bool {
	select {
	case <-m.done:
		return false
	case <-time.After(m.config.Interval):
		return true
	}
}

// take notes an answer, if it is one to an open ping.
func (m *Monitor) take(p packet, now time.Time) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	n := m.byID[p.nonce.node]
	if n == nil {
		return
	}
	at := p.nonce.round % remembered
	if o := &n.open[at]; !o.waits || o.nonce != p.nonce {
		return
	}
	n.open[at].waits = false
	n.answered = true
	n.status.State = p.state
	n.status.RoundTrip = now.Sub(m.sent[at])
	m.judge(n, true)
}
