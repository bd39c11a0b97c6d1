package talk

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/names"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
)

// Line returns a message as one line without its line end; a text of several lines is to be made one by the caller.
func Line(m *client.Message) string {
	mark := ""
	switch {
	case m.Private:
		mark = " #private"
	case m.Own:
		return m.Text
	case m.Late:
		mark = " #late"
	}
	return Name(m.From) + mark + ": " + m.Text
}

// Name returns a user's name, in quotes if it looks like the beginning of the client's own words.
func Name(name string) string {
	if strings.HasPrefix(names.Skeleton(name), "-") {
		return strconv.Quote(name)
	}
	return name
}

// A Words says in words what happens to one client. The zero value is ready. It is for one goroutine.
type Words struct {
	said   string // the last words about the connection
	joined bool   // we were let in
	broken bool   // there was no load balancer, and we said so
	files  map[uint64]told
}

// Of returns what to say of an event that is no message, or nothing if it says nothing new.
func (w *Words) Of(event client.Event) string {
	switch e := event.(type) {
	case *client.Failed:
		return failure(e)
	case *client.State:
		words := w.state(e)
		w.joined = w.joined || e.Kind == client.Joined
		if words == w.said {
			return ""
		}
		if words != "" {
			w.said = words
		}
		return words
	case *client.Offered:
		return offered(&e.Offer)
	case *client.OfferEnded:
		if e.Reason != "" {
			return FileName(e.Name) + " from " + Name(e.From) + " is not offered any more: " + e.Reason
		}
	case *client.Transfer:
		return w.transfer(e)
	}
	return ""
}

// failure says what was not sent, and why.
func failure(e *client.Failed) string {
	to := "not sent"
	if e.To != "" {
		to = "not sent to " + e.To
	}
	return to + ": " + why(e.Err) + ": " + e.Text
}

// endless is from where on a time in which one is muted has no end that a person waits for.
const endless = 10 * 365 * 24 * time.Hour

// why returns an error in words: times as the person's own clock shows them.
func why(err error) string {
	muted := new(serverapi.Muted)
	if !errors.As(err, &muted) {
		return err.Error()
	}
	switch left := time.Until(muted.Until); {
	case left > endless:
		return "you are muted"
	case left > 12*time.Hour:
		return "you are muted until " + muted.Until.Local().Format("2 January 2006, 15:04")
	}
	return "you are muted until " + muted.Until.Local().Format("15:04:05")
}

// state returns what to say of a state, or nothing.
func (w *Words) state(s *client.State) string {
	because := ""
	if s.Reason != "" {
		because = ": " + s.Reason
	}
	switch s.Kind {
	case client.Joined:
		back := w.broken
		w.broken = false
		switch {
		case !w.joined:
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
		if !w.broken || !w.joined {
			w.broken = true
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
