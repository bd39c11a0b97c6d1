package fileserver

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
)

// A progress is how far a file has come. Its methods may be called at once.
type progress struct {
	have   atomic.Int64
	copies atomic.Uint32
}

func (p *progress) now() justchat.Transfer {
	return justchat.Transfer{Taken: true, Have: uint64(p.have.Load()), Copies: p.copies.Load()}
}

const (
	reportEvery = 250 * time.Millisecond // while something changes
	reportQuiet = 4                      // times that in which nothing changes: it is said all the same, since we are still at it
)

// report does something on a goroutine of its own, for which it waits, and yields how far that is. The end of do is
// that of the stream. A caller who has gone ends it by its context.
func report(ctx context.Context, p *progress, do func(context.Context) error, yield func(justchat.Transfer, error) bool) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan error, 1)
	finished := false
	go func() { done <- do(ctx) }() // the function below waits
	defer func() {
		cancel()
		if !finished {
			<-done
		}
	}()
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	var last justchat.Transfer
	for quiet := 0; ; {
		select {
		case err := <-done:
			finished = true
			yieldEnd(p.now(), err, yield)
			return
		case <-ticker.C:
		}
		now := p.now()
		if quiet++; now == last && quiet < reportQuiet {
			continue
		}
		if last, quiet = now, 0; !yield(now, nil) {
			return
		}
	}
}

// yieldEnd yields the last of a stream.
func yieldEnd(last justchat.Transfer, err error, yield func(justchat.Transfer, error) bool) {
	if err != nil {
		yield(justchat.Transfer{}, err)
		return
	}
	yield(last, nil)
}
