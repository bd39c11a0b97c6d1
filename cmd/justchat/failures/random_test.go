package failures_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/transcript"
)

// talkers is how many people talk while servers die.
const talkers = 20

// TestSoakServersKilled kills servers at random, one at a time, and starts each again on its data folder, while twenty
// people talk. Then a checker reads what each has sent and seen, and what each server tells.
func TestSoakServersKilled(t *testing.T) {
	if !soaking {
		killServers(newCluster(t, 1, 3, 3), 6, 200)
		return
	}
	t.Run("full", func(t *testing.T) { killServers(newCluster(t, 1, 3, 3), 50, 1000) })
	t.Run("race", func(t *testing.T) {
		c := &cluster{t: t, dir: t.TempDir(), binary: raced, host: "127.0.0.1"}
		c.startAll(1, 3, 3)
		killServers(c, 10, 200)
	})
}

// killServers kills that many, under so many messages a second of all together.
func killServers(c *cluster, kills, second int) {
	t := c.t
	t.Helper()
	var names []string
	for i := range talkers {
		names = append(names, fmt.Sprintf("user%02d", i))
	}
	people := c.joinAll(names...)

	began := time.Now()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var talking sync.WaitGroup
	for _, p := range people {
		talking.Go(func() { p.chatter(ctx, talkers*time.Second/time.Duration(second)) })
	}
	for range kills {
		c.killAndRestart(rand.IntN(len(c.servers)))
	}
	stop()
	talking.Wait()
	took := time.Since(began)
	check(c, people)
	sent, late, longest := 0, 0, time.Duration(0)
	for _, p := range people {
		sent, late, longest = sent+len(p.sent), late+p.marked, max(longest, p.longest)
	}
	t.Logf("%d kills in %v: %d messages sent, %.0f a second; %d deliveries came late and marked; the longest that anybody waited between two acknowledgements was %v",
		kills, took.Round(time.Second), sent, float64(sent)/took.Seconds(), late, longest.Round(time.Millisecond))
}

// killAndRestart kills a server under load, and starts it again a little later.
func (c *cluster) killAndRestart(server int) {
	c.t.Helper()
	pause(c.t.Context(), rand.N(300*time.Millisecond))
	n := c.servers[server]
	c.t.Logf("%s dies", n.name)
	n.kill()
	pause(c.t.Context(), rand.N(time.Second))
	n.again()
	c.settle()
}

// check waits until all that was said is acknowledged and shown, and then has the checker say what was broken.
func check(c *cluster, people []*person) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	acked := 0
	for _, p := range people {
		if left := p.Flush(ctx); len(left) > 0 {
			c.t.Errorf("%s: %d messages are not acknowledged, from number %d on", p.name, len(left), left[0].Number)
		}
		p.mu.Lock()
		acked += p.acks
		if len(p.failed) > 0 {
			c.t.Errorf("%s: %d messages were not taken: %v", p.name, len(p.failed), p.failed[0])
		}
		p.mu.Unlock()
	}
	var transcripts []transcript.Transcript
	for _, p := range people {
		if !p.late {
			p.reaches(ctx, acked)
		}
		transcripts = append(transcripts, p.transcript())
	}
	for _, fault := range transcript.Check(transcripts, c.histories(), 20) {
		c.t.Error(fault)
	}
}

// reaches waits until she was shown so many messages, or until ctx ends.
func (p *person) reaches(ctx context.Context, count int) {
	for {
		p.mu.Lock()
		there, changed := len(p.shown) >= count, p.changed
		p.mu.Unlock()
		if there {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
