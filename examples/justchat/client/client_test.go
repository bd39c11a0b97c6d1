package client

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

func TestSayAndHear(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
	elon.says("hello", "two\x1b[2J\r\nlines")
	elon.flushes()
	tony.hears("Elon:hello", "Elon:two\nlines")
	elon.hears("Elon:hello", "Elon:two\nlines")
	tony.says("hi")
	elon.hears("Elon:hello", "Elon:two\nlines", "Tony:hi")
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range elon.events {
		switch e := e.(type) {
		case *Message:
			if e.Own != (e.From == "Elon") || e.Private || e.Record == nil {
				t.Errorf("got %+v", e)
			}
		case *Acknowledged:
			if e.Copies != 2 || e.To != "" {
				t.Errorf("got %+v, want 2 copies", e)
			}
		}
	}
}

func TestWhoIsLetIn(t *testing.T) {
	type ask func(t *testing.T, n int, why error) (string, error)
	ready := func(password string) ask {
		return func(t *testing.T, n int, why error) (string, error) {
			if why != nil {
				t.Errorf("asked again: %v", why)
			}
			return password, nil
		}
	}
	gone := errors.New("she has gone")
	for name, test := range map[string]struct {
		user    string
		ask     ask
		refuses error
		want    error // nil: she is in
	}{
		"known": {user: "Elon", ask: ready("right")},
		"new": {user: "Natasha", ask: func(t *testing.T, n int, why error) (string, error) {
			if unknown := (*lbapi.UnknownUser)(nil); n == 1 && !errors.As(why, &unknown) {
				t.Errorf("asked again with %v, want an UnknownUser", why)
			}
			return "fresh", nil
		}},
		"wrong twice": {user: "Elon", ask: func(t *testing.T, n int, why error) (string, error) {
			return []string{"wrong", "wrong", "right"}[n], nil
		}},
		"wrong": {user: "Elon", ask: func(t *testing.T, n int, why error) (string, error) {
			if n > 2 {
				t.Error("asked more than 3 times")
			}
			return "wrong", nil
		}, want: &lbapi.WrongPassword{}},
		"gone":        {user: "Elon", ask: func(*testing.T, int, error) (string, error) { return "", gone }, want: gone},
		"banned":      {user: "Elon", ask: ready("right"), refuses: &justchat.Banned{User: "Elon"}, want: &justchat.Banned{}},
		"bad name":    {user: "E#", ask: ready("right"), refuses: &lbapi.BadName{User: "E#", Reason: "#"}, want: &lbapi.BadName{}},
		"taken":       {user: "e1on", ask: ready("right"), refuses: &lbapi.NameTaken{User: "e1on"}, want: &lbapi.NameTaken{}},
		"no password": {user: "Elon", ask: ready(""), refuses: runtime.NewError(runtime.CodeInvalidArgument, "no password"), want: runtime.NewError(runtime.CodeInvalidArgument, "")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.users["Elon"] = "right"
			b := w.balancer("lb1")
			b.refuses = test.refuses
			n := -1
			p := w.person(test.user, func(c *Config) {
				c.Password = func(_ context.Context, why error) (string, error) { n++; return test.ask(t, n, why) }
			}, b)
			p.run()
			if test.want == nil {
				p.waitStates(Joined)
				p.Close()
				p.leaves(nil)
				return
			}
			<-p.over
			if p.err == nil || p.err != test.want && !sameType(p.err, test.want) && runtime.CodeOf(p.err) != runtime.CodeOf(test.want) {
				t.Errorf("Run returned %T %v, want %T", p.err, p.err, test.want)
			}
		})
	}
}

func sameType(a, b error) bool {
	type named interface{ ErrorName() string }
	x, ok1 := a.(named)
	y, ok2 := b.(named)
	return ok1 && ok2 && x.ErrorName() == y.ErrorName()
}

