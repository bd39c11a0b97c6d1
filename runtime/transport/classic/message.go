package classic

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"time"
)

// Numbers of the classic form.
const (
	LengthSize     = 2                // bytes of the length that precedes a message
	MaxMessage     = 0xFFFF           // bytes of the longest message, its length not counted
	DefaultTimeout = 10 * time.Second // of a client's call, and of a server's reading and writing
)

// bufferSize holds most requests and responses, so that one read takes them in.
const bufferSize = 4096

// A SizeError says that a message is too long for the classic form. Nothing was sent.
type SizeError struct {
	Size int // bytes of the message
}

// Error names the message's size and the largest there is.
func (e *SizeError) Error() string {
	return fmt.Sprintf("%d bytes, the classic form carries at most %d", e.Size, MaxMessage)
}

// seal writes the length of the message in frame into the room before it.
func seal(frame []byte) error {
	size := len(frame) - LengthSize
	if size > MaxMessage {
		return &SizeError{size}
	}
	binary.BigEndian.PutUint16(frame, uint16(size))
	return nil
}

// sealed returns how long a frame is that begins with the given bytes, or -1 as long as its length
// is not there.
func sealed(frame []byte) int {
	if len(frame) < LengthSize {
		return -1
	}
	return LengthSize + int(binary.BigEndian.Uint16(frame))
}

// readFrame reads a length and its message into buf's storage, or into larger storage
// if it must. It asks for as much as there is room for, so that a small frame takes one
// read; what it returns may therefore be longer than the frame. After each read it shows what
// has come to watch, which may end the reading. With an error it returns what came before.
func readFrame(r io.Reader, buf []byte, watch func(frame []byte) error) ([]byte, error) {
	frame := slices.Grow(buf[:0], bufferSize)
	for {
		n, err := r.Read(frame[len(frame):cap(frame)])
		frame = frame[:len(frame)+n]
		size := sealed(frame)
		whole := size >= 0 && len(frame) >= size
		if n > 0 && watch != nil {
			if err := watch(frame); err != nil {
				return frame, err
			}
		}
		switch {
		case whole:
			return frame, nil
		case err != nil:
			return frame, err
		case size > cap(frame):
			frame = slices.Grow(frame, size-len(frame))
		}
	}
}
