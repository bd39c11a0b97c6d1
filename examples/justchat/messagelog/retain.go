package messagelog

import (
	"log/slog"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat/server"
)

// rollings is into how many segments KeepTime is cut at least, so that what is too old
// can go while newer records stay.
const rollings = 8

// trim drops the segments that need not be kept: while without the oldest there is
// KeepSize, and one that is older than KeepTime. One at a time, so that a clock that
// jumps takes little with it.
func (l *Log) trim() {
	for len(l.segments) > 1 && l.size()-l.segments[0].size >= l.options.KeepSize {
		if !l.drop() {
			return
		}
	}
	if len(l.segments) > 1 && l.now().Sub(l.segments[1].begun) > l.options.KeepTime {
		l.drop()
	}
}

func (l *Log) size() (size int64) {
	for _, s := range l.segments {
		size += s.size
	}
	return size
}

// drop removes the oldest segment, after it is on disk what is gone with it. If only the
// file cannot be removed, that is tried again when the log is next opened.
func (l *Log) drop() bool {
	s := l.segments[0]
	name := segmentName(s.id)
	l.mutex.Lock()
	for _, o := range l.index.origins {
		o.skip(o.highestIn(s.id))
	}
	l.mutex.Unlock()
	if err := l.index.writeGone(l.folder); err != nil {
		l.logger.Error("an old segment of the log cannot be dropped", slog.String("file", name), slog.Any("err", err))
		return false
	}
	records, order := l.index.without(s.id)
	l.mutex.Lock()
	l.segments = l.segments[1:]
	l.index.become(records, order)
	s.file.Close()
	l.mutex.Unlock()
	if err := l.folder.Remove(name); err != nil {
		l.logger.Error("an old segment of the log cannot be removed", slog.String("file", name), slog.Any("err", err))
		return true
	}
	l.folder.Remove(name + damagedSuffix) // if there is one
	l.logger.Info("an old segment of the log was dropped", slog.String("file", name))
	return true
}

// highestIn returns the highest number in a segment, or 0.
func (o *origin) highestIn(segment uint32) (number uint64) {
	for _, chunk := range o.records.chunks {
		for _, p := range chunk {
			if p.segment == segment {
				number = p.number
			}
		}
	}
	return number
}

// skip gives up what nobody has any more.
func (l *Log) skip(gone causal.Vector) error {
	if l.failed != "" {
		return &server.Full{Server: l.id, Reason: l.failed}
	}
	l.mutex.Lock()
	for name, number := range gone {
		o, _ := l.index.origin(name)
		o.skip(number)
	}
	l.mutex.Unlock()
	if err := l.index.writeGone(l.folder); err != nil {
		return l.fail("writing to the disk", err)
	}
	return nil
}
