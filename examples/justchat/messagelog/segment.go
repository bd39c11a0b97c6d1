package messagelog

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// A segment is a file of the log.
type segment struct {
	id    uint32
	file  file
	size  int64
	begun time.Time
}

func segmentName(id uint32) string { return fmt.Sprintf("%0*d.log", segmentWidth, id) }

// segmentID returns the number of a segment's file, and whether it is one.
func segmentID(name string) (uint32, bool) {
	digits, ok := strings.CutSuffix(name, ".log")
	if !ok || len(digits) < segmentWidth {
		return 0, false
	}
	id, err := strconv.ParseUint(digits, 10, 32)
	return uint32(id), err == nil && segmentName(uint32(id)) == name && id > 0
}

// begin makes a segment, which is on disk when it returns.
func begin(d folder, id uint32, now time.Time) (*segment, error) {
	f, err := d.Create(segmentName(id))
	if err != nil {
		return nil, err
	}
	s := &segment{id: id, file: f, size: headerSize, begun: now}
	if _, err = f.WriteAt(appendHeader(nil, now), 0); err == nil {
		if err = f.Sync(); err == nil {
			err = d.Sync()
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return s, nil
}

// append writes data, which is on disk when it returns. After an error the segment is not
// written to again.
func (s *segment) append(data []byte) error {
	n, err := s.file.WriteAt(data, s.size)
	if err != nil {
		return err
	}
	if n < len(data) {
		return io.ErrShortWrite
	}
	if err := s.file.Sync(); err != nil {
		return err
	}
	s.size += int64(len(data))
	return nil
}

// usual is how much is read for a record at once: few are longer.
const usual = 1 << 10

// read returns the record at offset.
func (s *segment) read(offset uint32) (*justchat.Record, error) {
	buf := make([]byte, usual)
	n, err := s.file.ReadAt(buf, int64(offset))
	if err != nil && err != io.EOF {
		return nil, err
	}
	buf = buf[:n]
	if length := frameLength(buf); length > n {
		frame := make([]byte, length)
		copy(frame, buf)
		if _, err := s.file.ReadAt(frame[n:], int64(offset)+int64(n)); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		buf = frame
	}
	r, _, err := readRecord(buf)
	if err != nil {
		return nil, fmt.Errorf("%s, offset %d: %w", segmentName(s.id), offset, err)
	}
	return r, nil
}
