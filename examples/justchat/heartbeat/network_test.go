package heartbeat

import (
	"net"
	"sync"
	"time"
)

// A network carries datagrams between conns in this process, in no time, for synctest.
type network struct {
	mutex sync.Mutex
	conns map[string]*conn
	// carry returns what arrives for a datagram; nil is the datagram itself. It is called
	// one at a time.
	carry func(from, to string, data []byte) [][]byte
}

// A conn is a net.PacketConn of a network.
type conn struct {
	net.PacketConn // nil: what is not here is not called
	network        *network
	address        *net.UDPAddr
	in             chan datagram
	closed         chan struct{}
	once           sync.Once

	mutex sync.Mutex
	stall time.Duration // that each WriteTo takes
}

type datagram struct {
	from net.Addr
	data []byte
}

func (n *network) listen(address string) *conn {
	udp, err := net.ResolveUDPAddr("udp", address)
	if err != nil {
		panic(err)
	}
	c := &conn{network: n, address: udp, in: make(chan datagram, 10_000), closed: make(chan struct{})}
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.conns == nil {
		n.conns = make(map[string]*conn)
	}
	n.conns[address] = c
	return c
}

// set changes how the network carries.
func (n *network) set(carry func(from, to string, data []byte) [][]byte) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.carry = carry
}

// deliver brings a datagram to where it goes, if somebody is there.
func (n *network) deliver(from, to net.Addr, data []byte) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	c := n.conns[to.String()]
	if c == nil {
		return
	}
	arrives := [][]byte{data}
	if n.carry != nil {
		arrives = n.carry(from.String(), to.String(), data)
	}
	for _, data := range arrives {
		select {
		case c.in <- datagram{from, append([]byte(nil), data...)}:
		default:
		}
	}
}

func (c *conn) ReadFrom(buf []byte) (int, net.Addr, error) {
	select {
	case d := <-c.in:
		return copy(buf, d.data), d.from, nil
	case <-c.closed:
		return 0, nil, net.ErrClosed
	}
}

func (c *conn) WriteTo(data []byte, to net.Addr) (int, error) {
	c.mutex.Lock()
	stall := c.stall
	c.mutex.Unlock()
	if stall > 0 {
		time.Sleep(stall) // of the bubble's clock
	}
	c.network.deliver(c.address, to, data)
	return len(data), nil
}

// setStall has each WriteTo take so long.
func (c *conn) setStall(stall time.Duration) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.stall = stall
}

func (c *conn) Close() error {
	c.once.Do(func() {
		close(c.closed)
		c.network.mutex.Lock()
		defer c.network.mutex.Unlock()
		delete(c.network.conns, c.address.String())
	})
	return nil
}
