package justchat_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	stdruntime "runtime"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// TestLoad has 300 clients in a room of one server, each of which hears every message once. It is TestSoakLoad
// in small.
func TestLoad(t *testing.T) { testLoad(t, 300, 20) }

// TestSoakLoad is TestLoad with 2,000 clients, for make soak. What one server can do without clients in the same process
// is measured by cmd/justchat/load.
func TestSoakLoad(t *testing.T) {
	if os.Getenv("PARLEY_SOAK") == "" {
		t.Skip("make soak runs it")
	}
	testLoad(t, 2000, 200)
}

// testLoad has that many clients come in, and some say that many messages, 20 a second.
func testLoad(t *testing.T, clients, messages int) {
	c := newCluster(t, 1, 1)
	before := inUse()
	crowd := &crowd{heard: make([]int, clients), in: make([]bool, clients), want: messages}
	began := time.Now()
	crowd.join(c, clients)
	joined := time.Since(began)
	together := inUse() - before
	ticker := time.NewTicker(time.Second / 20)
	defer ticker.Stop()
	for n := range messages {
		if _, err := crowd.clients[n*7%clients].Send(t.Context(), fmt.Sprint(n)); err != nil {
			t.Fatal(err)
		}
		<-ticker.C
	}
	for _, one := range crowd.clients {
		if left := one.Flush(t.Context()); len(left) > 0 {
			t.Errorf("got %v not acknowledged, want all", left)
		}
	}
	await(t, "all to hear all", crowd.done)
	crowd.mu.Lock()
	defer crowd.mu.Unlock()
	for n, heard := range crowd.heard {
		if heard != messages {
			t.Errorf("client %d heard %d messages, want %d", n, heard, messages)
		}
	}
	slices.Sort(crowd.delays)
	t.Logf("%d clients in %v, %d KiB each for server, load balancer and client; %d deliveries, servers lost %d, delay p50 %v, p99 %v",
		clients, joined, together/uint64(clients)>>10, len(crowd.delays), crowd.again, crowd.delays[len(crowd.delays)/2], crowd.delays[len(crowd.delays)*99/100])
}

// A crowd is many clients and what they heard.
type crowd struct {
	clients []*client.Client
	want    int

	mu     sync.Mutex
	heard  []int // messages, by client
	in     []bool
	again  int // times that one lost its server
	delays []time.Duration
}

// join brings clients in, 32 at a time. They leave with the test.
func (c *crowd) join(in *cluster, clients int) {
	in.t.Helper()
	slots := make(chan struct{}, 32)
	var running sync.WaitGroup
	for n := range clients {
		slots <- struct{}{}
		free := sync.OnceFunc(func() { <-slots })
		one, err := client.New(client.Config{
			LoadBalancers: in.addresses, User: fmt.Sprint("user", n), Authority: in.identity.Authority(), Logger: in.logger,
			Password: func(context.Context, error) (string, error) { return "password", nil },
			Limits:   client.Limits{Connect: patience},
			Events: func(e client.Event) {
				if c.hear(n, e) {
					free()
				}
			},
		})
		if err != nil {
			in.t.Fatal(err)
		}
		c.clients = append(c.clients, one)
		running.Go(func() {
			if err := one.Run(context.Background()); err != nil {
				in.t.Error(err)
			}
		})
	}
	in.t.Cleanup(func() {
		var closed sync.WaitGroup
		for _, one := range c.clients {
			closed.Go(func() { one.Close() })
		}
		closed.Wait()
		running.Wait()
	})
	for range cap(slots) {
		slots <- struct{}{}
	}
}

// hear notes what happens to a client, and reports whether it has come in.
func (c *crowd) hear(n int, e client.Event) (in bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch e := e.(type) {
	case *client.Message:
		c.delays = append(c.delays, time.Since(e.Sent))
		c.heard[n]++
	case *client.State:
		if e.Kind == client.Connected {
			c.in[n], in = true, true
		}
		if e.Kind == client.NoServer && c.in[n] {
			c.again++
		}
	}
	return in
}

// done reports whether all clients have heard all messages.
func (c *crowd) done() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !slices.ContainsFunc(c.heard, func(heard int) bool { return heard < c.want })
}

// inUse returns the bytes of heap and stacks in use.
func inUse() uint64 {
	stdruntime.GC()
	stdruntime.GC()
	var m stdruntime.MemStats
	stdruntime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}
