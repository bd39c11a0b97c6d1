package client

import (
	"bytes"
	"context"
	"errors"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
)

// longestOrigin is how many bytes the name of a server's start may have.
const longestOrigin = 128

// ReceiveMessage implements api.ClientMessageService. It returns once the messages were shown.
func (l *link) ReceiveMessage(ctx context.Context, messages []api.Delivery, safe uint64) error {
	c := l.c
	if err := l.awaitWelcome(ctx); err != nil {
		return err
	}
	genuine := make([]bool, len(messages))
	for i := range messages {
		genuine[i] = c.isGenuine(&messages[i].Record)
	}
	c.mu.Lock()
	if c.current != l {
		c.mu.Unlock()
		return errReplaced
	}
	events := make([]Event, 0, len(messages)+1)
	gap := false // of what is not shown itself
	for i := range messages {
		d := &messages[i]
		gap = gap || d.Gap
		if genuine[i] && c.isNew(l, &d.Record) {
			events = append(events, c.messageOf(&d.Record, d.Late, gap))
			gap = false
		}
	}
	if safe > c.outbox.safe {
		c.outbox.safe = min(safe, c.outbox.number)
		events = append(events, &Safe{c.outbox.safe})
		c.sayCopies(2)
	}
	shown := c.shown(events...)
	c.stir()
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

// isGenuine reports whether a record makes sense and its message is by the one whose name it bears.
func (c *Client) isGenuine(r *justchat.Record) bool {
	m := &r.Message
	var err error
	switch {
	case r.Origin == "" || len(r.Origin) > longestOrigin || r.Number == 0:
		err = errors.New("it has no place in a server's log")
	case m.To != "":
		err = errors.New("it is not for all")
	default:
		err = c.authority.Load().CheckMessage(m)
	}
	if err != nil {
		c.drop("a message", m, err)
	}
	return err == nil
}

// isNew notes that a record was seen, and reports whether its message is to be shown: servers repeat
// records when a client moves, and a message can be in two records. c.mu is held.
func (c *Client) isNew(l *link, r *justchat.Record) bool {
	if c.seen.Has(r) {
		return false
	}
	if _, known := c.seen[r.Origin]; !known && len(c.seen) >= c.Limits.Origins {
		c.drop("a message", &r.Message, errors.New("too many starts of servers"))
		return false
	}
	c.seen[r.Origin] = r.Number
	l.told[r.Origin] = r.Number
	return c.once.See(r.Message.Client, r.Message.Number)
}

// messageOf returns a record's message for whoever shows it. c.mu is held.
func (c *Client) messageOf(r *justchat.Record, late, gap bool) *Message {
	m := c.message(&r.Message)
	m.Record, m.Late, m.Gap = r, late, gap
	if m.Own {
		c.outbox.shown = max(c.outbox.shown, m.Number)
	}
	return m
}

// message returns what is certain of a message, and can be shown.
func (c *Client) message(m *justchat.Message) *Message {
	return &Message{
		From:   names.Printable(m.From, false),
		Text:   names.Printable(m.Text, true),
		Own:    bytes.Equal(m.Client, c.Key.Client),
		Client: m.Client,
		Number: m.Number,
		Sent:   m.Sent,
	}
}
