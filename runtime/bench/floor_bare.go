package main

import (
	"io"
	"net"
	"runtime"
	"sync"
)

// bare is the floor of a connection a call: dial, write, read, close; the server accepts,
// reads, writes, closes, on the goroutine that accepts. The bytes are those of
// [pingPong].
type bare struct{}

func (bare) name() string { return "bare" }

// serve has a few goroutines that accept, so that one call does not wait for another's
// bytes and none pays for a goroutine.
func (bare) serve(listener net.Listener) (stop func()) {
	var running sync.WaitGroup
	for range 4 * runtime.GOMAXPROCS(0) {
		running.Go(func() {
			buf := make([]byte, 1<<16)
			for {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				answerOne(conn, buf)
				conn.Close()
			}
		})
	}
	return func() {
		listener.Close()
		running.Wait()
	}
}

func answerOne(conn net.Conn, buf []byte) {
	n, err := io.ReadAtLeast(conn, buf, 8)
	if err != nil {
		return
	}
	size, keep := int(be.Uint32(buf)), int(be.Uint32(buf[4:]))
	if _, err := io.ReadFull(conn, buf[n:max(n, 8+size)]); err != nil {
		return
	}
	be.PutUint32(buf[4:], uint32(keep)) // the answer's length, right before its bytes
	conn.Write(buf[4 : 8+keep])
}

// dial does nothing: each call dials.
func (bare) dial(address string) (connection, error) { return bareConn{address}, nil }

type bareConn struct{ address string }

func (bareConn) Close() error { return nil }

func (c bareConn) call(payload []byte, keep uint32) ([]byte, error) {
	conn, err := net.Dial("tcp", c.address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	request := make([]byte, 8+len(payload))
	be.PutUint32(request, uint32(len(payload)))
	be.PutUint32(request[4:], keep)
	copy(request[8:], payload)
	if _, err := conn.Write(request); err != nil {
		return nil, err
	}
	answer := make([]byte, 4+keep)
	_, err = io.ReadFull(conn, answer)
	return answer[4:], err
}
