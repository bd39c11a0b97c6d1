package shiviz

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"
	"unicode"
)

const (
	flushEvery = time.Second
	// flushAt is how many bytes wait before they are written, without waiting for the second.
	flushAt = 64 << 10
	// maxWaiting is how many bytes may wait for the disk. With more the log ends, since an
	// event that is left out makes those after it worthless.
	maxWaiting = 8 << 20
)

// A Log is one node's. Its methods may be called at once. A nil *Log does nothing.
//
// Events are written within a second, and on Close; a process that is killed loses
// the last ones. If the disk fails, the log ends there, slog hears of it once, and
// Close returns it; clocks go on.
type Log struct {
	host string
	file *os.File

	kick chan struct{} // has an entry when there is enough to write
	stop chan struct{} // closed by Close
	done chan struct{} // closed when the writer has ended

	closing sync.Once
	mutex   sync.Mutex
	clock   clock
	waiting []byte // of events that are not written yet
	ended   error  // why the log takes no more events, or nil
}

var errClosed = errors.New("the log is closed")

// Create begins a log for a host at the end of file, which it makes if need be. The
// host's name gets what makes a restarted process another host; what cannot
// stand in a name becomes _. The log is to be closed.
func Create(file, host string) (*Log, error) {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, fmt.Errorf("ShiViz log: %w", err)
	}
	suffix := make([]byte, 4)
	rand.Read(suffix)
	host = hostName(host)
	l := &Log{
		host: host[:min(len(host), maxHost-9)] + "-" + hex.EncodeToString(suffix),
		file: f,
		kick: make(chan struct{}, 1),
		stop: make(chan struct{}),
		done: make(chan struct{}),
	}
	l.clock = clock{l.host: 0}
	l.waiting = mendTail(f)
	go l.write() // Close waits for it
	return l, nil
}

// mendTail returns what has to come before the first event: a line end, if
// the process that wrote to the file before was killed within a line.
func mendTail(f *os.File) []byte {
	last := []byte{'\n'}
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		f.ReadAt(last, info.Size()-1)
	}
	if last[0] == '\n' {
		return nil
	}
	return []byte{'\n'}
}

// Event logs something that happened on this host alone. What ctx says does not matter.
func (l *Log) Event(_ context.Context, text string) {
	if l != nil {
		l.event(text, nil)
	}
}

// event logs an event that knows of what seen does, and returns the clock to be carried.
func (l *Log) event(text string, seen clock) (carried string) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.clock.take(seen, l.host)
	l.clock[l.host]++
	carried = l.clock.carried(l.host)
	if l.ended != nil {
		return carried
	}
	l.waiting = append(l.waiting, line(text)...)
	l.waiting = append(append(append(l.waiting, '\n'), l.host...), ' ')
	l.waiting = append(append(l.waiting, l.clock.String()...), '\n')
	if len(l.waiting) > maxWaiting {
		l.end(fmt.Errorf("the disk is too slow: %d bytes wait for it", len(l.waiting)))
	}
	if len(l.waiting) > flushAt {
		select {
		case l.kick <- struct{}{}:
		default:
		}
	}
	return carried
}

// line returns text on one line.
func line(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, text)
}

// end lets the log take no more, for a reason that is not Close. The caller holds the mutex.
func (l *Log) end(why error) {
	if l.ended == nil || l.ended == errClosed {
		l.ended = fmt.Errorf("ShiViz log %s: %w", l.file.Name(), why)
		slog.Error("the ShiViz log ends here", "reason", l.ended)
	}
}

// write writes what waits, until Close.
func (l *Log) write() {
	defer close(l.done)
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-l.kick:
		case <-l.stop:
			l.flush()
			return
		}
		l.flush()
	}
}

func (l *Log) flush() {
	l.mutex.Lock()
	waiting := l.waiting
	l.waiting = nil
	if l.ended != nil && l.ended != errClosed {
		waiting = nil
	}
	l.mutex.Unlock()
	if len(waiting) == 0 {
		return
	}
	if _, err := l.file.Write(waiting); err != nil {
		l.mutex.Lock()
		l.end(err)
		l.mutex.Unlock()
	}
}

// Close writes what waits. It returns why the log ended before, if it did. Later
// events are not logged, but clocks go on, so the calls under way need not end first.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	l.closing.Do(func() {
		l.mutex.Lock()
		if l.ended == nil {
			l.ended = errClosed
		}
		l.mutex.Unlock()
		close(l.stop)
		<-l.done
		if err := l.file.Close(); err != nil {
			l.mutex.Lock()
			l.end(err)
			l.mutex.Unlock()
		}
	})
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.ended == errClosed {
		return nil
	}
	return l.ended
}
