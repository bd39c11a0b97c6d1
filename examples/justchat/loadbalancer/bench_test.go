package loadbalancer

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
)

// A server dies, and 2,000 clients are moved, over TLS: the time until all have answered the order, since the server answered
// last (death-to-last), and since the verdict (verdict-to-last). The clients are in the same process.
func BenchmarkMove(b *testing.B) {
	const people = 2000
	c := newCluster(b)
	c.limits.HeartbeatMisses = heartbeat.Misses
	lb := c.balancers(1)[0]
	servers := []*chatServer{c.starts("s0", lb)}
	var answered [1 << 10]atomic.Int64 // orders by the number of the server
	reached := func(server int) func() bool {
		return func() bool { return answered[server].Load() >= people }
	}
	enterAll(c, people, lb, func(_ context.Context, order clientapi.ChatServer) error {
		server, err := strconv.Atoi(order.Name[1:])
		answered[server].Add(1)
		return err
	})
	until(b, "all are there", reached(0))
	var total, sinceVerdict time.Duration
	b.ResetTimer()
	for i := range min(b.N, len(answered)-1) {
		servers = append(servers, c.starts(fmt.Sprint("s", i+1), lb))
		began := time.Now()
		servers[i].pulse.Close() // its call stays open: only the heartbeat tells
		until(b, "the verdict", func() bool { return answered[i+1].Load() > 0 })
		verdict := time.Now()
		until(b, "all are there", reached(i+1))
		total += time.Since(began)
		sinceVerdict += time.Since(verdict)
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "ms/death-to-last")
	b.ReportMetric(float64(sinceVerdict.Milliseconds())/float64(b.N), "ms/verdict-to-last")
}

// enterAll has many come in at once.
func enterAll(c *cluster, people int, lb *balancer, answer func(context.Context, clientapi.ChatServer) error) {
	var group sync.WaitGroup
	slots := make(chan struct{}, 16)
	for i := range people {
		p := c.person(fmt.Sprint("person", i), answer, lb)
		slots <- struct{}{}
		group.Go(func() {
			p.enters()
			<-slots
		})
	}
	group.Wait()
}
