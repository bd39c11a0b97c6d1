package client

import (
	"context"
	"sync"
	"time"
)

// A source is where the user's messages come from.
type source interface {
	// receive shows messages as they come until stopping ends, and then returns nil, or
	// returns why it gave up. What it does until then is bounded by ctx.
	receive(ctx, stopping context.Context) error

	// fetch shows messages that wait, and returns their size in bytes, 0 for none.
	// It is not called while receive runs.
	fetch(ctx context.Context) (size int, err error)

	// check says why commands would not reach the room now, if it knows. It may be called at any time.
	check() error
}

// inbox receives from the client's source. Its goroutine belongs to Client.Run,
// which stops it before it returns.
type inbox struct {
	Stop func() // waits for receive, the farewell's time at most; may be called again

	gone chan error // gets why receive gave up, then the goroutine ends
}

// startInbox lets the client receive, from now on, until Stop.
func (c *Client) startInbox(ctx context.Context) *inbox {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stopping, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	i := &inbox{gone: make(chan error, 1)}
	i.Stop = sync.OnceFunc(func() {
		stop()
		impatience := time.AfterFunc(farewell, cancel)
		<-done
		impatience.Stop()
		cancel()
	})
	go func() {
		defer close(done)
		defer c.restore()
		if err := c.source.receive(ctx, stopping); err != nil {
			i.gone <- err
		}
	}()
	return i
}

// drain shows everything that waits. The inbox has stopped.
func (c *Client) drain(ctx context.Context) {
	for {
		if size, err := c.source.fetch(ctx); size == 0 || err != nil {
			return // logging out, which comes next, will tell the error
		}
	}
}
