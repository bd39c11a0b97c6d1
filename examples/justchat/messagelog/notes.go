package messagelog

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"strconv"
	"strings"
)

const (
	originFile = "origin"
	goneFile   = "gone"

	newSuffix     = ".new"
	damagedSuffix = ".damaged"
)

var errNote = errors.New("the checksum is wrong")

// writeNote replaces a small text file, with a checksum as its last line.
func writeNote(d folder, name, text string) error {
	sum := crc32.Checksum([]byte(text), castagnoli)
	return replace(d, name, fmt.Appendf(nil, "%schecksum %08x\n", text, sum))
}

// readNote returns the text. It fails with errNote if it is not what was written.
func readNote(d folder, name string) (string, error) {
	data, err := readAll(d, name)
	if err != nil {
		return "", err
	}
	at := bytes.LastIndex(data, []byte("checksum "))
	if at < 0 || string(data[at:]) != fmt.Sprintf("checksum %08x\n", crc32.Checksum(data[:at], castagnoli)) {
		return "", errNote
	}
	return string(data[:at]), nil
}

// readOrigin returns the id of the log, and how often it was opened. Without the file
// they are zero; errNote says that it is damaged.
func readOrigin(d folder) (id string, start uint64, err error) {
	text, err := readNote(d, originFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", 0, nil
	}
	if err != nil {
		return "", 0, err
	}
	if _, err := fmt.Sscanf(text, "%16s %d\n", &id, &start); err != nil {
		return "", 0, errNote
	}
	return id, start, nil
}

func writeOrigin(d folder, id string, start uint64) error {
	return writeNote(d, originFile, fmt.Sprintf("%s %d\n", id, start))
}

func newID() string {
	var id [8]byte
	rand.Read(id[:])
	return fmt.Sprintf("%x", id)
}

// splitOrigin returns the id and the start of an origin.
func splitOrigin(origin string) (id string, start uint64, ok bool) {
	id, rest, ok := strings.Cut(origin, ".")
	if !ok {
		return "", 0, false
	}
	start, err := strconv.ParseUint(rest, 10, 64)
	return id, start, err == nil
}

// writeGone writes what is not kept any more, and the highest Lamport time, which may be
// of such a record:
//
//	lamport 1234
//	gone 17 "0123456789abcdef.3"
func (x *index) writeGone(d folder) error {
	text := fmt.Appendf(nil, "lamport %d\n", x.lamport)
	for name, at := range x.byName {
		if o := x.origins[at]; o.gone > 0 {
			text = fmt.Appendf(text, "gone %d %q\n", o.gone, name)
		}
	}
	return writeNote(d, goneFile, string(text))
}

// readGone reads it back.
func (x *index) readGone(d folder) error {
	text, err := readNote(d, goneFile)
	if err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		var number uint64
		var name string
		if _, err := fmt.Sscanf(line, "gone %d %q\n", &number, &name); err == nil {
			o, _ := x.origin(name)
			o.skip(number)
		} else if _, err := fmt.Sscanf(line, "lamport %d\n", &x.lamport); err != nil {
			return errNote
		}
	}
	return nil
}
