package client

import (
	"context"
	"errors"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// Letters are what was said to one user and is not acknowledged, in order. A goroutine is at it as long as there
// are any. The client's mu guards them. They stay for their number, and there is one for all ways to write her
// name.
type letters struct {
	name   string // hers, as it was signed up; empty before that is known
	queue  []*outgoing
	number uint64 // the last one given
}

// SendPrivate says text to one user, and returns its number, which counts the messages to her. It returns once the
// message is queued; Acknowledged, once her client has it, or Failed tells what becomes of it. While Limits.Queue private
// messages wait it waits as Send does.
func (c *Client) SendPrivate(ctx context.Context, to, text string) (number uint64, err error) {
	if err := c.checkText(text); err != nil {
		return 0, err
	}
	if to == "" {
		return 0, errors.New("a private message has a receiver")
	}
	whom := names.Skeleton(to)
	queued := c.await(ctx, func() bool {
		if c.waiting >= c.Limits.Queue {
			return false
		}
		l := c.letters[whom]
		if l == nil {
			l = new(letters)
			c.letters[whom] = l
		}
		l.number++
		number = l.number
		l.queue = append(l.queue, &outgoing{to: to, number: number, text: text, sent: time.Now()})
		c.waiting++
		if len(l.queue) == 1 {
			c.start(func() { c.write(l) })
		}
		return true
	})
	return number, c.whyNot(ctx, queued)
}

// Pauses between attempts to bring a private message.
const (
	minRetry = 50 * time.Millisecond
	maxRetry = 2 * time.Second
)

// write brings the letters to their receiver, one at a time, until there are no more.
func (c *Client) write(l *letters) {
	retry := minRetry
	for {
		at, o := c.nextLetter(l)
		if at == nil {
			return
		}
		relayed, err := c.carry(at, l, o)
		var fast *justchat.TooFast
		switch {
		case err == nil:
			c.arrived(l, &Acknowledged{To: o.to, Number: o.number, Text: o.text, Relayed: relayed})
		case isNever(err):
			c.arrived(l, &Failed{To: o.to, Number: o.number, Text: o.text, Err: err})
		case errors.As(err, &fast):
			c.pause(min(max(fast.Wait, shortWait), longWait))
			continue
		default:
			c.Logger.Debug("private message", "to", o.to, "reason", err)
			c.pause(retry)
			retry = min(2*retry, maxRetry)
			continue
		}
		retry = minRetry
	}
}

// nextLetter waits for a server, and returns it with the next letter. The link is nil if there are no more, or the
// client ends.
func (c *Client) nextLetter(l *letters) (at *link, o *outgoing) {
	c.await(c.ctx, func() bool {
		if len(l.queue) == 0 {
			return true
		}
		at, o = c.current, l.queue[0]
		return at != nil
	})
	return at, o
}

// arrived takes the first letter out, with the event that says what became of it.
func (c *Client) arrived(l *letters, event Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.queue[0] = nil
	l.queue = l.queue[1:]
	c.waiting--
	c.say(event)
	c.stir()
}

// carry makes one attempt to bring a private message to its receiver, and reports whether servers relayed
// it.
func (c *Client) carry(at *link, l *letters, o *outgoing) (relayed bool, err error) {
	item, err := c.whereabouts(at, l, o.to)
	if err != nil {
		return false, err
	}
	m := c.letterOf(l, o, item.User)
	if c.Direct && item.Address != "" && c.carryDirect(&item, &m) == nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(at.ctx, c.Limits.Call)
	defer cancel()
	return true, c.notRelayed(at, at.api.RelayPrivate(ctx, m))
}

// whereabouts asks where the receiver is, if that matters; otherwise the item is empty.
func (c *Client) whereabouts(at *link, l *letters, to string) (justchat.ClientItem, error) {
	c.mu.Lock()
	name := l.name
	c.mu.Unlock()
	if !c.Direct && name != "" {
		return justchat.ClientItem{}, nil
	}
	return c.whereIs(at.ctx, at, to)
}

// letterOf returns a letter as it travels. Name is the receiver's as it was signed up, or empty if that was not
// asked.
func (c *Client) letterOf(l *letters, o *outgoing, name string) justchat.Message {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name != "" {
		l.name = name
	}
	if o.message == nil && l.name != "" {
		o.to = l.name
	}
	return c.signed(o)
}

// notRelayed gives up a server that does not know us any more.
func (c *Client) notRelayed(at *link, err error) error {
	var stranger *serverapi.NotConnected
	if errors.As(err, &stranger) {
		at.stop(err)
	}
	return err
}

// isNever reports whether a private message will not arrive, however often it is tried.
func isNever(err error) bool {
	var (
		away    *justchat.NotHere
		refused *serverapi.Refused
		other   *api.NotForMe
		forged  *api.BadSignature
	)
	return errors.As(err, &away) || errors.As(err, &refused) || errors.As(err, &other) || errors.As(err, &forged) || isFinal(err)
}

// receivePrivate shows a private message, once, and returns when it was shown, now or before.
func (c *Client) receivePrivate(ctx context.Context, m *justchat.Message) error {
	authority := c.authority.Load()
	if authority == nil {
		return runtime.NewError(runtime.CodeUnavailable, "the client is not in the room yet")
	}
	if name := c.Name(); m.To != name {
		return &api.NotForMe{To: m.To, User: name}
	}
	if err := authority.CheckMessage(m); err != nil {
		c.drop("a private message", m, err)
		return &api.BadSignature{From: m.From, Reason: err.Error()}
	}
	event := c.message(m)
	event.Private = true
	c.mu.Lock()
	var shown <-chan struct{}
	if c.letter.See(m.Client, m.Number) {
		shown = c.shown(event)
	} else {
		shown = c.shown()
	}
	c.mu.Unlock()
	select {
	case <-shown:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return ErrClosed
	}
}

// ReceivePrivateMessage implements api.ClientMessageService.
func (l *link) ReceivePrivateMessage(ctx context.Context, message justchat.Message) error {
	return l.c.receivePrivate(ctx, &message)
}
