package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

func TestSignUpAndLogin(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(3)
	joined := c.person("Zoë", nil, all[0]).enters()
	if joined.Name != "Zoë" || joined.LoadBalancer != all[0].Address() || time.Until(joined.Expires) < 9*time.Minute {
		t.Errorf("got %v, want Zoë at %s for ten minutes", joined, all[0].Address())
	}
	for _, b := range all {
		until(t, "all know who is signed up", func() bool { return b.Stats().Users == 1 })
		wrong := c.person("Zoë", nil, b)
		wrong.setup.Password, wrong.setup.SignUp = "another's", false
		wantError[*api.WrongPassword](t, wrong.refused())
		wrong.setup.SignUp = true
		wantError[*api.NameTaken](t, wrong.refused())
		for _, written := range []string{"Zoe\u0308", "ZOË", "zoë"} {
			p := c.person(written, nil, b)
			p.setup.Password, p.setup.SignUp = "secret of Zoë", false
			if joined := p.enters(); joined.Name != "Zoë" {
				t.Errorf("%q: got in as %q, want Zoë", written, joined.Name)
			}
		}
		unknown := c.person("Natasha", nil, b)
		unknown.setup.SignUp = false
		wantError[*api.UnknownUser](t, unknown.refused())
	}
	lookalike := c.person("Ζoë", nil, all[1]) // a Greek zeta
	wantError[*api.NameTaken](t, lookalike.refused())
}

