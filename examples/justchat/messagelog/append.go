package messagelog

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/server"
)

const (
	maxRequests = 1024    // that wait for the writer; more callers wait to get there
	maxBatch    = 4 << 20 // bytes that are written at once, or one request more than that
	trimPeriod  = time.Hour
)

// A request is what one caller wants written.
type request struct {
	records []*justchat.Record
	frames  [][]byte // of each
	size    int
	skip    causal.Vector // or this is to be given up
	done    chan error    // of capacity 1
}

// Append writes records and returns once they are on disk: one fsync for all that are
// appended at once. What the log has already, or does not keep any more, is left out.
// Records may come in any order; they are for readers when nothing of their origin is
// missing before them. They must not change any more, even if ctx ends first.
//
// After a failure of the disk it fails with a *server.Full for ever, and while less than
// the reserve is free, for so long: the last records are not in the log then, though
// after a failed disk they may be when it is opened again. If ctx ends first, they may be
// written or not. Of more than 4 MiB the first may be written. A record that no log can
// hold (an origin of more than 64 bytes, number 0, more than 1 MiB) is another error, and
// nothing is written.
func (l *Log) Append(ctx context.Context, records ...*justchat.Record) error {
	frames := make([][]byte, len(records))
	for i, r := range records {
		if err := checkRecord(r); err != nil {
			return err
		}
		frames[i] = appendRecord(nil, r)
		if len(frames[i]) > frameSize+maxPayload {
			return fmt.Errorf("a record takes %d bytes; a log holds up to %d", len(frames[i]), maxPayload)
		}
	}
	for len(records) > 0 {
		n, size := 0, 0
		for n < len(records) && (n == 0 || size+len(frames[n]) <= maxBatch) {
			size += len(frames[n])
			n++
		}
		err := l.ask(ctx, &request{records: records[:n], frames: frames[:n], size: size, done: make(chan error, 1)})
		if err != nil {
			return err
		}
		records, frames = records[n:], frames[n:]
	}
	return nil
}

// Skip gives up records, up to there: they are not to be had from anyone any more. Seen
// covers them when it returns, and that is on disk. What the log has of them it keeps. Of
// the log's own origin nothing is given up.
func (l *Log) Skip(gone causal.Vector) error {
	skip := gone.Clone()
	delete(skip, l.Origin())
	for origin := range skip {
		if origin == "" || len(origin) > maxOrigin {
			delete(skip, origin)
		}
	}
	return l.ask(context.Background(), &request{skip: skip, done: make(chan error, 1)})
}

// ask has the writer do it.
func (l *Log) ask(ctx context.Context, q *request) error {
	select {
	case l.requests <- q:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.closing:
		return ErrClosed
	}
	select {
	case err := <-q.done:
		return err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-l.closed:
	}
	select {
	case err := <-q.done: // it was the last
		return err
	default:
		return ErrClosed
	}
}

// write is the writer: it serves requests until Close.
func (l *Log) write() {
	defer close(l.closed)
	ticker := time.NewTicker(trimPeriod)
	defer ticker.Stop()
	var buf []byte
	for {
		select {
		case <-l.closing:
			return
		default: // not to begin another batch
		}
		select {
		case q := <-l.requests:
			buf = l.serve(l.collect(q), buf[:0])
		case <-ticker.C:
			l.trim()
		case <-l.closing:
			return
		}
		if cap(buf) > maxBatch {
			buf = nil
		}
	}
}

// collect returns what can be written together with q.
func (l *Log) collect(q *request) []*request {
	batch := []*request{q}
	for size := q.size; size < maxBatch; size += q.size {
		select {
		case q = <-l.requests:
			batch = append(batch, q)
		default:
			return batch
		}
	}
	return batch
}

// An entry is a record that is being written.
type entry struct {
	record *justchat.Record
	offset int // in the batch
}

// serve writes a batch, and answers all who asked for it.
func (l *Log) serve(batch []*request, buf []byte) []byte {
	var entries []entry
	type id struct {
		origin string
		number uint64
	}
	fresh := make(map[id]bool)
	writes := make([]bool, len(batch)) // who wants something written
	skip := make(causal.Vector)
	for i, q := range batch {
		for j, r := range q.records {
			if l.index.has(r) {
				continue
			}
			writes[i] = true
			if fresh[id{r.Origin, r.Number}] {
				continue
			}
			fresh[id{r.Origin, r.Number}] = true
			entries = append(entries, entry{r, len(buf)})
			buf = append(buf, q.frames[j]...)
		}
		if len(q.skip) > 0 && !l.Seen().Covers(q.skip) {
			writes[i] = true
			skip.Add(q.skip)
		}
	}
	var err error
	if len(entries) > 0 {
		err = l.store(entries, buf)
	}
	if err == nil && len(skip) > 0 {
		err = l.skip(skip)
	}
	for i, q := range batch {
		if writes[i] {
			q.done <- err
		} else {
			q.done <- nil
		}
	}
	return buf
}

// store writes data to the last segment, and shows its records to readers.
func (l *Log) store(entries []entry, data []byte) error {
	if err := l.ready(int64(len(data))); err != nil {
		return err
	}
	active := l.segments[len(l.segments)-1]
	offset := active.size
	if err := active.append(data); err != nil {
		return l.fail("writing to the disk", err)
	}
	for _, e := range entries {
		l.show(e.record, active.id, int(offset)+e.offset)
	}
	return nil
}

// show adds to the index a record that is on disk.
func (l *Log) show(r *justchat.Record, segment uint32, offset int) {
	var twin *justchat.Record
	if l.index.once.Seen(r.Message.Client, r.Message.Number) {
		twin = l.twin(r)
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.index.add(r, segment, offset)
	l.index.markRepeat(r, twin)
}

// ready says whether so many bytes may be written, and has a segment for them.
func (l *Log) ready(size int64) error {
	if l.failed != "" {
		return &server.Full{Server: l.id, Reason: l.failed}
	}
	if !l.room(size) {
		return &server.Full{Server: l.id, Reason: "its disk is full"}
	}
	active := l.segments[len(l.segments)-1]
	if active.size == headerSize {
		return nil
	}
	if active.size+size <= l.options.SegmentSize && l.now().Sub(active.begun) < l.options.KeepTime/rollings {
		return nil
	}
	if err := l.roll(); err != nil {
		return l.fail("making a file", err)
	}
	l.trim()
	return nil
}

// room reports whether the reserve is still free after so many bytes more.
func (l *Log) room(size int64) bool {
	if l.options.Reserve < 0 {
		return true
	}
	free, err := l.folder.Free()
	full := err == nil && free >= 0 && free < l.options.Reserve+size
	if full && !l.full {
		l.logger.Error("the disk is full; the log takes nothing more until there is room",
			slog.Int64("free", free), slog.Int64("reserve", l.options.Reserve))
	}
	l.full = full
	return !full
}

// fail has the log take nothing more. What was written before a failed sync may be on
// disk, or not, and another sync would not say.
func (l *Log) fail(what string, err error) error {
	l.failed = fmt.Sprintf("%s failed: %v", what, err)
	l.logger.Error("the log takes nothing more until it is opened again", slog.String("err", l.failed))
	return &server.Full{Server: l.id, Reason: l.failed}
}

// roll begins the next segment.
func (l *Log) roll() error {
	id := uint32(1)
	if len(l.segments) > 0 {
		id = l.segments[len(l.segments)-1].id + 1
	}
	s, err := begin(l.folder, id, l.now())
	if err != nil {
		return err
	}
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.segments = append(l.segments, s)
	return nil
}
