package messagelog

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/ondisk"
)

// Options bound a log. Zero is the default of each.
type Options struct {
	SegmentSize int64         // bytes, 16 MiB; at most 1 GiB
	KeepSize    int64         // bytes that are kept at least, 1 GiB
	KeepTime    time.Duration // and for how long at most, 30 days
	Reserve     int64         // bytes that stay free on the disk, 16 MiB; less than zero is none
	Logger      *slog.Logger  // silent
}

func (o Options) withDefaults() Options {
	o.SegmentSize = min(cmp.Or(o.SegmentSize, 16<<20), maxSegment)
	o.KeepSize = cmp.Or(o.KeepSize, 1<<30)
	o.KeepTime = cmp.Or(o.KeepTime, 30*24*time.Hour)
	o.Reserve = cmp.Or(o.Reserve, 16<<20)
	o.Logger = cmp.Or(o.Logger, slog.New(slog.DiscardHandler))
	return o
}

// A Log is open until Close, in one process at a time. Its methods may be called at once.
//
// It has one goroutine, which alone writes: it takes all that is to be appended at the
// moment, writes it at once, syncs it once, and only then shows it to readers. Each
// segment is an open file.
type Log struct {
	folder  folder
	options Options
	logger  *slog.Logger
	now     func() time.Time
	release func() error // of the lock

	id    string
	start uint64

	requests  chan *request
	closing   chan struct{}
	close     func() error
	closed    chan struct{} // the writer has ended
	guessGone bool          // while opening: what is gone is not known
	sealed    bool          // while opening: the last segment is not to be written to

	// Of the writer.
	full   bool   // it has said so
	failed string // why nothing more is taken

	// The writer alone changes what is below, and holds the mutex as it does.
	mutex    sync.RWMutex
	index    *index
	segments []*segment // rising; the last is the one that is written to
}

// ErrClosed says that Close was called.
var ErrClosed = errors.New("the log is closed")

// Open reads the log back, or begins one, with a new start of its origin, which is on
// disk when Open returns. A torn end is cut off, and a warning logged. Damage elsewhere
// is logged as an error, set aside, and missing from Seen, so that it is fetched again;
// what comes after it waits for that.
//
// The folder is made if it is not there, for this user alone. The error names who has the
// log open, or what cannot be read.
func Open(dir string, options Options) (*Log, error) {
	if err := ondisk.MakeFolder(dir, 0o700); err != nil {
		return nil, err
	}
	held, err := ondisk.LockFolder(dir, "log")
	if err != nil {
		return nil, err
	}
	l, err := open(disk(dir), options, time.Now)
	if err != nil {
		held.Close()
		return nil, fmt.Errorf("the log in %q: %w", dir, err)
	}
	l.release = held.Close
	return l, nil
}

// open is Open in any folder, which nobody else has.
func open(d folder, options Options, now func() time.Time) (*Log, error) {
	options = options.withDefaults()
	l := &Log{
		folder: d, options: options, logger: options.Logger, now: now,
		release:  func() error { return nil },
		requests: make(chan *request, maxRequests),
		closing:  make(chan struct{}), closed: make(chan struct{}),
		index: newIndex(),
	}
	l.close = sync.OnceValue(func() error {
		close(l.closing)
		<-l.closed
		l.mutex.Lock()
		defer l.mutex.Unlock()
		return errors.Join(l.closeSegments(), l.release())
	})
	err := l.load()
	if err == nil {
		err = l.beginStart()
	}
	if err == nil && (len(l.segments) == 0 || l.sealed) {
		err = l.roll()
	}
	if err != nil {
		l.closeSegments()
		return nil, err
	}
	l.trim()
	go l.write() // until Close, which waits for it
	return l, nil
}

// beginStart puts on disk that the log is opened once more.
func (l *Log) beginStart() error {
	id, start, err := readOrigin(l.folder)
	if errors.Is(err, errNote) {
		l.logger.Error("a file of the log is damaged; this server takes another name", slog.String("file", originFile))
		l.aside(originFile)
		id, err = "", nil
	}
	if err != nil {
		return err
	}
	if id == "" {
		id, start = newID(), 0
	}
	for name := range l.index.byName { // none was after the last one, unless the file is an old one
		if known, number, ok := splitOrigin(name); ok && known == id {
			start = max(start, number)
		}
	}
	l.id, l.start = id, start+1
	return writeOrigin(l.folder, l.id, l.start)
}

// Name is of the server for good: 16 random hex digits.
func (l *Log) Name() string { return l.id }

// Start is how often the log has been opened.
func (l *Log) Start() uint64 { return l.start }

// Origin is of this start: the name, a dot, and the start. Its records are numbered from 1.
func (l *Log) Origin() string { return fmt.Sprintf("%s.%d", l.id, l.start) }

// Seen is up to where the log has everything, by origin, on disk or not kept any more. No
// entry ever gets less while the log is open. Nor is one left out when all of its records
// were dropped: whoever still has it would only bring it back. The Vector is the
// caller's.
func (l *Log) Seen() causal.Vector {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return l.index.vector(func(o *origin) uint64 { return o.seen })
}

// Gone is, by origin, up to which number records are not kept any more. The Vector is the
// caller's.
func (l *Log) Gone() causal.Vector {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return l.index.vector(func(o *origin) uint64 { return o.gone })
}

// Lacks is, by origin, up to which number records are missing before others that the log
// has. Skip gives them up.
func (l *Log) Lacks() causal.Vector {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return l.index.vector((*origin).lacking)
}

// Once returns which messages the records on disk have, as a copy.
func (l *Log) Once() *causal.Once {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return l.index.once.Clone()
}

// Lamport is the highest Lamport time of all records that the log has, or had.
func (l *Log) Lamport() uint64 {
	l.mutex.RLock()
	defer l.mutex.RUnlock()
	return l.index.lamport
}

// Close lets what is being written come to its end, and fails what waits with ErrClosed.
// It lets go of the folder.
func (l *Log) Close() error { return l.close() }

func (l *Log) closeSegments() error {
	var errs []error
	for _, s := range l.segments {
		errs = append(errs, s.file.Close())
	}
	l.segments = nil
	return errors.Join(errs...)
}
