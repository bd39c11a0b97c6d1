package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// What a call of SendPublicMsg carries at most.
const (
	batchSize  = 50
	batchBytes = 256 << 10
)

// How long what a server does not take now waits, unless that says it.
const (
	shortWait = 10 * time.Millisecond
	fullWait  = time.Second
	longWait  = 30 * time.Second
)

// An outbox is what was said to all and is not acknowledged, in order. The client's mu guards it.
type outbox struct {
	queue   []*outgoing
	sending bool   // a goroutine is at it
	number  uint64 // the last one given
	acked   uint64 // the highest one acknowledged
	shown   uint64 // the highest one that the room has shown us
	safe    uint64 // up to here two servers have them
}

// An outgoing is a message of ours. It is signed when it is first sent, since before that we may not know our
// name.
type outgoing struct {
	to      string
	number  uint64
	text    string
	sent    time.Time
	message *justchat.Message
}

// ErrTooLong is what is said of a text that has more bytes than Limits.MessageBytes.
var ErrTooLong = errors.New("the message is too long")

// Send says text to all, and returns its number. It returns once the message is queued; Acknowledged or Failed
// tells what becomes of it. While Limits.Queue messages wait, Send waits too, until ctx ends: so it is
// not called from Events.
func (c *Client) Send(ctx context.Context, text string) (number uint64, err error) {
	if err := c.checkText(text); err != nil {
		return 0, err
	}
	queued := c.await(ctx, func() bool {
		o := &c.outbox
		if len(o.queue) >= c.Limits.Queue {
			return false
		}
		o.number++
		number = o.number
		o.queue = append(o.queue, &outgoing{number: number, text: text, sent: time.Now()})
		if !o.sending {
			o.sending = true
			c.start(c.sendAll)
		}
		return true
	})
	return number, c.whyNot(ctx, queued)
}

// whyNot returns why await has returned false.
func (c *Client) whyNot(ctx context.Context, awaited bool) error {
	switch {
	case awaited:
		return nil
	case c.ctx.Err() != nil:
		return ErrClosed
	}
	return ctx.Err()
}

func (c *Client) checkText(text string) error {
	switch {
	case text == "":
		return errors.New("an empty message says nothing")
	case len(text) > c.Limits.MessageBytes:
		return fmt.Errorf("%w: it has %d bytes, at most %d are taken", ErrTooLong, len(text), c.Limits.MessageBytes)
	case !utf8.ValidString(text):
		return errors.New("the message is not UTF-8")
	}
	return nil
}

// sendAll brings the outbox to the room, one call in flight, until it is empty. What is not acknowledged is brought
// again, as it is, to whichever server there is then.
func (c *Client) sendAll() {
	for {
		l, batch, risen := c.nextBatch()
		if l == nil {
			return
		}
		ctx, cancel := context.WithTimeout(l.ctx, c.Limits.Call)
		copies, err := l.api.SendPublicMsg(ctx, batch, risen)
		cancel()
		if err == nil {
			c.acknowledge(l, batch, int(copies), risen)
			continue
		}
		c.pause(c.notTaken(l, batch, err))
	}
}

// nextBatch waits for a server, and returns it with what comes next and what we have seen since it was told. The link is nil
// if nothing is left.
func (c *Client) nextBatch() (l *link, batch []justchat.Message, risen causal.Vector) {
	c.await(c.ctx, func() bool {
		if len(c.outbox.queue) == 0 {
			c.outbox.sending = false
			return true
		}
		if l = c.current; l == nil {
			return false
		}
		size := 0
		for _, o := range c.outbox.queue[:min(batchSize, len(c.outbox.queue))] {
			if size += len(o.text); size > batchBytes && len(batch) > 0 {
				break
			}
			batch = append(batch, c.signed(o))
		}
		risen = c.seen.Since(l.told)
		return true
	})
	return l, batch, risen
}

// signed returns a message as it travels. c.mu is held.
func (c *Client) signed(o *outgoing) justchat.Message {
	if o.message == nil {
		o.message = &justchat.Message{From: c.name, To: o.to, Number: o.number, Text: o.text, Sent: o.sent}
		c.Key.Sign(c.authority.Load(), o.message)
	}
	o.message.Token = c.token // the signature is not over it
	return *o.message
}

