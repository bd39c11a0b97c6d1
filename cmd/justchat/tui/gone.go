package tui

import (
	"io"
	"os"
)

// untilGone returns what reads a terminal, and calls gone when there is nothing to read any more: its window was closed, or the
// line to it broke, and no signal ended the program. Nobody can type then, and Bubble Tea would wait for ever.
func untilGone(terminal io.Reader, gone func()) io.Reader {
	r := watchedReader{terminal, gone}
	if f, ok := terminal.(*os.File); ok {
		return watchedFile{f, r}
	}
	return r
}

type watchedReader struct {
	io.Reader
	gone func()
}

func (r watchedReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err != nil {
		r.gone()
	}
	return n, err
}

// A watchedFile is a file still, which Bubble Tea makes raw, and waits for.
type watchedFile struct {
	*os.File
	reader watchedReader
}

func (f watchedFile) Read(p []byte) (int, error) { return f.reader.Read(p) }
