package console

import (
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
)

// show takes the client's events.
func (c *console) show(event client.Event) {
	defer c.restore()
	switch e := event.(type) {
	case *client.Message:
		if e.Gap {
			c.note("older messages are missing here, the servers do not keep them any more")
		}
		if !e.Own || !c.screen.Echoes() {
			c.print(talk.Line(e))
		}
	case *client.Acknowledged:
		c.proceed()
		if e.To != "" && !c.screen.Echoes() {
			c.print("#private to " + talk.Name(e.To) + ": " + e.Text)
		}
	case *client.Failed:
		c.proceed()
		c.fail()
	case *client.Transfer:
		if c.left.Load() {
			return // quit has said how far it is
		}
		c.transfer(e)
	}
	if words := c.words.Of(event); words != "" {
		c.note(words)
	}
	if s, ok := event.(*client.State); ok && s.Kind == client.Joined {
		c.once.Do(func() { close(c.joined) })
	}
}

// transfer notes how far a file is, and shows it now and then where a person looks.
func (c *console) transfer(t *client.Transfer) {
	if t.State.Ended() {
		c.ended(t)
	}
	if c.transfers.take(t) {
		c.proceed()
	}
	if c.screen.Echoes() && c.transfers.due(t) {
		c.noteFiles()
	}
}

// ended notes whether a file has arrived.
func (c *console) ended(t *client.Transfer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	which := file{t.Name, t.With, t.Sending, t.Size}
	delete(c.missing, which)
	if t.State == client.Finished {
		return
	}
	if c.missing == nil {
		c.missing = make(map[file]bool)
	}
	c.missing[which] = true
}

// proceed notes that something has become of a message or a file.
func (c *console) proceed() {
	select {
	case c.progress <- struct{}{}:
	default:
	}
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