// acknowledge is told that the room has a batch.
func (c *Client) acknowledge(l *link, batch []justchat.Message, copies int, risen causal.Vector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.told.Add(risen)
	for i := range batch {
		number := batch[i].Number
		c.outbox.remove(number)
		c.outbox.acked = max(c.outbox.acked, number)
		c.say(&Acknowledged{Number: number, Text: batch[i].Text, Copies: copies})
	}
	c.sayCopies(copies)
	c.stir()
}

// remove takes a message out, which is nearly always the first.
func (o *outbox) remove(number uint64) (removed *outgoing) {
	at := slices.IndexFunc(o.queue, func(m *outgoing) bool { return m.number == number })
	if at < 0 {
		return nil
	}
	removed = o.queue[at]
	o.queue = slices.Delete(o.queue, at, at+1)
	if len(o.queue) == 0 {
		o.queue = nil
	}
	return removed
}

// notTaken deals with a batch that the server did not take, and returns how long to wait before the next. What is refused
// leaves a gap in our numbers, and the rest goes on.
func (c *Client) notTaken(l *link, batch []justchat.Message, err error) time.Duration {
	var (
		refused *serverapi.Refused
		muted   *serverapi.Muted
		fast    *justchat.TooFast
		full    *serverapi.Full
	)
	switch {
	case l.ctx.Err() != nil:
		return 0 // the link has ended, whatever it said
	case errors.As(err, &refused):
		c.fail(batch, refused.Number, refused)
		return 0
	case errors.As(err, &muted):
		c.fail(batch, 0, muted)
		return 0
	case errors.As(err, &fast):
		return min(max(fast.Wait, shortWait), longWait)
	case errors.As(err, &full):
		c.hold(l, full)
		return fullWait
	case isFinal(err):
		c.fail(batch, 0, err)
		return 0
	}
	l.stop(err)
	return shortWait
}

// isFinal reports whether it is of no use to bring the same to another server.
func isFinal(err error) bool {
	var failure *runtime.Error
	if !errors.As(err, &failure) || !failure.Remote() {
		return false
	}
	switch failure.Code() {
	case runtime.CodeInvalidArgument, runtime.CodePermissionDenied, runtime.CodeUnimplemented:
		return true
	}
	return false
}

// fail gives up one message of a batch, or with a number that is none of theirs all of them.
func (c *Client) fail(batch []justchat.Message, number uint64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := slices.ContainsFunc(batch, func(m justchat.Message) bool { return m.Number == number })
	for i := range batch {
		if one && batch[i].Number != number {
			continue
		}
		if o := c.outbox.remove(batch[i].Number); o != nil {
			c.say(&Failed{Number: o.number, Text: o.text, Err: err})
		}
	}
	c.stir()
}

// hold says, once for a link, what keeps the server from taking messages.
func (c *Client) hold(l *link, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !l.held {
		l.held = true
		c.sayState(Held, err.Error())
	}
}

// An Unacknowledged is a message of ours that nobody has acknowledged. It may have arrived all the same.
type Unacknowledged struct {
	To     string // empty for all
	Number uint64
	Text   string
}

// Flush waits until everything that was said is acknowledged or has failed, and what was said to all is shown to us as well, or
// until ctx ends. It returns what is not acknowledged then, in order; nil is the good case. It is not called
// from Events.
func (c *Client) Flush(ctx context.Context) []Unacknowledged {
	c.await(ctx, func() bool {
		return len(c.outbox.queue) == 0 && c.waiting == 0 && c.outbox.shown >= c.outbox.acked
	})
	c.mu.Lock()
	shown := c.shown()
	c.mu.Unlock()
	select {
	case <-shown:
	case <-ctx.Done():
	case <-c.ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var left []Unacknowledged
	for _, o := range c.outbox.queue {
		left = append(left, Unacknowledged{Number: o.number, Text: o.text})
	}
	for _, l := range c.letters {
		for _, o := range l.queue {
			left = append(left, Unacknowledged{To: o.to, Number: o.number, Text: o.text})
		}
	}
	return left
}
