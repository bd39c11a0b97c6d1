package client

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// Pauses between attempts to join: they double, and vary at random so that the clients of a load
// balancer that has died do not all come at once to the next.
const (
	minPause = 50 * time.Millisecond
	maxPause = 2 * time.Second
	spread   = 250 * time.Millisecond // to leave a load balancer that has died, while we have a server
)

// A balancer is one connection to a load balancer. It is the face that the client shows there: only
// orders are taken.
type balancer struct {
	c    *Client
	rpc  *runtime.Client
	api  *lbapi.MessageServiceClient
	ctx  context.Context // ends when the load balancer is given up
	stop context.CancelCauseFunc
	in   chan struct{} // closed when it has let us in

	name    string // by which it is known; the client's mu guards it and the next
	ordered uint64 // the number of its last order
}

// join enters at one load balancer after another, and stays until the client ends or cannot be let in.
func (c *Client) join() error {
	var mine credentials
	var err error
	if mine.password, err = c.Password(c.ctx, nil); err != nil {
		return err
	}
	failures := 0
	for at := 0; c.ctx.Err() == nil; at++ {
		address := c.LoadBalancers[at%len(c.LoadBalancers)]
		joined, err := c.joinAt(address, &mine)
		if c.ctx.Err() != nil {
			return nil
		}
		if reason := c.hopeless(&mine, err); reason != nil {
			return reason
		}
		if joined {
			failures = 0
		}
		c.noBalancer(address, err)
		c.pause(c.pauseBefore(failures))
		failures++
	}
	return nil
}

// joinAt stays at one load balancer, and asks for another password there if need be.
func (c *Client) joinAt(address string, mine *credentials) (joined bool, err error) {
	for {
		b := c.dialBalancer(address)
		joined, err = b.stay(mine)
		b.close()
		again, problem := c.amend(mine, err)
		if problem != nil {
			return joined, &refusal{problem}
		}
		if !again || c.ctx.Err() != nil {
			return joined, err
		}
	}
}

func (c *Client) dialBalancer(address string) *balancer {
	b := &balancer{c: c, name: address, in: make(chan struct{}), rpc: runtime.Dial(address, c.options()...)}
	b.api = lbapi.NewMessageServiceClient(b.rpc)
	b.ctx, b.stop = context.WithCancelCause(c.ctx)
	api.RegisterClientMessageService(b.rpc, b)
	return b
}

// stay joins and stays until the stream ends. Joined says that it was let in, and err is never nil.
func (b *balancer) stay(mine *credentials) (joined bool, err error) {
	c := b.c
	late := time.AfterFunc(c.Limits.Join, func() { b.stop(fmt.Errorf("no answer in %v", c.Limits.Join)) })
	defer late.Stop()
	for granted, err := range b.api.JoinChatService(b.ctx, c.setup(mine)) {
		if err != nil {
			if cause := context.Cause(b.ctx); cause != nil {
				err = cause
			}
			return joined, err
		}
		late.Stop()
		c.letIn(b, &granted, !joined)
		joined = true
		mine.signUp, mine.attempts = false, 0
	}
	return joined, errors.New("the load balancer ended the connection")
}

// letIn takes in what a load balancer grants.
func (c *Client) letIn(b *balancer, granted *lbapi.Joined, first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.name, c.token = granted.Name, granted.Token
	c.stir()
	if !first {
		return
	}
	b.name = cmp.Or(granted.LoadBalancer, b.name)
	c.balancer = b
	close(b.in)
	c.sayState(Joined, "")
	if c.current == nil && c.next == nil {
		c.start(c.sayNoServer)
	}
}

// sayNoServer says so where no order has come a while after we were let in.
func (c *Client) sayNoServer() {
	late := time.NewTimer(c.Limits.Connect)
	defer late.Stop()
	select {
	case <-late.C:
	case <-c.ctx.Done():
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil && c.next == nil && c.ctx.Err() == nil {
		c.sayState(NoServer, "")
	}
}

// noBalancer says that a load balancer is lost, or could not be had. Address is empty for the one that we are at.
func (c *Client) noBalancer(address string, err error) {
	c.Logger.Debug("load balancer", "address", address, "reason", err)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.balancer = nil
	reason := plain(err)
	if address != "" {
		reason = address + ": " + reason
	}
	c.sayState(NoLoadBalancer, reason)
}

// plain returns what a person needs to know of an error: what the system said, if a line could not be made or
// broke, and not which call it was that came to know of it.
func plain(err error) string {
	if system := new(net.OpError); errors.As(err, &system) {
		cause := system.Err // without the address, and without the call
		if call := new(os.SyscallError); errors.As(cause, &call) {
			cause = call.Err
		}
		return cause.Error()
	}
	if errors.Is(err, io.EOF) {
		return "the connection was closed"
	}
	return err.Error()
}

// pauseBefore returns how long to wait before the next load balancer, after so many that did not let us in.
func (c *Client) pauseBefore(failures int) time.Duration {
	c.mu.Lock()
	connected := c.current != nil
	c.mu.Unlock()
	round := failures / len(c.LoadBalancers) // each is tried once before there is a pause
	switch {
	case failures == 0 && connected:
		return rand.N(spread)
	case round == 0:
		return 0
	}
	pause := min(minPause<<min(round-1, 10), maxPause)
	return pause/2 + rand.N(pause/2)
}

// close gives the load balancer up and waits for its calls.
func (b *balancer) close() {
	b.stop(nil)
	b.c.mu.Lock()
	if b.c.balancer == b {
		b.c.balancer = nil
	}
	b.c.mu.Unlock()
	b.rpc.Close()
}

// UpdateRPCChatServer implements api.ClientMessageService.
func (b *balancer) UpdateRPCChatServer(ctx context.Context, order api.ChatServer) error {
	if err := identity.Require(ctx, identity.LoadBalancer); err != nil {
		return err
	}
	if order.Name == "" || order.Address == "" {
		return runtime.Errorf(runtime.CodeInvalidArgument, "an order has a server's name and address")
	}
	select {
	case <-b.in: // the order may have overtaken that
	case <-b.ctx.Done():
		return context.Cause(b.ctx)
	case <-ctx.Done():
		return ctx.Err()
	}
	c := b.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if order.Number <= b.ordered || b.ctx.Err() != nil {
		return nil
	}
	b.ordered = order.Number
	c.obey(order)
	return nil
}

// ReceiveMessage implements api.ClientMessageService.
func (b *balancer) ReceiveMessage(context.Context, []api.Delivery, uint64) error {
	return notYours("messages", "the server")
}

// ReceivePrivateMessage implements api.ClientMessageService.
func (b *balancer) ReceivePrivateMessage(context.Context, justchat.Message) error {
	return notYours("private messages", "the server, and other clients")
}

// notYours is the answer to a call that is not the caller's to make.
func notYours(what, whose string) error {
	return runtime.Errorf(runtime.CodePermissionDenied, "%s come from %s", what, whose)
}
