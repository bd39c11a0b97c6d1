package registry

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// An announcement is an entry that stands in the registry because this process
// says so, under a lease:
//
//	      Grant          put                 the entry is touched
//	start ─────► leased ─────► standing ───────────────────────────► leased
//	  ▲             │ fails        │ the lease ends
//	  └─────────────┴──────────────┘ after a pause
//
// At first it takes over an entry that is there. Later it leaves one that
// somebody else has taken over, until that goes.
//
// All of it belongs to the goroutine that keeps it, but for touched and stop.
type announcement struct {
	value    []byte
	stop     context.CancelFunc
	lease    Lease         // under which it was written
	revision int64         // which it then had; 0 for not yet, or who knows
	touched  chan struct{} // has room for one
}

func newAnnouncement(value []byte, stop context.CancelFunc) *announcement {
	return &announcement{value: value, stop: stop, touched: make(chan struct{}, 1)}
}

// touch says that the entry is not as it was written. The announcement may be nil.
func (a *announcement) touch() {
	if a == nil {
		return
	}
	select {
	case a.touched <- struct{}{}:
	default:
	}
}

// put has the entry stand under lease, where there is another one or none. ErrExists
// and ErrChanged say that it is not as there says any more.
func (d *Directory) put(ctx context.Context, a *announcement, key string, there *Entry, lease Lease) error {
	var err error
	var revision int64
	switch {
	case there == nil:
		revision, err = d.registry.Create(ctx, key, a.value, lease)
	case a.revision != 0 && (a.revision != there.Revision || a.lease == lease):
		return nil // somebody has taken it over, or it stands
	default:
		revision, err = d.registry.Replace(ctx, key, there.Revision, a.value, lease)
	}
	if errors.Is(err, ErrExists) || errors.Is(err, ErrChanged) {
		return d.answered(err)
	}
	a.lease, a.revision = lease, revision // 0 after an error: what is there next time may be ours
	if d.answered(err) != nil {
		return err
	}
	d.written(Change{Entry: Entry{key, a.value, revision}})
	return nil
}

// keep has claim put the announcement under one lease after another until ctx
// ends. The first lease may be nil. It returns the last one, or nil.
func (d *Directory) keep(ctx context.Context, a *announcement, life time.Duration, lease Lease, claim func(context.Context, Lease) error) Lease {
	var pause backoff
	for {
		begun := time.Now()
		var err error
		if lease == nil {
			lease, err = d.registry.Grant(ctx, life)
			d.answered(err)
		}
		if err == nil {
			err = stand(ctx, a, lease, claim)
		}
		if ctx.Err() != nil {
			return lease
		}
		if lease != nil {
			lease.Abandon()
			lease = nil
		}
		d.logger.Log(ctx, levelOf(err), "announcing again", "reason", err)
		if !pause.wait(ctx, begun) {
			return nil
		}
	}
}

// stand has claim put the announcement under lease, and again when it was touched, until the lease ends.
func stand(ctx context.Context, a *announcement, lease Lease, claim func(context.Context, Lease) error) error {
	for {
		if err := claim(ctx, lease); err != nil {
			return err
		}
		select {
		case <-a.touched:
		case <-lease.Done():
			return ErrLeaseEnded
		case <-ctx.Done():
			return nil
		}
	}
}

// levelOf keeps what happens every second without quorum out of the log.
func levelOf(err error) slog.Level {
	if errors.Is(err, ErrNoQuorum) {
		return slog.LevelDebug
	}
	return slog.LevelInfo
}
