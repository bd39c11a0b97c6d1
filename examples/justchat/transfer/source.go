package transfer

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/text/unicode/norm"
)

// A Source is a file that is sent. It stays open, so that it is sent as it was if another file takes its path, or none does. Its methods
// may be called at once.
type Source struct {
	file     *os.File
	name     string
	size     int64
	modified time.Time
}

// Open opens a file to be sent. A symbolic link of the person's own is followed. It fails with ErrFolder or
// ErrNoFile, or as os.Open does.
func Open(path string) (*Source, error) {
	info, err := os.Stat(path) // before it is opened: that may wait for ever for a pipe, and rewinds a tape
	if err == nil {
		err = checkRegular(info)
	}
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return NewSource(file)
}

// NewSource is Open for a file that is open; it is the Source's from then on.
func NewSource(file *os.File) (*Source, error) {
	info, err := file.Stat()
	if err == nil {
		err = checkRegular(info)
	}
	if err == nil && info.Size() == 0 {
		err = checkEmpty(file)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	name := norm.NFC.String(filepath.Base(file.Name()))
	return &Source{file: file, name: name, size: info.Size(), modified: info.ModTime()}, nil
}

func checkRegular(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return ErrFolder
	case !info.Mode().IsRegular():
		return ErrNoFile
	}
	return nil
}

// checkEmpty says whether a file that says so is empty. Those that the system makes up as they are read, as in /proc, are not.
func checkEmpty(file *os.File) error {
	if n, err := file.ReadAt(make([]byte, 1), 0); n > 0 || !errors.Is(err, io.EOF) {
		return ErrNoFile
	}
	return nil
}

// Name returns the last element of the path, in NFC. Size returns the bytes that it had when it was opened.
func (s *Source) Name() string { return s.name }
func (s *Source) Size() int64  { return s.size }

// Sum reads the whole file, and calls progress every now and then with how much it has read; progress may be nil. It fails
// with ErrChanged if the file is changed meanwhile, and with ctx's cause.
func (s *Source) Sum(ctx context.Context, progress func(done int64)) (Sum, error) {
	const often = 4 << 20
	hash, done := sha256.New(), int64(0)
	for piece, err := range s.Pieces(0) {
		if err == nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return Sum{}, err
		}
		hash.Write(piece)
		before := done
		done += int64(len(piece))
		if progress != nil && (done/often > before/often || done == s.size) {
			progress(done)
		}
	}
	return Sum(hash.Sum(nil)), nil
}

// Pieces yields the bytes from an offset on, 0 to Size. A piece is good until the next is asked for. It fails with ErrChanged
// if the file has changed since it was opened, by its size or the time of its last change.
func (s *Source) Pieces(offset int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		if offset < 0 || offset > s.size {
			yield(nil, fmt.Errorf("it has %d bytes, and is asked for from %d on", s.size, offset))
			return
		}
		if err := s.checkUnchanged(); err != nil {
			yield(nil, err)
			return
		}
		buf := make([]byte, min(PieceSize, s.size-offset))
		for at := offset; at < s.size; {
			n, err := s.read(buf[:min(PieceSize, s.size-at)], at)
			if err != nil {
				yield(nil, err)
				return
			}
			if !yield(buf[:n], nil) {
				return
			}
			at += int64(n)
		}
	}
}

// read fills buf, and looks only then whether the file is still the same.
func (s *Source) read(buf []byte, at int64) (int, error) {
	n, err := s.file.ReadAt(buf, at)
	switch {
	case errors.Is(err, io.EOF) && n < len(buf):
		return 0, ErrChanged // it was longer
	case err != nil && n < len(buf):
		return 0, withoutPath(err)
	}
	return n, s.checkUnchanged()
}

func (s *Source) checkUnchanged() error {
	info, err := s.file.Stat()
	if err != nil {
		return withoutPath(err)
	}
	if info.Size() != s.size || !info.ModTime().Equal(s.modified) {
		return ErrChanged
	}
	return nil
}

// Close closes the file. Pieces that are being yielded then fail.
func (s *Source) Close() error { return s.file.Close() }
