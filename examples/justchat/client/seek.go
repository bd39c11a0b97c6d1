package client

import (
	"context"
	"errors"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// How a server is sought: an order that does not come is asked for again after firstWait, and then ever more
// seldom. Servers that are lost one soon after the other are reported with a pause between them, which
// grows.
const (
	firstWait   = 250 * time.Millisecond
	longestWait = time.Second
	reportTime  = 2 * time.Second
	soon        = time.Second
	firstPause  = 10 * time.Millisecond
)

// seek finds a server in place of the one that was lost, unless that is under way. c.mu is held.
func (c *Client) seek() {
	if !c.seeking {
		c.seeking = true
		c.start(c.seekServer)
	}
}

// seekServer tells the load balancer at once that a server was lost, and waits for its order. While none comes,
// it tells it again, and tries the server of the last order again too: it may be the only one.
func (c *Client) seekServer() {
	wait := firstWait
	for {
		c.mu.Lock()
		lost, flaps := c.lost, c.flaps
		c.lost = ""
		c.mu.Unlock()
		if flaps > 0 {
			c.pause(min(firstPause<<min(flaps-1, 10), longestWait))
		}
		c.report(lost)
		c.settle(wait)
		c.mu.Lock()
		if c.current != nil && c.lost == "" || c.ctx.Err() != nil {
			c.seeking = false
			c.mu.Unlock()
			return
		}
		if c.lost == "" { // nothing has happened: the same again
			c.lost = lost
			wait = min(2*wait, longestWait)
			c.connect()
		}
		c.mu.Unlock()
	}
}

// settle waits until there is a server, or another one is lost, but no longer than wait.
func (c *Client) settle(wait time.Duration) {
	ctx, cancel := context.WithTimeout(c.ctx, wait)
	defer cancel()
	c.await(ctx, func() bool { return c.current != nil || c.lost != "" })
}

// report tells the load balancer that a server was lost. A load balancer that does not answer is given up.
func (c *Client) report(server string) {
	c.mu.Lock()
	b := c.balancer
	c.mu.Unlock()
	if b == nil {
		return
	}
	ctx, cancel := context.WithTimeout(b.ctx, reportTime)
	defer cancel()
	err := b.api.ServerFailed(ctx, server)
	var broken *runtime.Error
	if errors.As(err, &broken) && !broken.Remote() && c.ctx.Err() == nil {
		b.stop(errors.New("it does not answer"))
	}
}
