package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/identity"
)

// joinAtOnce is how many clients of a process are on their way in at once.
const joinAtOnce = 32

// A crowd is the clients of one process. They share an authority, so that each message is checked once for all
// of them: 10,000 machines would do it in their own time.
type crowd struct {
	s       *settings
	clients []*client.Client
	running sync.WaitGroup

	mu      sync.Mutex
	in      map[string]bool // who has a server
	changed chan struct{}
	heard   outcome
	acked   int
}

// startClients brings users in, and returns when all have a server.
func startClients(s *settings, o order) (*node, error) {
	cluster, err := identity.NewCluster(identity.Secret{Current: o.Secret})
	if err != nil {
		return nil, err
	}
	c := &crowd{s: s, in: make(map[string]bool), changed: make(chan struct{}, 1)}
	slots := make(chan struct{}, joinAtOnce)
	for _, user := range o.Users {
		slots <- struct{}{}
		if err := c.join(user, o.Balancer, cluster.Authority(), func() { <-slots }); err != nil {
			return nil, err
		}
	}
	if !c.await(time.Minute, func() bool { return len(c.in) == len(o.Users) }) {
		return nil, fmt.Errorf("%d of %d clients have a server after a minute", len(c.in), len(o.Users))
	}
	return &node{load: c.load, stop: c.stop}, nil
}

// join starts a client, which calls in once it has a server for the first time.
func (c *crowd) join(user, balancer string, authority *identity.Authority, in func()) error {
	in = sync.OnceFunc(in)
	one, err := client.New(client.Config{
		LoadBalancers: []string{balancer}, User: user, Authority: authority, Logger: logger,
		Password: func(context.Context, error) (string, error) { return "password", nil },
		Limits:   client.Limits{Connect: time.Minute}, // with all on the same two processors
		Events: func(e client.Event) {
			switch e := e.(type) {
			case *client.Message:
				c.hear(e)
			case *client.State:
				c.note(user, e.Kind == client.Connected, e.Server != "")
				if e.Kind == client.Connected {
					in()
				}
			case *client.Acknowledged:
				c.mu.Lock()
				c.acked++
				c.mu.Unlock()
				c.stir()
			}
		},
	})
	if err != nil {
		return err
	}
	c.clients = append(c.clients, one)
	c.running.Go(func() {
		if err := one.Run(context.Background()); err != nil {
			logger.Error("a client is not in", "user", user, "reason", err)
		}
		in()
	})
	return nil
}

// note notes that a client has found or lost its server.
func (c *crowd) note(user string, found, has bool) {
	c.mu.Lock()
	switch {
	case found:
		c.in[user] = true
	case !has && c.in[user]:
		delete(c.in, user)
		c.heard.Lost++
	}
	c.mu.Unlock()
	c.stir()
}

// hear notes a message that was shown.
func (c *crowd) hear(m *client.Message) {
	delay := time.Since(m.Sent)
	c.mu.Lock()
	c.heard.Delivered++
	c.heard.Delays.add(delay)
	c.mu.Unlock()
}

func (c *crowd) stir() {
	select {
	case c.changed <- struct{}{}:
	default:
	}
}

// await waits until is holds, which is asked with the lock held, and reports whether it does.
func (c *crowd) await(patience time.Duration, is func() bool) bool {
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		so := is()
		c.mu.Unlock()
		if so {
			return true
		}
		select {
		case <-c.changed:
		case <-time.After(50 * time.Millisecond): // deliveries do not stir
		case <-deadline:
			return false
		}
	}
}

// load has the clients speak in turns, at this process's part of the rate, and returns what became of it
// once all that was said anywhere is shown, or a while later.
func (c *crowd) load() outcome {
	rate := c.s.Rate / float64(c.s.Processes)
	began, text := time.Now(), strings.Repeat("x", c.s.Bytes)
	sent := 0
	for time.Since(began) < c.s.For && rate > 0 {
		if _, err := c.clients[sent%len(c.clients)].Send(context.Background(), text); err != nil {
			logger.Error("a message was not taken", "reason", err)
			break
		}
		sent++
		time.Sleep(time.Until(began.Add(time.Duration(float64(sent) / rate * float64(time.Second)))))
	}
	want := int(c.s.Rate*c.s.For.Seconds()) * len(c.clients)
	c.await(c.s.For/2, func() bool { return c.heard.Delivered >= want && c.acked >= sent })
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.heard
	o.Sent, o.Acked, o.Took = sent, c.acked, time.Since(began)
	return o
}

func (c *crowd) stop() {
	var closed sync.WaitGroup
	for _, one := range c.clients {
		closed.Go(func() { one.Close() })
	}
	closed.Wait()
	c.running.Wait()
}
