package console

import (
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
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
			c.print(line(e))
		}
	case *client.Acknowledged:
		c.proceed()
		if e.To != "" && !c.screen.Echoes() {
			c.print("#private to " + shownName(e.To) + ": " + e.Text)
		}
	case *client.Failed:
		c.proceed()
		c.fail()
		c.note(failure(e))
	case *client.State:
		c.showState(e)
	}
}

// proceed notes that something has become of a message.
func (c *console) proceed() {
	select {
	case c.progress <- struct{}{}:
	default:
	}
}

// failure says what was not sent, and why.
func failure(e *client.Failed) string {
	to := "not sent"
	if e.To != "" {
		to = "not sent to " + e.To
	}
	return to + ": " + e.Err.Error() + ": " + e.Text
}

// line returns a message as it is shown.
func line(m *client.Message) string {
	mark := ""
	switch {
	case m.Private:
		mark = " #private"
	case m.Own:
		return m.Text
	case m.Late:
		mark = " #late"
	}
	return shownName(m.From) + mark + ": " + m.Text
}

// shownName quotes a name that looks like the beginning of the client's own words.
func shownName(name string) string {
	if strings.HasPrefix(names.Skeleton(name), "-") {
		return strconv.Quote(name)
	}
	return name
}

// showState tells of the connection, but not the same twice in a row.
func (c *console) showState(s *client.State) {
	c.mu.Lock()
	words := c.words(s)
	repeated := words == c.said
	if words != "" {
		c.said = words
	}
	c.mu.Unlock()
	if words != "" && !repeated {
		c.note(words)
	}
	if s.Kind == client.Joined {
		c.once.Do(func() { close(c.joined) })
	}
}

// words returns what to say of a state, or nothing. c.mu is held.
func (c *console) words(s *client.State) string {
	because := ""
	if s.Reason != "" {
		because = ": " + s.Reason
	}
	switch s.Kind {
	case client.Joined:
		back := c.broken
		c.broken = false
		switch {
		case c.said == "" || !isClosed(c.joined):
			return "you are here as " + s.Name
		case back:
			return "a load balancer is there again: " + s.LoadBalancer
		}
	case client.Connected:
		words := "connected to " + s.Server + because
		if s.Copies == 1 {
			words += "; messages are kept on one server only at the moment"
		}
		return words
	case client.NoServer:
		return "waiting for a server" + because
	case client.NoLoadBalancer:
		if !c.broken || !isClosed(c.joined) {
			c.broken = true
			return "waiting for a load balancer" + because
		}
	case client.Held:
		return "what you say waits" + because
	case client.CopiesChanged:
		if s.Copies == 1 {
			return "messages are kept on one server only at the moment"
		}
		return "messages are kept on two servers again"
	}
	return ""
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
