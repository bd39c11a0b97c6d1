package messagelog

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// load reads all segments back into the index, and mends what is wrong with them.
func (l *Log) load() error {
	ids, err := l.segmentIDs()
	if err != nil {
		return err
	}
	if err := l.loadGone(ids); err != nil {
		return err
	}
	var doubtful []*justchat.Record // whose message another record may have
	for i, id := range ids {
		if i > 0 && id != ids[i-1]+1 {
			l.logger.Error("segments of the log are missing",
				slog.String("from", segmentName(ids[i-1]+1)), slog.String("to", segmentName(id-1)))
		}
		s, err := l.loadSegment(id, i == len(ids)-1, &doubtful)
		if err != nil {
			return err
		}
		if s != nil {
			l.segments = append(l.segments, s)
		}
	}
	if l.guessGone {
		l.index.guessGone()
	}
	l.index.order = l.index.order.filtered(func(key) bool { return true }) // packed anew
	for _, r := range doubtful {
		l.settle(r)
	}
	return nil
}

// segmentIDs returns the numbers of the segments, rising, and clears away what was not finished.
func (l *Log) segmentIDs() (ids []uint32, err error) {
	names, err := l.folder.List()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if id, ok := segmentID(name); ok {
			ids = append(ids, id)
		}
		if strings.HasSuffix(name, newSuffix) {
			l.folder.Remove(name)
		}
	}
	slices.Sort(ids)
	return ids, nil
}

// loadGone reads which records are not kept any more. If that is lost, it is guessed
// later from what is there.
func (l *Log) loadGone(ids []uint32) error {
	err := l.index.readGone(l.folder)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		if len(ids) == 0 || ids[0] == 1 {
			return nil
		}
	case errors.Is(err, errNote):
		l.aside(goneFile)
	default:
		return err
	}
	l.logger.Error("a file of the log is lost; records before the first ones that are here are taken for dropped",
		slog.String("file", goneFile), slog.Any("err", err))
	l.index = newIndex()
	l.guessGone = true
	return nil
}

// loadSegment reads one segment. It returns nil for the last one if that holds nothing,
// and is removed.
func (l *Log) loadSegment(id uint32, last bool, doubtful *[]*justchat.Record) (*segment, error) {
	name := segmentName(id)
	f, err := l.folder.Open(name)
	if err != nil {
		return nil, err
	}
	data, bad := readFile(f)
	if bad != nil { // what could be read is worth having
		l.logger.Error("a segment of the log cannot be read to its end; it stays as it is",
			slog.String("file", name), slog.Int("offset", len(data)), slog.Any("err", bad))
		l.sealed = true
	}
	if last && bad == nil && (len(data) < headerSize || len(data) == headerSize && zero(data)) { // it was just being made
		l.logger.Warn("the last file of the log was not begun; it is removed", slog.String("file", name))
		f.Close()
		return nil, l.folder.Remove(name)
	}
	s, err := l.loadRecords(&segment{id: id, file: f, size: int64(len(data))}, data, last, bad == nil, doubtful)
	if err != nil {
		f.Close()
	}
	return s, err
}

// loadRecords reads the records of a segment, of which data could be read. If that is all
// of it, what is wrong with it is mended.
func (l *Log) loadRecords(s *segment, data []byte, last, whole bool, doubtful *[]*justchat.Record) (*segment, error) {
	sound, err := l.loadHeader(s, data)
	if err != nil {
		return nil, err
	}
	var intact []piece
	end := len(data)
	scan(data, min(headerSize, len(data)), func(p piece) {
		at := []any{slog.String("file", segmentName(s.id)), slog.Int("offset", p.offset), slog.Int("bytes", p.size)}
		switch {
		case p.record != nil:
			if added, first := l.index.add(p.record, s.id, p.offset); added && !first {
				*doubtful = append(*doubtful, p.record)
			}
			intact = append(intact, piece{offset: p.offset, size: p.size})
		case p.torn && last && sound && whole:
			l.logger.Warn("the last write to the log was not finished; it is cut off", at...)
			end = p.offset
		default:
			l.logger.Error("the log is damaged; what is lost is fetched from other servers, if they have it", at...)
			sound = false
		}
	})
	switch {
	case !whole:
		return s, nil
	case !sound:
		return l.mend(s, data, intact)
	case end < len(data):
		return s, l.cut(s, end)
	}
	return s, nil
}

