package main

import (
	"bufio"
	"io"
	"net"
)

// pingPong is the floor of one caller: it writes a request and reads the answer itself,
// and so does the server. No goroutine hands anything to another.
//
// A request is uint32 length | uint32 keep | payload, an answer uint32 length | payload.
type pingPong struct{}

func (pingPong) name() string { return "ping-pong" }

// The buffers of a connection are as bufio has them.
func (pingPong) serve(listener net.Listener) (stop func()) {
	return acceptEach(listener, func(conn net.Conn) {
		reader := bufio.NewReader(conn)
		header, payload, out := make([]byte, 8), []byte(nil), []byte(nil)
		for {
			if _, err := io.ReadFull(reader, header); err != nil {
				return
			}
			payload = sized(payload, be.Uint32(header))
			if _, err := io.ReadFull(reader, payload); err != nil {
				return
			}
			kept := payload[:be.Uint32(header[4:])]
			out = append(be.AppendUint32(out[:0], uint32(len(kept))), kept...)
			if _, err := conn.Write(out); err != nil {
				return
			}
		}
	})
}

func (pingPong) dial(address string) (connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return &pingPongConn{Conn: conn, reader: bufio.NewReader(conn)}, nil
}

// A pingPongConn is for one caller.
type pingPongConn struct {
	net.Conn
	reader *bufio.Reader
	out    []byte
	header [4]byte
}

func (c *pingPongConn) call(payload []byte, keep uint32) ([]byte, error) {
	c.out = be.AppendUint32(c.out[:0], uint32(len(payload)))
	c.out = append(be.AppendUint32(c.out, keep), payload...)
	if _, err := c.Write(c.out); err != nil {
		return nil, err
	}
	if _, err := io.ReadFull(c.reader, c.header[:]); err != nil {
		return nil, err
	}
	n := be.Uint32(c.header[:])
	if n == 0 {
		return nil, nil
	}
	kept := make([]byte, n)
	_, err := io.ReadFull(c.reader, kept)
	return kept, err
}

// sized returns buf, or a longer one, with length n.
func sized(buf []byte, n uint32) []byte {
	if uint32(cap(buf)) < n {
		return make([]byte, n)
	}
	return buf[:n]
}
