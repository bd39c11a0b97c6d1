package transport

import (
	"io"
	"net"
	"sync"
	"syscall"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// readSize holds any frame, and many small ones.
const readSize = frame.HeaderSize + frame.MaxPayload + 64<<10

// firstSize holds most calls and answers.
const firstSize = 512

// readBuffers are buffers that no connection needs at the moment.
var readBuffers = sync.Pool{New: func() any { return new([readSize]byte) }}

// A reader is what whoever reads the connection needs. While nothing has come it has no
// buffer, so an idle connection costs none.
type reader struct {
	raw    syscall.RawConn // or nil, where waiting takes a buffer: first
	first  []byte          // a small one, for the first bytes that come
	buf    *[readSize]byte // nil if filled is 0
	filled int
	frames int   // in the last batch
	err    error // of reading; what came before it is in buf
	ready  func(fd uintptr) bool
}

// begin prepares to read conn, of which head has come already.
func (r *reader) begin(conn net.Conn, head []byte) {
	if socket := socketOf(conn); socket != nil && canPoll {
		if raw, err := socket.SyscallConn(); err == nil {
			r.raw, r.ready = raw, r.readReady
		}
	}
	if r.raw == nil {
		r.first = make([]byte, firstSize)
	}
	if len(head) > 0 {
		r.take()
		r.filled = copy(r.buf[:], head)
	}
}

// socketOf returns conn if it is a bare socket. A type of somebody else's may have a
// socket's methods and a Read of its own.
func socketOf(conn net.Conn) syscall.Conn {
	switch conn := conn.(type) {
	case *net.TCPConn:
		return conn
	case *net.UnixConn:
		return conn
	}
	return nil
}

func (r *reader) take() {
	if r.buf == nil {
		r.buf = readBuffers.Get().(*[readSize]byte)
	}
}

// bytes returns what has come and was not used.
func (r *reader) bytes() []byte {
	if r.buf == nil {
		return nil
	}
	return r.buf[:r.filled]
}

// keep keeps only rest, the end of bytes.
func (r *reader) keep(rest []byte) {
	if r.buf == nil {
		return
	}
	r.filled = copy(r.buf[:], rest)
	if r.filled == 0 {
		readBuffers.Put(r.buf)
		r.buf = nil
	}
}

// fill waits for bytes, or an error. There is room: a whole frame would have been used.
func (r *reader) fill(conn net.Conn) {
	if r.raw == nil {
		r.read(conn)
		return
	}
	if err := r.raw.Read(r.ready); err != nil {
		r.err = err
	}
}

// read waits for the first bytes with a small buffer. Conn keeps what has come beyond it, as
// crypto/tls does with the rest of a record; that is read next, into the large one, if a
// frame is not whole yet.
func (r *reader) read(conn net.Conn) {
	into := r.first
	if r.buf != nil {
		into = r.buf[r.filled:]
	}
	n, err := conn.Read(into)
	if n > 0 && r.buf == nil {
		r.take()
		copy(r.buf[:], into[:n])
	}
	r.filled, r.err = r.filled+n, err
}

// readReady reads from a socket without waiting. It reports false if nothing is there.
func (r *reader) readReady(fd uintptr) bool {
	r.take()
	n, again, err := pollRead(fd, r.buf[r.filled:])
	switch {
	case again:
		r.keep(r.buf[:r.filled])
		return false
	case err != nil:
		r.err = err
	case n == 0:
		r.err = io.EOF
	}
	r.filled += max(n, 0)
	return true
}
