package client

import (
	"context"
	"sync"
	"time"
)

// pollTries is how many polls in a row must go wrong before the server counts as gone.
const pollTries = 3

// moreLikely is the bytes of messages in a response, about half of what fits,
// from which the next poll follows at once: the queue may hold more.
const moreLikely = 32_000

// poller shows the user's messages as they come. Its goroutine belongs to
// Client.Run, which stops it before it returns.
type poller struct {
	Stop func() // waits for the poll under way, the farewell's time at most; may be called again

	gone chan error // gets the last poll's error, then the goroutine ends
}

// startPoller lets the client poll, from now on, until Stop.
func (c *Client) startPoller(ctx context.Context) *poller {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stopping, done := make(chan struct{}), make(chan struct{})
	p := &poller{gone: make(chan error, 1)}
	p.Stop = sync.OnceFunc(func() {
		close(stopping)
		impatience := time.AfterFunc(farewell, cancel)
		<-done
		impatience.Stop()
		cancel()
	})
	go func() {
		defer close(done)
		defer c.restore()
		if err := c.poll(ctx, stopping); err != nil {
			p.gone <- err
		}
	}()
	return p
}

// poll fetches messages until stopping is closed, or returns why it gave up.
func (c *Client) poll(ctx context.Context, stopping <-chan struct{}) error {
	for failures := 0; ; {
		size, err := c.fetch(ctx)
		if err == nil {
			failures = 0
		} else if failures++; failures == pollTries {
			return err
		}
		pause := c.Poll
		if size >= moreLikely {
			pause = 0
		}
		select {
		case <-stopping:
			return nil
		case <-time.After(pause):
		}
	}
}

// fetch shows the messages of one response and returns their size in bytes.
// A poll that is never stopped in the middle loses no message: the server has
// taken them off the queue by the time it answers.
func (c *Client) fetch(ctx context.Context) (size int, err error) {
	messages, err := c.Chat.CheckMessages(ctx, c.User)
	if err != nil {
		return 0, err
	}
	if c.saysExpelled(messages) {
		return 0, nil
	}
	c.print(messages...)
	for _, message := range messages {
		size += len(message)
	}
	return size, nil
}

// saysExpelled reports whether messages repeat the one answer that the server
// gives to every poll of somebody who is not logged in. Once is enough to read.
func (c *Client) saysExpelled(messages []string) bool {
	was := c.expelled
	c.expelled = len(messages) == 1 && messages[0] == "*** You are not logged in, "+c.User
	return was && c.expelled
}

// drain shows everything that is queued. The poller has stopped.
func (c *Client) drain(ctx context.Context) {
	for {
		if size, err := c.fetch(ctx); size == 0 || err != nil {
			return // logging out, which comes next, will tell the error
		}
	}
}
