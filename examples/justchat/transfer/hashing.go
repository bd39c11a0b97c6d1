package transfer

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
	"sync/atomic"
)

// A hashing is the SHA-256 of a file that grows. It reads what was written back from the file, so that it goes on beside the writing without a
// copy of its own of what comes, and bytes that were there before are hashed as those that come.
type hashing struct {
	file io.ReaderAt
	hash hash.Hash
	at   int64 // bytes that are hashed
	buf  []byte
	err  error // of reading
}

func (h *hashing) begin(file io.ReaderAt) {
	*h = hashing{file: file, hash: sha256.New(), buf: h.buf}
	if h.buf == nil {
		h.buf = make([]byte, PieceSize)
	}
}

// follow hashes as far as done, in a goroutine, and looks again when something is sent to more. Stop ends the goroutine,
// wherever it is, and waits for it.
func (h *hashing) follow(done *atomic.Int64) (more chan<- struct{}, stop func()) {
	written, quit, ended := make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go func() { // until stop, which waits for it
		defer close(ended)
		for h.err == nil {
			select {
			case <-quit:
				return
			default:
			}
			if h.at < done.Load() {
				h.next(done.Load())
				continue
			}
			select {
			case <-quit:
				return
			case <-written:
			}
		}
	}()
	return written, func() {
		close(quit)
		<-ended
	}
}

// next hashes one piece more of the file, which has that many bytes.
func (h *hashing) next(size int64) {
	n, err := h.file.ReadAt(h.buf[:min(PieceSize, size-h.at)], h.at)
	h.hash.Write(h.buf[:n])
	h.at += int64(n)
	if n > 0 {
		return
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF // somebody else made it shorter
	}
	h.err = err
}

// sum hashes the rest of a file that has that many bytes, and returns its sum.
func (h *hashing) sum(size int64) (Sum, error) {
	for h.err == nil && h.at < size {
		h.next(size)
	}
	if h.err != nil {
		return Sum{}, h.err
	}
	return Sum(h.hash.Sum(nil)), nil
}
