package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// A link is one connection to a server. It is the face that the client shows there: messages are taken,
// once the server has welcomed us.
//
//	next ── Welcome ──► current ── the stream ends, or another link is welcomed ──► closed
//	  └── no Welcome in Limits.Connect, or another order ──► closed
type link struct {
	c        *Client
	order    api.ChatServer
	rpc      *runtime.Client
	api      *serverapi.MessageServiceClient
	ctx      context.Context // ends with the link; its cause is why
	stop     context.CancelCauseFunc
	welcomed chan struct{} // closed by Welcome

	// The client's mu guards these.
	began time.Time     // when the server welcomed us, or zero
	told  causal.Vector // what the server knows that we have seen
	held  bool          // it takes nothing, and that was said
}

// errReplaced is why a link ends that another takes the place of.
var errReplaced error = runtime.NewError(runtime.CodeAborted, "another server takes over")

// obey goes where an order says, unless we are there. c.mu is held.
func (c *Client) obey(order api.ChatServer) {
	c.order = order
	if l := c.current; l != nil && l.at(order) {
		if c.next != nil {
			c.next.stop(errReplaced)
		}
		return
	}
	c.connect()
}

// at reports whether the link leads where an order says.
func (l *link) at(order api.ChatServer) bool {
	return l.order.Name == order.Name && l.order.Address == order.Address
}

// connect makes a link to where the last order says. If one is being made to somewhere else it ends first, and
// what calls left then calls connect again. c.mu is held.
func (c *Client) connect() {
	if c.ctx.Err() != nil || c.order.Address == "" {
		return
	}
	if c.next != nil {
		if !c.next.at(c.order) {
			c.next.stop(errReplaced)
		}
		return
	}
	l := &link{c: c, order: c.order, welcomed: make(chan struct{})}
	l.rpc = runtime.Dial(l.order.Address, c.options()...)
	l.api = serverapi.NewMessageServiceClient(l.rpc)
	l.ctx, l.stop = context.WithCancelCause(c.ctx)
	api.RegisterClientMessageService(l.rpc, l)
	c.next = l
	c.start(l.run)
}

// run is the life of a link.
func (l *link) run() {
	err := l.follow()
	l.stop(err)
	l.c.left(l, err)
	l.rpc.Close()
}

// follow presents us and keeps the stream open. It returns why it ended, never nil.
func (l *link) follow() error {
	limit := l.c.Limits.Connect
	late := time.AfterFunc(limit, func() { l.stop(fmt.Errorf("no welcome in %v", limit)) })
	defer late.Stop()
	token, seen := l.c.present(l)
	for welcome, err := range l.api.ConnectionInit(l.ctx, token, l.c.Key.Client, seen) {
		if cause := context.Cause(l.ctx); cause != nil {
			return cause
		}
		if err != nil {
			return err
		}
		late.Stop()
		if err := l.c.adopt(l, &welcome); err != nil {
			return err
		}
	}
	if cause := context.Cause(l.ctx); cause != nil {
		return cause
	}
	return errors.New("the server ended the connection")
}

// present returns what we say of ourselves.
func (c *Client) present(l *link) (token []byte, seen causal.Vector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l.told = c.seen.Clone()
	seen = c.seen.Clone()
	if c.begun && len(seen) == 0 {
		seen[""] = 0 // nothing so far; an empty vector is that of a client that begins here
	}
	return c.token, seen
}

// adopt makes a link that was welcomed the current one. The error is why not.
func (c *Client) adopt(l *link, welcome *serverapi.Welcome) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-l.welcomed:
		return nil // a second one says nothing new
	default:
	}
	if c.next != l || l.ctx.Err() != nil {
		return errReplaced
	}
	if !c.begun { // later it has nothing to tell us but what we told it
		if len(welcome.Seen) > c.Limits.Origins {
			return fmt.Errorf("the server speaks of over %d starts of servers", c.Limits.Origins)
		}
		c.begun = true
		c.seen.Add(welcome.Seen)
		l.told.Add(welcome.Seen)
	}
	l.began = time.Now()
	old := c.current
	c.current, c.next = l, nil
	c.pump.copies = int(welcome.Copies)
	c.sayState(Connected, l.order.Reason)
	close(l.welcomed)
	c.stir()
	if old != nil {
		old.stop(errReplaced)
	}
	return nil
}

// awaitWelcome waits for the server's welcome, which its first calls may overtake.
func (l *link) awaitWelcome(ctx context.Context) error {
	select {
	case <-l.welcomed:
		return nil
	case <-l.ctx.Done():
		return context.Cause(l.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// left is called when a link has ended.
func (c *Client) left(l *link, err error) {
	c.Logger.Debug("server left", "name", l.order.Name, "reason", err)
	var banned *justchat.Banned
	if errors.As(err, &banned) {
		c.stop(banned)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil {
		return
	}
	var token *justchat.BadToken
	if errors.As(err, &token) && c.balancer != nil {
		c.balancer.stop(token) // it lets us in anew, with another token
	}
	switch l {
	case c.current:
		c.current = nil
		c.sayState(NoServer, l.order.Name+": "+plain(err))
	case c.next:
		c.next = nil
	default:
		return
	}
	c.stir()
	switch {
	case c.next != nil: // we are on our way already
	case errors.Is(err, errReplaced):
		c.goOn()
	case c.isCutOff(l, err):
		c.connect()
	default:
		c.lost = l.order.Name
		c.seek()
	}
}

// isCutOff reports whether the server wants us to come again, and notes links that ended soon. c.mu is held.
func (c *Client) isCutOff(l *link, err error) bool {
	if l.began.IsZero() || time.Since(l.began) < soon {
		c.flaps++
		return false
	}
	c.flaps = 0
	return runtime.CodeOf(err) == runtime.CodeAborted
}

// goOn connects to where the last order says, unless we are there. c.mu is held.
func (c *Client) goOn() {
	if c.current == nil || !c.current.at(c.order) {
		c.connect()
	}
}

// UpdateRPCChatServer implements api.ClientMessageService.
func (l *link) UpdateRPCChatServer(context.Context, api.ChatServer) error {
	return notYours("orders", "the load balancer")
}
