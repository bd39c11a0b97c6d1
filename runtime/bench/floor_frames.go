package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"runtime"
	"sync"
)

// be is the byte order of the floors.
var be = binary.BigEndian

// readBuffer is what the pipelined floors read into, in bytes.
const readBuffer = 64 << 10

// A frame of the pipelined floors is
//
//	uint32 length | uint32 slot | uint32 keep | payload
//
// where an answer bears the slot of its request, and keep is of no meaning.
type frame struct {
	slot, keep uint32
	payload    []byte // valid until the next one is read
}

const frameHeader = 12

func appendFrame(buf []byte, f frame) []byte {
	buf = be.AppendUint32(buf, uint32(len(f.payload)))
	buf = be.AppendUint32(buf, f.slot)
	buf = be.AppendUint32(buf, f.keep)
	return append(buf, f.payload...)
}

// A frameReader takes frames out of a large buffer, and through another if they do
// not fit.
type frameReader struct {
	*bufio.Reader
	large []byte
}

func newFrameReader(conn net.Conn) *frameReader {
	return &frameReader{Reader: bufio.NewReaderSize(conn, readBuffer)}
}

// whole reports whether the next frame can be read without waiting.
func (r *frameReader) whole() bool {
	if r.Buffered() < frameHeader {
		return false
	}
	header, err := r.Peek(frameHeader)
	return err == nil && r.Buffered() >= frameHeader+int(be.Uint32(header))
}

func (r *frameReader) read() (frame, error) {
	header, err := r.Peek(frameHeader)
	if err != nil {
		return frame{}, err
	}
	n, f := int(be.Uint32(header)), frame{slot: be.Uint32(header[4:]), keep: be.Uint32(header[8:])}
	r.Discard(frameHeader)
	if n > readBuffer {
		r.large = sized(r.large, uint32(n))
		f.payload = r.large
		_, err = io.ReadFull(r, f.payload)
		return f, err
	}
	if f.payload, err = r.Peek(n); err != nil {
		return frame{}, err
	}
	r.Discard(n)
	return f, nil
}

// A batchWriter lets those who write at the same time share a system call: whoever
// finds no writer at work becomes it and writes until the buffer is empty, the others only append. The
// buffer is not bounded; the callers of the benchmark are.
type batchWriter struct {
	conn  net.Conn
	eager bool // does not yield

	mu         sync.Mutex
	buf, spare []byte
	writing    bool
	err        error
}

// write sends f with what others send. crowded says that others are about to: the
// one who becomes the writer then yields once, so that they can append before it writes.
func (w *batchWriter) write(f frame, crowded bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf = appendFrame(w.buf, f)
	if w.writing {
		return w.err
	}
	w.writing = true
	if crowded && !w.eager {
		w.mu.Unlock()
		runtime.Gosched()
		w.mu.Lock()
	}
	for len(w.buf) > 0 && w.err == nil {
		out := w.buf
		w.buf = w.spare[:0]
		w.mu.Unlock()
		_, err := w.conn.Write(out)
		w.mu.Lock()
		w.spare, w.err = out, err
	}
	w.writing = false
	return w.err
}
