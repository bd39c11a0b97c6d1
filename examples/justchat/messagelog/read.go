package messagelog

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
)

// step is how many records a reader looks up at once, before it reads them from disk
// without the mutex.
const step = 256

// errDropped says that a record has left the log since it was looked up.
var errDropped = errors.New("the record was dropped")

// read returns the record of a key from disk.
func (l *Log) read(k key) (*justchat.Record, error) {
	l.mutex.RLock()
	p, ok := l.index.place(k)
	s := l.segment(p.segment)
	closed := l.segments == nil
	l.mutex.RUnlock()
	if closed {
		return nil, ErrClosed
	}
	if !ok || s == nil {
		return nil, errDropped
	}
	r, err := s.read(p.offset)
	if errors.Is(err, os.ErrClosed) {
		return nil, errDropped
	}
	return r, err
}

// segment returns the segment of that number, or nil.
func (l *Log) segment(id uint32) *segment {
	if len(l.segments) == 0 || id < l.segments[0].id || id > l.segments[len(l.segments)-1].id {
		return nil
	}
	at, ok := slices.BinarySearchFunc(l.segments, id, func(s *segment, id uint32) int { return int(int64(s.id) - int64(id)) })
	if !ok {
		return nil
	}
	return l.segments[at]
}

// readable is read for those who go on without a record that is damaged: it is logged,
// and nil. So is one that has been dropped.
func (l *Log) readable(k key) (*justchat.Record, error) {
	r, err := l.read(k)
	switch {
	case errors.Is(err, ErrClosed):
		return nil, err
	case err != nil && !errors.Is(err, errDropped):
		l.logger.Error("a record cannot be read; it is fetched again when the log is next opened", slog.Any("err", err))
	}
	return r, nil
}

// Since yields the records that somebody who has seen so much lacks, of those that are in
// the log now, each after those that it comes after: in the room's order. A record that
// cannot be read is logged and left out. The one error is ErrClosed, and the last thing
// that is yielded.
func (l *Log) Since(seen causal.Vector) iter.Seq2[*justchat.Record, error] {
	return func(yield func(*justchat.Record, error) bool) {
		seen, upTo := seen.Clone(), l.Seen()
		l.inOrder(l.startOf(seen, upTo), func(k key) bool {
			name := l.index.origins[k.origin].name
			return k.number > seen[name] && k.number <= upTo[name]
		})(yield)
	}
}

// Waiting yields the records that Since leaves out, because others of their origin are
// missing before them: in the room's order, and otherwise like Since.
func (l *Log) Waiting() iter.Seq2[*justchat.Record, error] {
	return l.inOrder(func(key) int { return 1 }, func(k key) bool { return !l.index.shown(k) })
}

// inOrder yields the records that are wanted, from start on. Wanted is asked with the mutex.
func (l *Log) inOrder(start func(key) int, wanted func(key) bool) iter.Seq2[*justchat.Record, error] {
	return func(yield func(*justchat.Record, error) bool) {
		next := start
		for {
			keys := l.rising(next, wanted)
			for _, k := range keys {
				r, err := l.readable(k)
				if r == nil && err == nil {
					continue
				}
				if !yield(r, err) || err != nil {
					return
				}
			}
			if len(keys) < step {
				return
			}
			last := keys[len(keys)-1]
			next = func(k key) int {
				if l.index.compare(k, last) <= 0 {
					return -1
				}
				return 1
			}
		}
	}
}

// startOf returns an order that searches a place before all that somebody lacks: the
// lowest Lamport time of the first of each origin.
func (l *Log) startOf(seen, upTo causal.Vector) func(key) int {
	start := uint64(1<<64 - 1)
	for name := range upTo.Since(seen) {
		if k, ok := l.firstAfter(name, seen[name]); ok {
			if r, err := l.read(k); err == nil {
				start = min(start, r.Lamport)
				continue
			}
			start = 0
		}
	}
	return func(k key) int {
		if k.lamport < start {
			return -1
		}
		return 1
	}
}

// firstAfter returns the first record of an origin after a number.
func (l *Log) firstAfter(name string, number uint64) (key, bool) {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	at, ok := l.index.byName[name]
	if !ok {
		return key{}, false
	}
	for p := range l.index.origins[at].after(number) {
		return key{origin: at, number: p.number}, true
	}
	return key{}, false
}

// rising returns the next keys that are wanted, step of them or all that there are.
func (l *Log) rising(next func(key) int, wanted func(key) bool) (keys []key) {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	for k := range l.index.order.from(next) {
		if wanted(k) {
			if keys = append(keys, k); len(keys) == step {
				break
			}
		}
	}
	return keys
}

// Before returns the last count records of the room's order before r, which need not be
// in the log, nil for the end, in that order, each message once. A record that cannot be
// read is logged and left out. The one error is ErrClosed.
func (l *Log) Before(r *justchat.Record, count int) ([]*justchat.Record, error) {
	return l.lastBefore(context.Background(), r, count, func(*justchat.Record) bool { return true })
}

// Search returns the last count records, in the room's order, whose text has all the
// words, each message once. Upper and lower case are the same. It reads the log from its
// end, for as long as ctx lets it.
func (l *Log) Search(ctx context.Context, words []string, count int) ([]*justchat.Record, error) {
	folded := make([]string, len(words))
	for i, word := range words {
		folded[i] = fold(word)
	}
	return l.lastBefore(ctx, nil, count, func(r *justchat.Record) bool {
		text := fold(r.Message.Text)
		return !slices.ContainsFunc(folded, func(word string) bool { return !strings.Contains(text, word) })
	})
}

// fold is the same for texts that differ in case.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r { // round its orbit once: the lowest
				return next
			}
			r = next
		}
	}, text)
}

// lastBefore returns the last count records before r that match, in the room's order.
func (l *Log) lastBefore(ctx context.Context, r *justchat.Record, count int, match func(*justchat.Record) bool) ([]*justchat.Record, error) {
	next := func(key) int { return -1 }
	if r != nil {
		next = l.index.to(r)
	}
	var found []*justchat.Record
	for len(found) < count {
		keys := l.falling(next)
		if len(keys) == 0 {
			break
		}
		for _, k := range keys {
			r, err := l.readable(k)
			if err == nil {
				err = context.Cause(ctx)
			}
			if err != nil {
				return nil, err
			}
			if r == nil || !match(r) {
				continue
			}
			if found = append(found, r); len(found) == count {
				break
			}
		}
		last := keys[len(keys)-1]
		next = func(k key) int { return l.index.compare(k, last) }
	}
	slices.Reverse(found)
	return found, nil
}

// falling returns the last keys of the history before next, step of them or all that there are.
func (l *Log) falling(next func(key) int) (keys []key) {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	for k := range l.index.order.before(next) {
		if l.index.history(k) {
			if keys = append(keys, k); len(keys) == step {
				break
			}
		}
	}
	return keys
}
