package failures_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"
)

// TestFailover kills servers, and expects each of their clients to go on elsewhere. How fast that is, make bench-justchat
// says.
func TestFailover(t *testing.T) {
	f := newFailovers(newCluster(t, 1, 3, 3), 100*time.Millisecond)
	for range 3 {
		f.kill()
	}
	t.Log(f)
	if worst := slices.Max(f.took); worst > 10*time.Second {
		t.Errorf("a client was without a server for %v", worst)
	}
	f.stop()
	check(f.cluster, f.people)
}

// BenchmarkFailover is the time from SIGKILL of a server until each of its clients has sent something again and heard that
// it is acknowledged. Each iteration kills one of three servers, the one with the most of twenty clients.
func BenchmarkFailover(b *testing.B) {
	f := newFailovers(newCluster(b, 1, 3, 3), 20*time.Millisecond)
	for b.Loop() {
		f.kill()
	}
	b.ReportMetric(0, "ns/op")
	for name, quantile := range map[string]float64{"p50-ms": 0.5, "p99-ms": 0.99, "max-ms": 1} {
		b.ReportMetric(float64(f.quantile(quantile).Microseconds())/1000, name)
	}
	b.Log(f)
}

// failovers are measured in a cluster whose clients talk without a pause.
type failovers struct {
	*cluster
	people []*person
	stop   func() // ends the talk
	took   []time.Duration
}

// newFailovers has twenty people join, each of whom says something every interval.
func newFailovers(c *cluster, interval time.Duration) *failovers {
	f := &failovers{cluster: c}
	var names []string
	for i := range talkers {
		names = append(names, fmt.Sprintf("user%02d", i))
	}
	f.people = c.joinAll(names...)
	ctx, stop := context.WithCancel(context.Background())
	var talking sync.WaitGroup
	for _, p := range f.people {
		talking.Go(func() { p.chatter(ctx, interval) })
	}
	f.stop = func() {
		stop()
		talking.Wait()
	}
	c.t.Cleanup(f.stop)
	return f
}

// kill kills a server and starts it again.
func (f *failovers) kill() {
	f.lose(func(server int) { f.servers[server].kill() }, func(server int) { f.servers[server].again() })
}

// lose takes down the server with the most clients, notes for how long each could not send, and brings the
// server back.
func (f *failovers) lose(down, up func(server int)) {
	clients := make(map[string][]*person)
	for _, p := range f.people {
		p.connected()
		clients[p.server()] = append(clients[p.server()], p)
	}
	lost := 0
	for i, n := range f.servers {
		if len(clients[n.name]) > len(clients[f.servers[lost].name]) {
			lost = i
		}
	}
	name := f.servers[lost].name
	began := time.Now()
	down(lost)
	for _, p := range clients[name] {
		f.took = append(f.took, p.acknowledgedElsewhere(name).Sub(began))
	}
	up(lost)
	f.settle()
}

// acknowledgedElsewhere waits until she has left that server, and then something is acknowledged, and returns when it was.
func (p *person) acknowledgedElsewhere(server string) (at time.Time) {
	p.wait("another server than "+server, func() bool {
		at = p.again
		return p.state.Server != "" && p.state.Server != server && !at.IsZero()
	})
	return at
}

func (f *failovers) quantile(q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(f.took))
	return sorted[int(q*float64(len(sorted)-1))]
}

func (f *failovers) String() string {
	return fmt.Sprintf("%d clients lost their server; sent and acknowledged again after p50 %v, p99 %v, at most %v",
		len(f.took), f.quantile(0.5), f.quantile(0.99), f.quantile(1))
}