// TestNoQuorum: who wants to sign up is told so when no load balancer can; who has signed up waits.
func TestNoQuorum(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	w.users["Elon"] = "secret of Elon"
	quorum := &justchat.NoQuorum{What: "a login"}
	b1.refuses, b2.refuses = quorum, quorum
	elon := w.person("Elon", nil, b1, b2)
	elon.run()
	w.wait("Elon tries again", func() bool { return len(b1.joins) > 2 })
	w.change(func() { b1.refuses, b2.refuses = &lbapi.UnknownUser{User: "Natasha"}, quorum })
	natasha := w.person("Natasha", func(c *Config) {
		c.Password = func(context.Context, error) (string, error) {
			w.change(func() {
				if len(b1.joins) > 0 && b1.joins[len(b1.joins)-1].User == "Natasha" {
					b1.refuses = quorum
				}
			})
			return "x", nil
		}
	}, b1, b2)
	natasha.run()
	<-natasha.over
	if !errors.As(natasha.err, &quorum) {
		t.Errorf("Run returned %v, want NoQuorum", natasha.err)
	}
	w.change(func() { b1.refuses, b2.refuses = nil, nil })
	elon.waitStates(Joined)
}

func TestTooManyLoginsAreTriedAgain(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	b.refuses = &justchat.TooFast{What: "logins", Wait: time.Millisecond}
	p := w.person("Elon", nil, b)
	p.run()
	w.wait("Elon comes again", func() bool { return len(b.joins) > 1 })
	w.change(func() { b.refuses = nil })
	p.waitStates(Joined, Connected)
}

// TestAnotherCluster: whoever answers there without the secret is not talked to.
func TestAnotherCluster(t *testing.T) {
	w, other := newWorld(t), newWorld(t)
	b := other.balancer("lb1")
	pinned := errors.New("the key has changed")
	for name, change := range map[string]func(*Config){
		"authority": nil,
		"pin":       func(c *Config) { c.Authority, c.Pin = nil, func(*identity.Authority) error { return pinned } },
	} {
		p := w.person("Elon", change, b)
		p.run()
		<-p.over
		var wrong *WrongCluster
		if !errors.As(p.err, &wrong) {
			t.Errorf("%s: Run returned %v, want a WrongCluster", name, p.err)
		}
		if name == "pin" && !errors.Is(p.err, pinned) {
			t.Errorf("Run returned %v, want what Pin said", p.err)
		}
	}
	if len(b.joins) > 0 {
		t.Error("the password went to another cluster")
	}
}

func TestPinIsAskedOnce(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	asked := 0
	p := w.enter("Elon", func(c *Config) {
		c.Authority, c.Pin = nil, func(*identity.Authority) error { asked++; return nil }
	}, b)
	p.says("hello")
	p.hears("Elon:hello")
	if asked != 1 {
		t.Errorf("asked %d times, want once", asked)
	}
}

// TestBalancerLost: the chat goes on, and the next one is told where the client is.
func TestBalancerLost(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	w.server("s1")
	p := w.enter("Elon", nil, b1, b2)
	b1.kill()
	p.says("still here")
	p.hears("Elon:still here")
	p.waitStates(Joined, Connected, NoLoadBalancer, Joined)
	w.mu.Lock()
	defer w.mu.Unlock()
	got := b2.joins[0]
	if got.Token == nil || got.Password != "" || got.Server != "s1" {
		t.Errorf("joined with token %t, password %q, server %q; want a token alone, and s1", got.Token != nil, got.Password, got.Server)
	}
	if n := len(w.servers[0].presents); n != 1 {
		t.Errorf("connected to the server %d times, want once", n)
	}
}

// TestTokenRefused: then the password is good, without asking for it.
func TestTokenRefused(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	w.server("s1")
	b1.life = 0
	asked := 0
	p := w.person("Elon", func(c *Config) {
		c.Password = func(context.Context, error) (string, error) { asked++; return "secret", nil }
	}, b1, b2)
	w.users["Elon"] = "secret"
	p.run()
	p.waitStates(Joined) // and the server refuses the token, so it joins again
	w.change(func() { b1.life = time.Minute })
	p.waitStates(Joined, Connected)
	if asked != 1 {
		t.Errorf("asked for the password %d times, want once", asked)
	}
}

