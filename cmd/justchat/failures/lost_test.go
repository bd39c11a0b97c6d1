package failures_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// TestLoadBalancerKilled kills the load balancers one after the other, the last one too, under people who speak every
// 20 ms: that is no interruption.
func TestLoadBalancerKilled(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, 3, 2)
	people := c.joinAll("Elon", "Tony", "Robert")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var talking sync.WaitGroup
	for _, p := range people {
		talking.Go(func() { p.chatter(ctx, 20*time.Millisecond) })
	}
	for _, lb := range c.balancers {
		hearMore(people, 10)
		lb.kill()
		hearMore(people, 50) // a second
	}
	began := time.Now()
	c.balancers[0].again()
	for _, p := range people {
		p.wait("a load balancer", func() bool { return p.state.LoadBalancer == c.addresses[0] })
		t.Logf("%s is let in again %v after the start of a load balancer", p.name, time.Since(began))
	}
	hearMore(people, 10)
	stop()
	talking.Wait()
	check(c, people)
	for _, p := range people {
		t.Logf("%s: %d acknowledged, at most %v apart", p.name, p.acks, p.longest)
		if p.longest > 2*time.Second {
			t.Errorf("%s was interrupted for %v", p.name, p.longest)
		}
	}
}

// hearMore waits until each has heard so many acknowledgements more.
func hearMore(people []*person, count int) {
	for _, p := range people {
		p.mu.Lock()
		p.enough = p.acks + count
		p.mu.Unlock()
	}
	for _, p := range people {
		p.wait("acknowledgements", func() bool { return p.acks >= p.enough })
	}
}

// TestAllServersKilled leaves the room without a server: who is there waits, and goes on by herself once one is back.
func TestAllServersKilled(t *testing.T) {
	t.Parallel()
	c := newCluster(t, 1, 3, 2)
	people := c.joinAll("Elon", "Tony", "Robert")
	for _, p := range people {
		p.tell("before")
	}
	for _, n := range c.servers {
		n.kill()
	}
	for _, p := range people {
		p.wait("word that there is no server", func() bool { return p.state.Kind == client.NoServer })
		if _, err := p.say(t.Context(), "meanwhile"); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	c.servers[0].again()
	for _, p := range people {
		p.wait("an acknowledgement", func() bool { return p.acks == 2 })
		t.Logf("%s: acknowledged %v after the start of a server", p.name, time.Since(began))
	}
	c.servers[1].again()
	c.settle()
	for _, p := range people {
		p.tell("after")
	}
	check(c, people)
}
