package messagelog

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

const (
	segmentMagic   = "JCLG"
	segmentVersion = 1
	headerSize     = 20

	recordMagic  = "\xf5JC\xfa"
	frameSize    = 12 // before the payload
	maxPayload   = 1 << 20
	maxOrigin    = 64 // bytes of a Record.Origin
	maxSegment   = 1 << 30
	segmentWidth = 8 // digits of a name
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var (
	errHeader = errors.New("the header is damaged")
	errRecord = errors.New("the record is damaged")
)

func appendHeader(buf []byte, begun time.Time) []byte {
	start := len(buf)
	buf = append(buf, segmentMagic...)
	buf = binary.BigEndian.AppendUint32(buf, segmentVersion)
	buf = binary.BigEndian.AppendUint64(buf, uint64(begun.UnixMilli()))
	return binary.BigEndian.AppendUint32(buf, crc32.Checksum(buf[start:], castagnoli))
}

// readHeader returns when the segment was begun.
func readHeader(data []byte) (time.Time, error) {
	if len(data) < headerSize || string(data[:4]) != segmentMagic ||
		crc32.Checksum(data[:16], castagnoli) != binary.BigEndian.Uint32(data[16:]) {
		return time.Time{}, errHeader
	}
	if binary.BigEndian.Uint32(data[4:]) != segmentVersion {
		return time.Time{}, errors.New("the segment is of another version of this program")
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(data[8:]))), nil
}

func appendRecord(buf []byte, r *justchat.Record) []byte {
	start := len(buf)
	buf = append(buf, recordMagic...)
	buf = append(buf, make([]byte, frameSize-len(recordMagic))...)
	buf = justchat.WriteRecord(buf, *r)
	frame := buf[start:]
	binary.BigEndian.PutUint32(frame[4:], uint32(len(frame)-frameSize))
	binary.BigEndian.PutUint32(frame[8:], checksum(frame))
	return buf
}

// checksum is that of a frame: of all but the magic and itself.
func checksum(frame []byte) uint32 {
	sum := crc32.Update(0, castagnoli, frame[4:8])
	return crc32.Update(sum, castagnoli, frame[frameSize:])
}

// frameLength returns how long the record is that data begins with, with its frame, or 0
// if it begins with none. The record may be longer than data.
func frameLength(data []byte) int {
	if len(data) < frameSize || string(data[:4]) != recordMagic {
		return 0
	}
	length := binary.BigEndian.Uint32(data[4:])
	if length > maxPayload {
		return 0
	}
	return frameSize + int(length)
}

// frameOf returns the intact record that data begins with, with its frame, or nil.
func frameOf(data []byte) []byte {
	length := frameLength(data)
	if length == 0 || length > len(data) {
		return nil
	}
	frame := data[:length]
	if checksum(frame) != binary.BigEndian.Uint32(frame[8:]) {
		return nil
	}
	return frame
}

// readRecord reads the record that data begins with. size is its length, with the frame.
func readRecord(data []byte) (r *justchat.Record, size int, err error) {
	frame := frameOf(data)
	if frame == nil {
		return nil, 0, errRecord
	}
	r = new(justchat.Record)
	if err := r.UnmarshalBinary(frame[frameSize:]); err != nil {
		return nil, 0, errRecord
	}
	if checkRecord(r) != nil {
		return nil, 0, errRecord
	}
	return r, len(frame), nil
}

// checkRecord says what no log would have taken.
func checkRecord(r *justchat.Record) error {
	switch {
	case r.Origin == "" || len(r.Origin) > maxOrigin:
		return errors.New("a record's origin has 1 to 64 bytes")
	case r.Number == 0:
		return errors.New("a record's number begins at 1")
	}
	return nil
}

// A piece of a segment is a record, or bytes that are none.
type piece struct {
	offset, size int
	record       *justchat.Record // nil for damage
	torn         bool             // damage that the end of a write may have left behind
}

// scan yields the pieces of what follows a segment's header, one after the other. Damage
// ends where the next intact record begins.
func scan(data []byte, offset int, yield func(piece)) {
	for offset < len(data) {
		rest := data[offset:]
		if r, size, err := readRecord(rest); err == nil {
			yield(piece{offset: offset, size: size, record: r})
			offset += size
			continue
		}
		size := resync(rest)
		yield(piece{offset: offset, size: size, torn: size == len(rest) && torn(rest)})
		offset += size
	}
}

// resync returns how far from here the next intact record begins, or the end. If the
// record here has kept its length, that is after it: what is inside was written by
// others, and may look like a record.
func resync(data []byte) int {
	if length := frameLength(data); length > 0 && length <= len(data) {
		if length == len(data) || frameOf(data[length:]) != nil {
			return length
		}
	}
	for at := 1; at < len(data); at++ {
		next := bytes.Index(data[at:], []byte(recordMagic))
		if next < 0 {
			break
		}
		at += next
		if _, _, err := readRecord(data[at:]); err == nil {
			return at
		}
	}
	return len(data)
}

// torn reports whether data, at the end of a segment, looks like a write that was not
// finished: it breaks off within a record, or is zero from some point on.
func torn(data []byte) bool {
	if len(data) < frameSize {
		magic := data[:min(len(data), len(recordMagic))]
		return bytes.HasPrefix([]byte(recordMagic), magic) || zero(data)
	}
	return frameLength(data) > len(data) || zero(data[len(data)-frameSize:])
}

func zero(data []byte) bool { return len(bytes.Trim(data, "\x00")) == 0 }
