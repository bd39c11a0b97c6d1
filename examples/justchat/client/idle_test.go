//go:build !race

// The race detector keeps memory of its own beside what is measured here.

package client

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	goruntime "runtime"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
)

// fakesEnv has the test binary be the fakes, for clients in another process.
const fakesEnv = "JUSTCHAT_CLIENT_TEST_FAKES"

// TestFakes is the other process: it says where it is, and stays until its input ends.
func TestFakes(t *testing.T) {
	if os.Getenv(fakesEnv) == "" {
		t.Skip("skipped: it is for BenchmarkIdle")
	}
	w := newWorld(t)
	w.server("s1")
	fmt.Println("fakes at", w.balancer("lb1").address)
	io.Copy(io.Discard, os.Stdin)
}

// startFakes starts the other process, and returns the address of its load balancer.
func startFakes(b *testing.B) string {
	fakes := exec.Command(os.Args[0], "-test.run", "^TestFakes$")
	fakes.Env = append(os.Environ(), fakesEnv+"=1")
	in, err := fakes.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := fakes.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := fakes.Start(); err != nil {
		b.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if at, ok := strings.CutPrefix(lines.Text(), "fakes at "); ok {
			b.Cleanup(func() { in.Close(); io.Copy(io.Discard, out); fakes.Wait() })
			return at
		}
	}
	b.Fatal("no fakes")
	return ""
}

// BenchmarkIdle measures what a client that says nothing costs in heap and stacks, its two TLS connections
// included, and how many goroutines it has.
func BenchmarkIdle(b *testing.B) {
	const (
		n      = 300
		enough = 64 << 10
	)
	for b.Loop() {
		w := newWorld(b)
		address := startFakes(b)
		var pinned *identity.Authority
		enter := func(i int) {
			p := w.person(fmt.Sprintf("user %d", i), func(c *Config) {
				c.LoadBalancers = []string{address}
				c.Authority = pinned
				c.Pin = func(a *identity.Authority) error { pinned = a; return nil }
				c.Events = func(e Event) { // what it keeps would count
					if s, ok := e.(*State); ok && s.Kind == Connected {
						w.change(func() { w.users[s.Name] = s.Server })
					}
				}
			})
			p.run()
			w.wait("it is connected", func() bool { return len(w.users) > i })
		}
		enter(0) // with which comes what all share
		before, goroutines := inUse(), goruntime.NumGoroutine()
		for i := range n {
			enter(i + 1)
		}
		cost := float64(1 << 30)
		for began := time.Now(); cost > enough && time.Since(began) < 10*time.Second; { // connections give things up once they are idle for a while
			cost = float64(inUse()-before) / n
		}
		b.ReportMetric(cost, "B/client")
		b.ReportMetric(float64(goruntime.NumGoroutine()-goroutines)/n, "goroutines/client")
	}
}

// inUse returns how many bytes of heap and stacks are in use.
func inUse() int64 {
	for range 4 { // pools empty and stacks shrink over several collections
		goruntime.GC()
	}
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}
