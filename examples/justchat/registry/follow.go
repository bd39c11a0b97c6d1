package registry

import (
	"context"
	"errors"
	"time"
)

// errOlder is why a watch is broken off that would wait for a revision of long ago, or of another registry.
var errOlder = errors.New("the registry is older than it was")

const (
	firstPause  = 50 * time.Millisecond // before the second try; then twice as long, and so on
	longPause   = time.Second           // at most
	probePeriod = time.Second           // after which the registry is asked whether it answers
	probePrefix = "quorum/"             // no key begins so
)

// backoff is how long to wait before what has failed is tried again.
type backoff struct{ pause time.Duration }

// wait waits before the next try. One that has lasted for long counts as the first. It
// returns false if ctx ended meanwhile.
func (b *backoff) wait(ctx context.Context, begun time.Time) bool {
	if time.Since(begun) > longPause {
		b.pause = 0
	}
	b.pause = min(max(2*b.pause, firstPause), longPause)
	return sleep(ctx, b.pause)
}

func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// follow keeps the cache fresh: it lists, watches, and lists again when a watch
// breaks. What was known stays until then.
func (d *Directory) follow() {
	var pause backoff
	for {
		begun := time.Now()
		err := d.listAndWatch()
		if d.living.Err() != nil {
			return
		}
		d.logger.Log(d.living, levelOf(err), "the registry is listed anew", "reason", err)
		pause.wait(d.living, begun)
	}
}

func (d *Directory) listAndWatch() error {
	before := d.at()
	entries, revision, err := d.registry.List(d.living, "")
	if d.answered(err) != nil {
		return err
	}
	if revision < before {
		d.logger.Warn("the registry is older than it was: somebody has restored it, or it is another one", "revision", revision, "before", before)
	}
	d.warn(d.compare(entries, revision, before))
	watching, cancel := context.WithCancelCause(d.living)
	defer cancel(nil)
	d.mutex.Lock()
	d.relist = cancel
	d.mutex.Unlock()
	for change, err := range d.registry.Watch(watching, "", revision) {
		if err != nil {
			return err
		}
		d.mutex.Lock()
		d.position = change.Revision
		unreadable := d.apply(change, true)
		d.mutex.Unlock()
		d.warn(unreadable)
	}
	return context.Cause(watching)
}

// at returns how far the cache is.
func (d *Directory) at() int64 {
	d.mutex.Lock()
	defer d.mutex.Unlock()
	return d.position
}

// compare makes of the cache what was listed, but for what was written here since
// then. A revision below the one before the question is that of another registry, or of one that was
// restored: then nothing in the cache is newer. The error says what could not be read.
func (d *Directory) compare(entries []Entry, revision, before int64) error {
	listed := make(map[string]struct{}, len(entries))
	for _, entry := range entries {
		listed[entry.Key] = struct{}{}
	}
	d.mutex.Lock()
	defer d.mutex.Unlock()
	if revision < before {
		d.users.doubt()
		d.files.doubt()
		d.servers.doubt()
		d.balancers.doubt()
	}
	d.position = revision
	var unreadable []error
	for _, entry := range entries {
		unreadable = append(unreadable, d.apply(Change{Entry: entry}, true))
	}
	d.users.keep(listed, revision)
	d.files.keep(listed, revision)
	d.servers.keep(listed, revision)
	d.balancers.keep(listed, revision)
	select {
	case <-d.ready:
	default:
		close(d.ready)
	}
	return errors.Join(unreadable...)
}

// probe asks again and again whether the registry answers, so that Quorum is never
// old, and finds out whether it still is the one that was listed.
func (d *Directory) probe() {
	ticker := time.NewTicker(probePeriod)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-d.living.Done():
			return
		}
		before := d.at()
		_, revision, err := d.registry.List(d.living, probePrefix)
		if d.answered(err) == nil && revision < before {
			d.mutex.Lock()
			d.relist(errOlder)
			d.mutex.Unlock()
		}
	}
}
