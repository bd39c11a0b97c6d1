package classic

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// How long, and for how many bytes, a connection stays after its response for a peer
// that sends more than its request: closing at once would make the kernel answer those bytes with a
// reset, which may destroy the response before the peer has read it.
const (
	lingerTime  = 500 * time.Millisecond
	lingerBytes = 256 << 10
)

// maxHead is how many bytes a session's first read takes in at most, see transport.Accepted.
const maxHead = 64 << 10

// A connection is one at the server: accepted, then begun or closed as the
// first bytes or a shutdown come first, then served, here or as a session, and closed.
type connection struct {
	server *Server
	raw    net.Conn // as it was accepted: what other goroutines may close, since that does not wait
	conn   net.Conn // raw, or TLS on it
	state  atomic.Int32
	Exchange
	surplus  bool // the peer has sent more than its request
	panicked bool // in the handler, or in Done
}

// The states of a connection that Shutdown tells apart.
const (
	accepted int32 = iota // nothing has come
	begun                 // a request is coming, or is being answered
	closed                // by Shutdown, before anything came
)

// closeUnbegun closes the connection if nothing has come on it.
func (c *connection) closeUnbegun() {
	if c.state.CompareAndSwap(accepted, closed) {
		c.raw.Close()
	}
}

// buffers are the storage of a request and its response.
type buffers struct{ request, reply []byte }

var bufferPool = sync.Pool{New: func() any { return new(buffers) }}

// release gives the buffers back, but for one that outgrew every message.
func (b *buffers) release() {
	if cap(b.reply) > 2*MaxMessage {
		b.reply = nil
	}
	bufferPool.Put(b)
}

// errNoReply is what Exchange.Done gets when the handler did not return.
var errNoReply = errors.New("the handler gave no response")

// serve answers the one request of a connection and closes it, or hands it over as a session.
func (a *acceptor) serve(conn net.Conn) {
	s := a.server
	c := &connection{server: s, raw: conn, conn: conn}
	c.Remote = conn.RemoteAddr()
	end := func() {
		c.conn.Close()
		s.removeConn(c)
		<-s.slots
	}
	if !s.addConn(c) {
		conn.Close()
		<-s.slots
		return
	}
	session := false
	defer func() {
		if !session {
			end()
		}
	}()
	defer c.recover()
	conn.SetReadDeadline(time.Now().Add(s.Timeout))
	if s.TLS != nil && !c.handshake() {
		return
	}
	if head := c.request(); head != nil {
		c.conn.SetReadDeadline(time.Time{})
		a.workers.Add(1) // Serve waits for the session too
		s.Session(c.conn, head, func() { end(); a.workers.Done() })
		session = true
	}
}

// request reads the request and answers it. If the peer begins a session in place of one
// it returns what has come.
func (c *connection) request() (head []byte) {
	b := bufferPool.Get().(*buffers)
	defer b.release()
	switch answer := c.read(b); {
	case c.Fault == errPreface && c.server.Session != nil:
		return slices.Clone(b.request)
	case answer:
		c.answer(b)
	}
	return nil
}

// read reads the request. It reports whether the handler should answer, be it for a fault.
func (c *connection) read(b *buffers) bool {
	frame, err := readFrame(c.conn, b.request[:0:min(cap(b.request), maxHead)], c.watch)
	b.request = frame
	size := sealed(frame)
	switch {
	case err != nil:
		c.Fault = c.readFault(frame, err)
	case size == LengthSize:
		c.Fault = errPreface
		if c.server.Session != nil {
			return false
		}
	}
	if c.Fault == nil {
		c.Request, c.surplus = frame[LengthSize:size], len(frame) > size
		return true
	}
	c.surplus = true // or may be, once the fault is answered
	if size >= LengthSize {
		c.Request = frame[LengthSize:min(size, len(frame))]
	}
	return c.report(len(frame), err)
}

// errPreface is a request of no bytes, which cannot be. A session begins so.
var errPreface = errors.New("request of 0 bytes: 00 00 begins a session, this is the classic form only")

