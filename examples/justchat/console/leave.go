package console

import (
	"context"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// A settling is the wait of somebody who has left but for files that are on their way. The zero value is none.
type settling struct {
	done <-chan struct{} // closed once they have ended, or the wait has
	stop context.CancelFunc
}

// settle says which files are on their way, and begins to wait for them. Its goroutine belongs to the
// caller, who calls end.
func (c *console) settle(ctx context.Context) settling {
	again := "#quit again"
	if c.screen.Echoes() {
		again += ", or Ctrl-C,"
	}
	c.note("you leave once these files have ended; " + again + " leaves at once:")
	c.noteFiles()
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer c.restore()
		defer close(done)
		c.client.Settle(ctx)
	}()
	return settling{done, cancel}
}

// end ends the wait.
func (s settling) end() {
	if s.done != nil {
		s.stop()
		<-s.done
	}
}

// underWay returns the transfers that have not ended.
func (c *console) underWay() []client.Transfer {
	return slices.DeleteFunc(c.client.Transfers(), func(t client.Transfer) bool { return t.State.Ended() })
}

// noteFiles says how far each file is that is on its way.
func (c *console) noteFiles() {
	for _, t := range c.underWay() {
		c.note(talk.Progress(t))
	}
}

// quit gives the terminal back, waits for what is not acknowledged, and for files if wait says so, and leaves. If ctx ends
// meanwhile, as with Ctrl-C, it does not wait any longer.
func (c *console) quit(ctx context.Context, wait bool) error {
	c.screen.Close()
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	messages, transfers := c.flush(ctx, wait)
	c.left.Store(true)
	c.client.Close()
	for _, m := range messages {
		c.note("not acknowledged, and perhaps not sent: " + m.Text)
	}
	for _, t := range transfers {
		t.State = client.Broken
		c.note(talk.Progress(t))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(messages)+len(transfers)+c.failed+len(c.missing) > 0 {
		return ErrNotAll
	}
	return nil
}

// flush waits as long as something is acknowledged, or a file comes further, every now and then, and says so if that
// takes a while. It returns what has not arrived.
func (c *console) flush(ctx context.Context, wait bool) (messages []client.Unacknowledged, transfers []client.Transfer) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	impatience := time.NewTimer(c.Patience)
	defer impatience.Stop()
	explain := time.NewTimer(min(explainAfter, c.Patience/2))
	defer explain.Stop()
	flushed := make(chan struct{})
	go func() { // it is awaited below
		defer c.restore()
		defer close(flushed)
		if wait || len(c.underWay()) == 0 { // and then others hear of it that a file was just taken, or was not
			c.client.Settle(ctx)
		}
		messages = c.client.Flush(ctx) // which has all that has happened shown, of files too
		transfers = c.underWay()
	}()
	for {
		select {
		case <-flushed:
			return messages, transfers
		case <-c.progress:
			impatience.Reset(c.Patience)
		case <-impatience.C:
			if wait && c.isOthersTurn() {
				impatience.Reset(c.Patience)
				continue
			}
			cancel()
		case <-explain.C:
			c.note("leaving as soon as all that you said has arrived")
			if wait {
				c.noteFiles()
			}
		}
	}
}

// explainAfter is how long a person may wonder why the client does not leave.
const explainAfter = 500 * time.Millisecond

// isOthersTurn reports whether somebody is asked for an answer, or has all bytes of a file and does not have it on disk
// yet. The client sees to it that either ends.
func (c *console) isOthersTurn() bool {
	return slices.ContainsFunc(c.underWay(), func(t client.Transfer) bool {
		return t.State == client.Asking && !t.Public || t.State == client.Moving && t.Done == t.Size
	})
}
