package client

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

// A person is a client at work, and what it showed.
type person struct {
	*Client
	w      *world
	t      testing.TB
	events []Event // the world's mu guards it
	over   chan struct{}
	err    error // of Run, once over is closed
}

// enter lets a user in who knows her password.
func (w *world) enter(user string, change func(*Config), balancers ...*fakeBalancer) *person {
	w.t.Helper()
	p := w.person(user, change, balancers...)
	p.run()
	p.waitFor("a server", func(e Event) bool { s, ok := e.(*State); return ok && s.Kind == Connected })
	return p
}

// person makes a client that is not run yet.
func (w *world) person(user string, change func(*Config), balancers ...*fakeBalancer) *person {
	w.t.Helper()
	p := &person{w: w, t: w.t, over: make(chan struct{})}
	config := Config{
		User:      user,
		Password:  func(context.Context, error) (string, error) { return "secret of " + user, nil },
		Authority: w.authority,
		Logger:    w.logs.Logger(-4),
		Events:    func(e Event) { w.change(func() { p.events = append(p.events, e) }) },
	}
	for _, b := range balancers {
		config.LoadBalancers = append(config.LoadBalancers, b.address)
	}
	if change != nil {
		change(&config)
	}
	c, err := New(config)
	if err != nil {
		w.t.Fatal(err)
	}
	p.Client = c
	w.t.Cleanup(func() { c.Close() })
	return p
}

func (p *person) run() {
	go func() {
		defer close(p.over)
		p.err = p.Run(context.Background())
	}()
}

// waitFor waits until there was such an event.
func (p *person) waitFor(what string, is func(Event) bool) {
	p.t.Helper()
	p.w.wait(p.User+" gets "+what, func() bool {
		for _, e := range p.events {
			if is(e) {
				return true
			}
		}
		return false
	})
}

// says sends a text.
func (p *person) says(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if _, err := p.Send(p.t.Context(), text); err != nil {
			p.t.Fatal(err)
		}
	}
}

// hears waits until exactly these texts were shown, in this order, after a name and a colon.
func (p *person) hears(want ...string) {
	p.t.Helper()
	p.w.wait(fmt.Sprintf("%s hears %q", p.User, want), func() bool { return len(p.heard()) >= len(want) })
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	if got := p.heard(); fmt.Sprint(got) != fmt.Sprint(want) {
		p.t.Errorf("%s heard %q, want %q", p.User, got, want)
	}
}

// heard returns what was shown. The world's mu is held.
func (p *person) heard() (texts []string) {
	for _, e := range p.events {
		if m, ok := e.(*Message); ok {
			texts = append(texts, m.From+":"+m.Text)
		}
	}
	return texts
}

// states waits until there were these kinds, in this order, with whatever in between.
func (p *person) waitStates(want ...StateKind) {
	p.t.Helper()
	p.w.wait(fmt.Sprintf("%s's states are %v", p.User, want), func() bool {
		rest := want
		for _, e := range p.events {
			if s, ok := e.(*State); ok && len(rest) > 0 && s.Kind == rest[0] {
				rest = rest[1:]
			}
		}
		return len(rest) == 0
	})
}

// flushes waits until all was acknowledged.
func (p *person) flushes() {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 20*time.Second)
	defer cancel()
	if left := p.Flush(ctx); left != nil {
		p.t.Fatalf("not acknowledged: %v", left)
	}
}

// leaves waits for the end of Run.
func (p *person) leaves(want error) {
	p.t.Helper()
	<-p.over
	if !errors.Is(p.err, want) {
		p.t.Errorf("Run returned %v, want %v", p.err, want)
	}
}