// loadHeader reads the header, and reports whether it is as it should be.
func (l *Log) loadHeader(s *segment, data []byte) (sound bool, err error) {
	s.begun, err = readHeader(data)
	if errors.Is(err, errHeader) {
		l.logger.Error("the log is damaged", slog.String("file", segmentName(s.id)),
			slog.Int("offset", 0), slog.Int("bytes", min(headerSize, len(data))))
		s.begun = l.now()
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", segmentName(s.id), err)
	}
	return true, nil
}

// cut ends the segment at offset.
func (l *Log) cut(s *segment, offset int) error {
	if err := s.file.Truncate(int64(offset)); err != nil {
		return err
	}
	s.size = int64(offset)
	return s.file.Sync()
}

// mend keeps the damaged segment under another name, and writes it anew with what is
// intact, where that was. If there is no room for that, it stays as it is, and nothing
// more is written to it.
func (l *Log) mend(s *segment, data []byte, intact []piece) (*segment, error) {
	name := segmentName(s.id)
	fresh := appendHeader(nil, s.begun)
	moved := make(map[int]int, len(intact))
	for _, p := range intact {
		moved[p.offset] = len(fresh)
		fresh = append(fresh, data[p.offset:p.offset+p.size]...)
	}
	err := create(l.folder, name+damagedSuffix, data)
	if err == nil {
		err = replace(l.folder, name, fresh)
	}
	if err != nil {
		l.logger.Error("a damaged segment of the log cannot be set aside; it stays as it is",
			slog.String("file", name), slog.Any("err", err))
		l.sealed = true
		return s, nil
	}
	f, err := l.folder.Open(name)
	if err != nil {
		return nil, err
	}
	s.file.Close()
	l.index.move(s.id, moved)
	return &segment{id: s.id, file: f, size: int64(len(fresh)), begun: s.begun}, nil
}

// aside keeps a damaged file under another name.
func (l *Log) aside(name string) {
	if err := l.folder.Rename(name, name+damagedSuffix); err != nil {
		l.logger.Error("a damaged file cannot be set aside", slog.String("file", name), slog.Any("err", err))
	}
}

// move notes that records of a segment are elsewhere in it, by their offsets.
func (x *index) move(segment uint32, offsets map[int]int) {
	for _, o := range x.origins {
		for _, chunk := range o.records.chunks {
			for i := range chunk {
				if p := &chunk[i]; p.segment == segment {
					p.offset = uint32(offsets[int(p.offset)])
				}
			}
		}
	}
}

// guessGone takes what is before the first record of each origin for gone.
func (x *index) guessGone() {
	for _, o := range x.origins {
		if o.records.count > 0 {
			o.skip(o.records.first().number - 1)
		}
	}
}

// settle finds out what r and the records with the same message are worth: all are in the
// index already.
func (l *Log) settle(r *justchat.Record) {
	for !l.index.repeats[l.index.id(r)] {
		other := l.twin(r)
		if other == nil {
			return
		}
		l.index.markRepeat(r, other)
	}
}

// twin returns the record that has the same message as r and counts so far, or nil. It is
// called by whoever changes the index.
func (l *Log) twin(r *justchat.Record) *justchat.Record {
	x := l.index
	hash := hashMessage(&r.Message)
	for k := range x.order.falling() {
		if k.message != hash || x.repeats[k.id()] || k.number == r.Number && x.origins[k.origin].name == r.Origin {
			continue
		}
		other, err := l.read(k)
		if err == nil && other.Message.Number == r.Message.Number && bytes.Equal(other.Message.Client, r.Message.Client) {
			return other
		}
	}
	return nil
}

// markRepeat notes which of two records with one message does not count: the later in the
// room's order. A nil one is none.
func (x *index) markRepeat(r, other *justchat.Record) {
	if other == nil {
		return
	}
	if causal.Less(r, other) {
		r = other
	}
	x.repeats[x.id(r)] = true
}
