package failures_test

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/transcript"
)

// A person is a client in the test's process, and all that happened to it.
type person struct {
	*client.Client
	t    testing.TB
	name string
	late bool // she has not been here from the start, and is not asked for what was before
	stop func()

	mu      sync.Mutex
	changed chan struct{}
	sent    []transcript.Sent // by number, from 1 on
	shown   []transcript.Shown
	highest map[string]uint64 // that was shown, by user
	marked  int               // that came late, and were marked so
	failed  []error
	state   client.State
	states  []string // all so far, for a failure
	acks    int
	enough  int           // of them, see hearMore
	acked   time.Time     // the last time
	again   time.Time     // the first time since she was welcomed where she is
	longest time.Duration // between two acknowledgements
	ended   error         // of Run
}

// join has a person join, and waits until a server has welcomed her.
func (c *cluster) join(name string) *person {
	c.t.Helper()
	p := c.begin(name)
	p.connected()
	return p
}

// connected waits until she has a server.
func (p *person) connected() {
	p.t.Helper()
	p.wait("a server", func() bool { return p.state.Server != "" })
}

// begin has a person join, and does not wait.
func (c *cluster) begin(name string) *person {
	c.t.Helper()
	p := &person{t: c.t, name: name, changed: make(chan struct{}), highest: make(map[string]uint64)}
	var err error
	p.Client, err = client.New(client.Config{
		LoadBalancers: c.addresses, User: name,
		Password:  func(context.Context, error) (string, error) { return "password of " + name, nil },
		Authority: c.identity.Authority(),
		Events:    p.hear, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // stop waits
		defer close(done)
		err := p.Run(context.Background())
		p.mu.Lock()
		defer p.mu.Unlock()
		p.ended = err
		p.stir()
	}()
	p.stop = sync.OnceFunc(func() {
		p.Close()
		<-done
	})
	c.t.Cleanup(p.stop)
	return p
}

// joinAll has so many people join at once.
func (c *cluster) joinAll(names ...string) []*person {
	c.t.Helper()
	var people []*person
	for _, name := range names {
		people = append(people, c.begin(name))
	}
	for _, p := range people {
		p.connected()
	}
	return people
}

func (p *person) hear(e client.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case *client.Message:
		id := transcript.ID{User: e.From, Number: e.Number}
		p.shown = append(p.shown, transcript.Shown{ID: id, Late: e.Late})
		p.highest[e.From] = max(p.highest[e.From], e.Number)
		if e.Late {
			p.marked++
		}
	case *client.Acknowledged:
		now := time.Now()
		if p.acks++; p.acks > 1 {
			p.longest = max(p.longest, now.Sub(p.acked))
		}
		p.acked = now
		if p.again.IsZero() {
			p.again = now
		}
		p.sent[e.Number-1].Acked = true
	case *client.Failed:
		p.failed = append(p.failed, e.Err)
	case *client.State:
		if e.Kind == client.Connected {
			p.again = time.Time{}
		}
		p.state = *e
		p.states = append(p.states, fmt.Sprintf("%s %d %s: %s", time.Now().Format("05.000"), e.Kind, e.Server, e.Reason))
	}
	p.stir()
}

func (p *person) stir() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits until what is asked for is so. The person's lock is held when it is asked.
func (p *person) wait(what string, is func() bool) {
	p.t.Helper()
	late := time.After(patience)
	for {
		p.mu.Lock()
		so, changed := is(), p.changed
		p.mu.Unlock()
		if so {
			return
		}
		select {
		case <-changed:
		case <-late:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("%s waits for %s; %d sent, %d acknowledged, %d shown, failed %v, ended %v, states:\n%s",
				p.name, what, len(p.sent), p.acks, len(p.shown), p.failed, p.ended, strings.Join(p.states, "\n"))
		}
	}
}

// say says something to all, and notes what she had seen before.
func (p *person) say(ctx context.Context, text string) (number uint64, err error) {
	p.mu.Lock()
	seen := maps.Clone(p.highest)
	p.sent = append(p.sent, transcript.Sent{Number: uint64(len(p.sent)) + 1, Seen: seen})
	want := uint64(len(p.sent))
	p.mu.Unlock()
	if number, err = p.Send(ctx, text); err != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent = p.sent[:len(p.sent)-1]
		return 0, err
	}
	if number != want {
		p.t.Errorf("%s has said number %d, want %d", p.name, number, want)
	}
	return number, nil
}

// tell says something to all, and waits until it is acknowledged.
func (p *person) tell(text string) {
	p.t.Helper()
	number, err := p.say(p.t.Context(), text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.wait("an acknowledgement", func() bool { return p.sent[number-1].Acked })
}

// chatter says something each interval until ctx ends.
func (p *person) chatter(ctx context.Context, interval time.Duration) {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
		if _, err := p.say(ctx, "something to say"); err != nil {
			if ctx.Err() == nil {
				p.t.Errorf("%s: %v", p.name, err)
			}
			return
		}
	}
}

// server is the name of where she is, or empty.
func (p *person) server() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.Server
}

// transcript is what she did and saw.
func (p *person) transcript() transcript.Transcript {
	p.mu.Lock()
	defer p.mu.Unlock()
	return transcript.Transcript{User: p.name, Whole: !p.late, Sent: p.sent, Shown: p.shown}
}
