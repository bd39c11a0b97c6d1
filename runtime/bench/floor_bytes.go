package main

import (
	"io"
	"net"
	"sync"
)

// rawBytes is the floor of a stream: the same number of bytes in writes of the same size,
// and nothing between them.
//
// A request is uint32 items | uint32 size.
type rawBytes struct {
	owned bool // the caller reads each item into memory of its own, which it could keep
}

func (p rawBytes) name() string {
	if p.owned {
		return "raw bytes owned"
	}
	return "raw bytes"
}

func (rawBytes) serve(listener net.Listener) (stop func()) {
	return acceptEach(listener, func(conn net.Conn) {
		for {
			request := make([]byte, 8)
			if _, err := io.ReadFull(conn, request); err != nil {
				return
			}
			items, size := be.Uint32(request), be.Uint32(request[4:])
			source := &repeated{item: make([]byte, size), items: items}
			if _, err := io.Copy(conn, source); err != nil {
				return
			}
		}
	})
}

// repeated is a source of items for io.Copy.
type repeated struct {
	item  []byte
	items uint32
}

// Read is what makes it a reader. io.Copy does not call it.
func (r *repeated) Read(p []byte) (int, error) {
	if r.items == 0 {
		return 0, io.EOF
	}
	r.items--
	return copy(p, r.item), nil
}

// WriteTo writes each item as it is.
func (r *repeated) WriteTo(w io.Writer) (written int64, err error) {
	for range r.items {
		n, err := w.Write(r.item)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (p rawBytes) dial(address string) (connection, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	return rawBytesConn{conn, p.owned}, nil
}

type rawBytesConn struct {
	net.Conn
	owned bool
}

func (c rawBytesConn) watch(items, size uint32) (received int64, err error) {
	var request [8]byte
	be.PutUint32(request[:], items)
	be.PutUint32(request[4:], size)
	if _, err := c.Write(request[:]); err != nil {
		return 0, err
	}
	if !c.owned {
		return io.Copy(sink{}, io.LimitReader(c.Conn, int64(items)*int64(size)))
	}
	for range items {
		item := make([]byte, size)
		n, err := io.ReadFull(c.Conn, item)
		received += int64(n)
		if err != nil {
			return received, err
		}
	}
	return received, nil
}

// sinkBuffers hold what a sink reads into.
var sinkBuffers = sync.Pool{New: func() any { return new([64 << 10]byte) }}

// sink is io.Discard with a buffer that is large enough for sockets.
type sink struct{}

// Write drops p.
func (sink) Write(p []byte) (int, error) { return len(p), nil }

// ReadFrom is what io.Copy calls.
func (sink) ReadFrom(r io.Reader) (received int64, err error) {
	buf := sinkBuffers.Get().(*[64 << 10]byte)
	defer sinkBuffers.Put(buf)
	for {
		n, err := r.Read(buf[:])
		received += int64(n)
		if err == io.EOF {
			return received, nil
		}
		if err != nil {
			return received, err
		}
	}
}