func TestTokenIsRenewed(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	p := w.enter("Elon", nil, b)
	p.Client.mu.Lock()
	old := p.token
	p.Client.mu.Unlock()
	w.mu.Lock()
	b.life = 2 * time.Minute
	v := b.here["Elon"]
	w.mu.Unlock()
	v.again <- struct{}{}
	w.wait("another token", func() bool { return b.tokens == 2 })
	p.says("hello")
	p.hears("Elon:hello")
	p.Client.await(t.Context(), func() bool { return !slices.Equal(p.token, old) })
}

func TestBannedWhileHere(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	p := w.enter("Elon", nil, b)
	w.change(func() { b.expel["Elon"] = &justchat.Banned{User: "Elon"} })
	<-p.over
	if banned := (*justchat.Banned)(nil); !errors.As(p.err, &banned) {
		t.Errorf("Run returned %v, want Banned", p.err)
	}
	if _, err := p.Send(t.Context(), "hello"); !errors.Is(err, ErrClosed) {
		t.Errorf("Send afterwards: %v, want %v", err, ErrClosed)
	}
}

// TestNobodyThere: the client says so, and goes on once there is somebody.
func TestNobodyThere(t *testing.T) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := socket.Addr().String()
	socket.Close()
	w := newWorld(t)
	b := w.balancer("lb1")
	p := w.person("Elon", func(c *Config) { c.LoadBalancers = []string{nobody, b.address} })
	p.run()
	p.waitStates(NoLoadBalancer, Joined)
	p.says("early")
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if left := p.Flush(ctx); len(left) != 1 || left[0].Text != "early" || left[0].Number != 1 {
		t.Errorf("Flush returned %v, want one message", left)
	}
	if _, err := p.History(t.Context(), nil, 5); !errors.Is(err, ErrNoServer) {
		t.Errorf("History: %v, want %v", err, ErrNoServer)
	}
	b.order("Elon", w.server("s1"))
	p.hears("Elon:early")
	p.flushes()
}

func TestConfigIsChecked(t *testing.T) {
	for _, config := range []Config{{}, {LoadBalancers: []string{"x:1"}, User: "Elon", Password: func(context.Context, error) (string, error) { return "", nil }}} {
		if c, err := New(config); err == nil {
			c.Close()
			t.Errorf("New(%+v) has no error", config)
		}
	}
}

func TestTextsAreChecked(t *testing.T) {
	w := newWorld(t)
	p := w.person("Elon", nil, w.balancer("lb1"))
	for _, text := range []string{"", "\xff", strings.Repeat("x", 16<<10+1)} {
		if _, err := p.Send(t.Context(), text); err == nil {
			t.Errorf("Send(%.10q) has no error", text)
		}
		if _, err := p.SendPrivate(t.Context(), "Tony", text); err == nil {
			t.Errorf("SendPrivate(%.10q) has no error", text)
		}
	}
}

// TestQueueIsBounded: Send waits for room.
func TestQueueIsBounded(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	p := w.person("Elon", func(c *Config) { c.Limits.Queue = 2 }, b)
	p.run()
	p.says("1", "2")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Send(ctx, "3"); !errors.Is(err, context.Canceled) {
		t.Errorf("Send with a full queue: %v, want %v", err, context.Canceled)
	}
	p.waitStates(Joined)
	b.order("Elon", w.server("s1"))
	p.says("3", "4", "5")
	p.hears("Elon:1", "Elon:2", "Elon:3", "Elon:4", "Elon:5")
}

func TestHistory(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	p := w.enter("Elon", nil, b)
	p.says("one", "two")
	p.hears("Elon:one", "Elon:two")
	w.change(func() {
		forged := w.records[0]
		forged.Message.Text, forged.Number = "forged", 99
		w.records = append(w.records, w.records[0], forged)
	})
	got, err := p.History(t.Context(), nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, m := range got {
		texts = append(texts, m.Text)
	}
	if strings.Join(texts, " ") != "one two" {
		t.Errorf("got %q, want each genuine message once", texts)
	}
	users, err := p.Users(t.Context())
	if err != nil || len(users) != 2 {
		t.Errorf("Users: %q, %v", users, err)
	}
}
