package heartbeat

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"
)

const (
	Interval = 20 * time.Millisecond // between rounds
	Misses   = 5                     // silent rounds, after which a node is taken for dead
	Slack    = 40 * time.Millisecond // how late a round may come and still count
)

// A State is what a node says of itself with each answer.
type State struct {
	Clients  uint32
	Draining bool
}

// A Status is what is known of a node.
type Status struct {
	Alive     bool
	State     State         // as of the last answer; zero before the first
	RoundTrip time.Duration // of the last answer; zero before the first
}

// A Config makes a Monitor. Only Key has to be there.
type Config struct {
	// Key of the HMAC, the same on all nodes.
	Key []byte
	// State is asked for each answer, and must not block. Nil is the zero State.
	State func() State
	// Verdict is told, one at a time and by turns for each node, that it is taken for
	// dead, and that it answers again. It may call the Monitor, but not Close, and must
	// not block: nothing is heard meanwhile. It may be told of a node that is just being
	// forgotten.
	Verdict  func(name string, alive bool)
	Interval time.Duration // zero is the constant
	Misses   int           // zero is the constant
	Logger   *slog.Logger  // nil is silent
}

// A Monitor answers pings, and pings others, all at once in rounds. Its methods may be
// called at once. It has two goroutines, for however many nodes; Close waits for both.
//
// A round is silent for a node if no answer has come since the round before. Misses
// silent rounds in a row are the verdict that it is dead; the next answer, that it is
// alive. A round that comes more than Slack too late does not count: this process has
// been stalled, and knows nothing of others.
type Monitor struct {
	conn   net.PacketConn
	config Config
	done   chan struct{}
	close  func() error
	group  sync.WaitGroup

	// Of the goroutine that makes rounds.
	pings []ping

	mutex   sync.Mutex
	round   uint32
	sent    [remembered]time.Time // by round
	lastID  uint32
	nodes   map[string]*node
	byID    map[uint32]*node
	pending []verdict // not told yet
	telling bool
}

type verdict struct {
	node  *node
	alive bool
}

// New returns a Monitor that answers on conn, which it takes over. It pings nobody until
// Watch.
func New(conn net.PacketConn, config Config) *Monitor {
	if config.State == nil {
		config.State = func() State { return State{} }
	}
	if config.Verdict == nil {
		config.Verdict = func(string, bool) {}
	}
	if config.Interval == 0 {
		config.Interval = Interval
	}
	if config.Misses == 0 {
		config.Misses = Misses
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Monitor{
		conn: conn, config: config, done: make(chan struct{}),
		nodes: make(map[string]*node), byID: make(map[uint32]*node),
	}
	m.close = sync.OnceValue(func() error {
		close(m.done)
		return conn.Close()
	})
	m.group.Go(m.rounds)
	m.group.Go(m.receive)
	return m
}

// Watch pings a node from now on, at the address, host:port. A node is taken for alive
// until it has missed its rounds. Of a node that is watched already only the address
// changes: what is on its way from the old one does not count. The error says that
// address is none, or that its host cannot be looked up, which takes its time; then
// nothing has changed.
func (m *Monitor) Watch(name, address string) error {
	if _, _, err := net.SplitHostPort(address); err != nil {
		return err // the empty address would resolve, to none
	}
	to, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		return err
	}
	m.mutex.Lock()
	defer m.mutex.Unlock()
	n := m.nodes[name]
	if n == nil {
		n = &node{name: name, status: Status{Alive: true}}
		m.nodes[name] = n
	} else if n.address.String() == to.String() {
		return nil
	}
	delete(m.byID, n.id)
	m.lastID++
	m.byID[m.lastID] = n
	n.move(m.lastID, to)
	return nil
}

// Forget ends Watch.
func (m *Monitor) Forget(name string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if n := m.nodes[name]; n != nil {
		delete(m.nodes, name)
		delete(m.byID, n.id)
		n.forgotten = true
	}
}

// Status returns what is known of a node, and whether it is watched.
func (m *Monitor) Status(name string) (Status, bool) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	n := m.nodes[name]
	if n == nil {
		return Status{}, false
	}
	return n.status, true
}

// Close closes the connection, and returns when nothing more is told to Verdict, or asked
// of State.
func (m *Monitor) Close() error {
	err := m.close()
	m.group.Wait()
	return err
}

// judge notes that the node is alive, or not. The mutex is held; tell comes after it.
func (m *Monitor) judge(n *node, alive bool) {
	if n.status.Alive != alive {
		n.status.Alive = alive
		m.pending = append(m.pending, verdict{n, alive})
	}
}

// tell tells what is pending, unless somebody is about it: one at a time, in order, and
// without the mutex.
func (m *Monitor) tell() {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.telling {
		return
	}
	m.telling = true
	for len(m.pending) > 0 {
		v := m.pending[0]
		m.pending = m.pending[1:]
		if v.node.forgotten {
			continue
		}
		m.mutex.Unlock()
		text := "a node does not answer"
		if v.alive {
			text = "a node answers again"
		}
		m.config.Logger.LogAttrs(context.Background(), slog.LevelInfo, text, slog.String("node", v.node.name))
		m.config.Verdict(v.node.name, v.alive)
		m.mutex.Lock()
	}
	m.telling = false
}
