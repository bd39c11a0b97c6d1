package classic

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// errPlain is a request in the clear.
var errPlain = errors.New("this port is for TLS, which the client does not speak")

// handshake makes the connection a TLS one, in the time that it has for its request. It reports
// whether it is; if not, that is logged, and a classic client in the clear has been answered.
//
// It runs on the connection's own goroutine, so a peer that stalls holds up nobody else.
func (c *connection) handshake() bool {
	c.raw.SetWriteDeadline(time.Now().Add(c.server.Timeout)) // the one for reading is set
	var head [LengthSize]byte
	if _, err := io.ReadFull(c.raw, head[:]); err != nil {
		c.refuse(err)
		return false
	}
	if head[0] != recordType { // crypto/tls would wait for more than a small request has
		c.refusePlain(head)
		return false
	}
	secure := tls.Server(&headed{c.raw, head[:]}, c.server.TLS)
	if err := secure.Handshake(); err != nil {
		c.refuse(err)
		c.linger() // else the kernel's reset may destroy the alert that says why
		return false
	}
	c.raw.SetWriteDeadline(time.Time{})
	state := secure.ConnectionState()
	c.conn, c.TLS = secure, &state
	return true
}

// recordType is the first byte of a handshake.
const recordType = 0x16

// A headed is a connection of which head was read already.
type headed struct {
	net.Conn
	head []byte
}

func (h *headed) Read(b []byte) (int, error) {
	if len(h.head) > 0 {
		n := copy(b, h.head)
		h.head = h.head[n:]
		return n, nil
	}
	return h.Conn.Read(b)
}

// refusePlain answers a client that does not speak TLS, if it could read that: one
// that begins a session would take it for a peer without sessions.
func (c *connection) refusePlain(head [LengthSize]byte) {
	c.refuse(errPlain)
	c.surplus = true
	if sealed(head[:]) == LengthSize {
		c.linger()
		return
	}
	c.Fault = errPlain
	b := bufferPool.Get().(*buffers)
	defer b.release()
	c.answer(b)
}

// refuse logs why there is no TLS.
func (c *connection) refuse(err error) {
	switch {
	case c.server.isClosing(): // which closes what has not begun
		return
	case errors.Is(err, io.EOF):
		c.server.Logger.Debug("connection without a TLS handshake", "remote", c.Remote.String())
		return
	case errors.Is(err, os.ErrDeadlineExceeded):
		err = fmt.Errorf("TLS handshake stalled, after %v", c.server.Timeout)
	case err != errPlain:
		err = fmt.Errorf("TLS handshake: %w", err)
	}
	c.server.Logger.Warn("TLS connection refused", "reason", err.Error(), "remote", c.Remote.String())
}