// errHello is a request that begins as TLS does.
var errHello = errors.New("a TLS hello, where the classic form is spoken in the clear")

// watch notes that a request has begun, and refuses a TLS hello as soon as it is seen.
func (c *connection) watch(frame []byte) error {
	if c.state.CompareAndSwap(accepted, begun); c.state.Load() == closed {
		return net.ErrClosed
	}
	if len(frame) < sealed(frame) && isHello(frame) {
		return errHello
	}
	return nil
}

// isHello reports whether b begins as a TLS client does: a record of a handshake that is whole in it,
// a hello, for a version of TLS. A classic request of 5,635 bytes can begin with 16 03
// as well, so every byte that is fixed counts.
func isHello(b []byte) bool {
	if len(b) < 11 || b[0] != 0x16 || b[1] != 0x03 || b[5] != 0x01 || b[9] != 0x03 {
		return false
	}
	record := int(b[3])<<8 | int(b[4])
	hello := int(b[6])<<16 | int(b[7])<<8 | int(b[8])
	return record == hello+4
}

// readFault says why a request did not come whole.
func (c *connection) readFault(frame []byte, err error) error {
	var how string
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		how = fmt.Sprintf("stalled, after %v", c.server.Timeout)
	case errors.Is(err, io.EOF):
		how = "ended"
	default:
		return err
	}
	switch size := sealed(frame); {
	case size < 0:
		return fmt.Errorf("request %s with %d of the 2 bytes of its length", how, len(frame))
	case len(frame) >= 3 && frame[0] == 0x16 && frame[1] == 0x03 && frame[2] <= 0x04:
		how += ", having begun as a TLS hello does,"
		fallthrough
	default:
		return fmt.Errorf("request %s with %d of its %d bytes", how, len(frame)-LengthSize, size-LengthSize)
	}
}

// report logs a fault, and reports whether the peer may be there to read an answer.
func (c *connection) report(came int, err error) bool {
	switch {
	case c.state.Load() == closed: // by our own Shutdown
		return false
	case came == 0 && !errors.Is(err, os.ErrDeadlineExceeded):
		c.server.Logger.Debug("connection without a request", "remote", c.Remote.String())
		return false
	}
	c.server.Logger.Warn("classic request refused", "reason", c.Fault.Error(), "remote", c.Remote.String())
	return came > 0 && (err == nil || err == errHello || errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded))
}

// answer lets the handler answer, writes what it says, and closes the connection.
func (c *connection) answer(b *buffers) {
	err := errNoReply
	defer func() { // also when the handler panics or exits
		c.conn.Close()
		if err == errNoReply && !c.panicked {
			c.server.Logger.Error("classic handler ended its goroutine", "remote", c.Remote.String())
		}
		if c.Done != nil {
			c.Done(err)
		}
	}()
	defer c.recover()
	c.Reply = append(b.reply[:0], 0, 0)
	c.server.Handler(c.server.ctx, &c.Exchange)
	b.reply = c.Reply
	if err = c.write(); err != nil {
		c.server.Logger.Warn("classic response not written", "reason", err.Error(), "remote", c.Remote.String())
		return
	}
	if c.surplus {
		c.linger()
	}
}

func (c *connection) write() error {
	if err := seal(c.Reply); err != nil {
		return err
	}
	c.conn.SetWriteDeadline(time.Now().Add(c.server.Timeout))
	_, err := c.conn.Write(c.Reply)
	return err
}

// linger ends the writing side and reads on for a while, see lingerTime.
func (c *connection) linger() {
	half, ok := c.conn.(interface{ CloseWrite() error })
	if !ok || half.CloseWrite() != nil {
		return
	}
	c.conn.SetReadDeadline(time.Now().Add(lingerTime))
	io.CopyN(io.Discard, c.conn, lingerBytes)
}

// recover keeps a panic of the handler, or of Done, from ending the program.
func (c *connection) recover() {
	if p := recover(); p != nil {
		c.panicked = true
		c.server.Logger.Error("classic handler panicked", "panic", p, "remote", c.Remote.String(),
			"stack", string(debug.Stack()))
	}
}