func TestRefusedSetups(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	for _, test := range []struct {
		change func(*api.NewClientSetup)
		code   runtime.Code
	}{
		{func(s *api.NewClientSetup) { s.User = "" }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.User = "a#b" }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.User = "a\x1b[2Jb" }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.User = strings.Repeat("x", 900_000) }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.Password = "" }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.Password = strings.Repeat("x", 1025) }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.Client = nil }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.Client = make([]byte, 17) }, runtime.CodeInvalidArgument},
		{func(s *api.NewClientSetup) { s.Token = make([]byte, 1000) }, runtime.CodeUnauthenticated},
		{func(s *api.NewClientSetup) { s.Token = make([]byte, 1<<20) }, runtime.CodeResourceExhausted},
	} {
		p := c.person("elon", nil, b)
		test.change(&p.setup)
		err := p.refused()
		wantCode(t, err, test.code)
		if text := err.Error(); len(text) > 2000 || strings.Contains(text, "\x1b") {
			t.Errorf("got %d bytes of error, %.200q, want few, and no escapes", len(text), text)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	elon := c.person("elon", nil, all[0])
	token := elon.enters().Token
	stolen := c.person("elon", nil, all[1])
	stolen.setup.Token = token
	now := time.Now()
	grant := func(k *identity.Key, at time.Time) []byte { return c.Grant("elon", k.Public, at, 10*time.Minute) }
	for name, bad := range map[string][]byte{
		"another's":     token,
		"expired":       grant(stolen.Key, now.Add(-13*time.Minute)),
		"of the future": grant(stolen.Key, now.Add(3*time.Minute)),
		"forged":        newCluster(t).Grant("elon", stolen.Public, now, time.Minute),
		"changed":       append(grant(stolen.Key, now), 0),
		"of nobody":     c.Grant("nobody", stolen.Public, now, time.Minute),
		"of before":     grant(stolen.Key, now.Add(-5*time.Minute)),
	} {
		stolen.setup.Token, stolen.setup.User = bad, "elon"
		if name == "of nobody" {
			stolen.setup.User = "nobody"
			wantError[*api.UnknownUser](t, stolen.refused())
		} else if err := stolen.refused(); runtime.CodeOf(err) != runtime.CodeUnauthenticated {
			t.Errorf("%s: got %v, want BadToken", name, err)
		}
	}
	stolen.setup.Token, stolen.setup.User = grant(stolen.Key, now), "tony"
	wantError[*justchat.BadToken](t, stolen.refused())

	// The client itself comes in with it, elsewhere and without a password; its call at the first ends.
	elon.leave()
	next(t, "the end", elon.ended)
	again := c.person("elon", nil, all[1])
	again.Key = elon.Key
	again.client.Close()
	again.client = runtime.Dial(all[1].Address(), runtime.WithTLS(elon.TLS(func(*identity.Authority) error { return nil })))
	t.Cleanup(func() { again.client.Close() })
	again.MessageServiceClient = api.NewMessageServiceClient(again.client)
	again.setup = api.NewClientSetup{User: "elon", Token: token, Client: elon.Client}
	if joined := again.enters(); joined.Name != "elon" {
		t.Errorf("got in as %q, want elon", joined.Name)
	}
}

func TestTokensAreRenewed(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.limits.Token = 200 * time.Millisecond
	elon := c.person("elon", nil, c.balancers(1)...)
	before := elon.enters()
	for range 3 {
		renewed := next(t, "another token", elon.joined)
		if !renewed.Expires.After(before.Expires) || string(renewed.Token) == string(before.Token) {
			t.Errorf("got %v after %v, want a later one", renewed, before)
		}
		if _, err := c.Authority().CheckToken(renewed.Token, time.Now(), 0); err != nil {
			t.Error(err)
		}
		before = renewed
	}
}

func TestFailedLogins(t *testing.T) {
	c := newCluster(t)
	c.limits.FailedLogins = 5
	b := c.balancers(1)[0]
	elon := c.person("elon", nil, b)
	token := elon.enters().Token
	var group sync.WaitGroup
	var mutex sync.Mutex
	count := make(map[string]int)
	for range 20 {
		group.Go(func() {
			p := c.person("ELON", nil, b)
			p.setup.SignUp, p.setup.Password = false, "guessed"
			name := fmt.Sprint(runtime.CodeOf(p.refused()))
			mutex.Lock()
			defer mutex.Unlock()
			count[name]++
		})
	}
	group.Wait()
	if got, want := fmt.Sprint(count), "map[resource_exhausted:15 unauthenticated:5]"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	p := c.person("elon", nil, b)
	if wait := wantError[*justchat.TooFast](t, p.refused()).Wait; wait <= 0 || wait > time.Minute {
		t.Errorf("got a wait of %v, want up to a minute", wait)
	}
	other := c.person("tony", nil, b) // from the same address
	wantError[*justchat.TooFast](t, other.refused())
	elon.leave()
	next(t, "the end", elon.ended)
	elon.setup.Token = token
	elon.enters() // a token is no guess
}

func TestLimiter(t *testing.T) {
	l := newLimiter("tries", 5)
	now := time.Unix(0, 0)
	l.now = func() time.Time { return now }
	try := func(key string, failed bool) error {
		end, err := l.begin(context.Background(), key)
		if err == nil {
			end(failed)
		}
		return err
	}
	for i := range 5 {
		for range 10 {
			if err := try("a", false); err != nil {
				t.Fatalf("after %d failures: got %v, want leave", i, err)
			}
		}
		try("a", true)
	}
	tooFast := wantError[*justchat.TooFast](t, try("a", false))
	if err := try("b", true); err != nil {
		t.Errorf("got %v for another, want leave", err)
	}
	now = now.Add(tooFast.Wait)
	if err := try("a", true); err != nil {
		t.Errorf("got %v after the wait, want leave", err)
	}
	wantError[*justchat.TooFast](t, try("a", false))
	now = now.Add(-time.Hour) // the clock jumps
	wantError[*justchat.TooFast](t, try("a", false))
	try("b", false)
	now = now.Add(time.Minute)
	if err := errors.Join(try("a", false), try("b", false)); err != nil || len(l.tries) > 0 {
		t.Errorf("got %v and %d that are remembered after a minute, want none", err, len(l.tries))
	}
}

func TestLimiterForgets(t *testing.T) {
	l := newLimiter("tries", 5)
	end, _ := l.begin(context.Background(), "pending")
	for i := range maxTries + 1000 {
		end, err := l.begin(context.Background(), fmt.Sprint(i))
		if err != nil {
			t.Fatal(err)
		}
		end(true)
	}
	if len(l.tries) > maxTries || l.tries["pending"] == nil {
		t.Errorf("got %d, want %d at most and the one under way", len(l.tries), maxTries)
	}
	end(true)
}

func TestNetwork(t *testing.T) {
	for host, want := range map[string]string{
		"127.0.0.1": "127.0.0.1", "::ffff:127.0.0.1": "::ffff:127.0.0.1",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "pipe": "pipe",
	} {
		if got := network(host); got != want {
			t.Errorf("%s: got %s, want %s", host, got, want)
		}
	}
}

// Four sign up for one name at once, at three load balancers: one of them gets it.
func TestNameRaces(t *testing.T) {
	c := newCluster(t)
	c.limits.FailedLogins = -1
	all := c.balancers(3)
	people := make([]*person, 4)
	for i := range people {
		people[i] = c.person("", nil, all[i%3])
	}
	for race := range 100 {
		var group sync.WaitGroup
		errs := make([]error, len(people))
		for i, p := range people {
			group.Go(func() {
				p.setup.User, p.setup.Password = fmt.Sprint("racer", race), fmt.Sprint("of ", i)
				for _, err := range p.JoinChatService(t.Context(), p.setup) {
					errs[i] = err
					break
				}
			})
		}
		group.Wait()
		winners := 0
		for _, err := range errs {
			if err == nil {
				winners++
			} else {
				wantError[*api.NameTaken](t, err)
			}
		}
		if winners != 1 {
			t.Fatalf("race %d: got %d winners, want 1: %v", race, winners, errs)
		}
	}
}
