package justchat_test

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestTokens shows a server all kinds of tokens.
func TestTokens(t *testing.T) {
	c := newCluster(t, 0, 1)
	s, other := c.stranger("Elon"), c.stranger("Tony")
	elsewhere, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	now, minute := time.Now(), time.Minute
	grant := func(from time.Time, life time.Duration) []byte {
		return c.identity.Grant("Elon", s.key.Public, from, life)
	}
	altered := grant(now, minute)
	altered[12] ^= 1 // in the name
	for _, test := range []struct {
		what  string
		token []byte
		good  bool
	}{
		{"none", nil, false},
		{"random bytes", []byte(rand.Text()), false},
		{"a certain length of nothing", make([]byte, 1<<10), false},
		{"cut short", grant(now, minute)[:40], false},
		{"another name in it", altered, false},
		{"stolen from another", other.token(), false},
		{"of another cluster", elsewhere.Grant("Elon", s.key.Public, now, minute), false},
		{"over since long", grant(now.Add(-time.Hour), minute), false},
		{"over just now", grant(now.Add(-2*minute), minute), true},
		{"by a clock that is a bit fast", grant(now.Add(minute), minute), true},
		{"by a clock that has jumped ahead", grant(now.Add(time.Hour), minute), false},
		{"good", grant(now, minute), true},
	} {
		_, err := s.presents(test.token, s.key.Client, nil)
		if test.good && err != nil {
			t.Errorf("%s: got %v, want it accepted", test.what, err)
		} else if !test.good {
			wantError[*justchat.BadToken](t, test.what, err)
		}
	}
	_, err = s.presents(s.token(), []byte("short"), nil)
	wantCode(t, "a client of 5 bytes", err, runtime.CodeInvalidArgument)
}

// TestForgedMessages brings a server messages that it must not take, and then one that it takes: what was
// refused has no effect.
func TestForgedMessages(t *testing.T) {
	c := newCluster(t, 0, 1)
	s, other := c.stranger("Elon"), c.stranger("Tony")
	_, err := s.says(nil, s.message("too early"))
	wantError[*serverapi.NotConnected](t, "before ConnectionInit", err)
	s.listens()
	s.enters()
	sign := func(m *justchat.Message) { s.key.Sign(c.identity.Authority(), m) }
	for _, test := range []struct {
		what   string
		change func(*justchat.Message)
	}{
		{"somebody else's name", func(m *justchat.Message) { m.From = "Tony"; sign(m) }},
		{"with her token", func(m *justchat.Message) { m.From, m.Token = "Tony", other.token(); sign(m) }},
		{"somebody else's message", func(m *justchat.Message) { *m = other.message("hers") }},
		{"by somebody else's client", func(m *justchat.Message) {
			posing := *s.key
			posing.Client = other.key.Client
			posing.Sign(c.identity.Authority(), m)
		}},
		{"no token", func(m *justchat.Message) { m.Token = nil }},
		{"somebody else's token", func(m *justchat.Message) { m.Token = other.token() }},
		{"no signature", func(m *justchat.Message) { m.Signature = nil }},
		{"another text than was signed", func(m *justchat.Message) { m.Text += "!" }},
		{"another number than was signed", func(m *justchat.Message) { m.Number++ }},
		{"for one person", func(m *justchat.Message) { m.To = "Tony"; sign(m) }},
		{"number 0", func(m *justchat.Message) { m.Number = 0; sign(m) }},
		{"too long", func(m *justchat.Message) { m.Text = strings.Repeat("x", 16<<10+1); sign(m) }},
	} {
		m := s.message("genuine")
		test.change(&m)
		_, err := s.says(nil, s.message("before it, in one call"), m)
		if refused := wantError[*serverapi.Refused](t, test.what, err); refused != nil && refused.Number != m.Number {
			t.Errorf("%s: got number %d refused, want %d", test.what, refused.Number, m.Number)
		}
	}
	_, err = s.says(nil)
	wantError[*serverapi.Refused](t, "no message", err)
	private := other.message("as Tony to Robert")
	wantError[*serverapi.Refused](t, "a private message of somebody else", s.api.RelayPrivate(t.Context(), private))
	long := s.message("") // the connection stands it
	long.Text = strings.Repeat("x", 1<<20)
	if _, err = s.says(nil, long); err == nil {
		t.Error("a message of 1 MiB was taken")
	}
	if _, err = s.says(nil, s.message("good")); err != nil {
		t.Fatal(err)
	}
	s.hears("good")
}

// TestSomebodyElsesClient: whoever knows the client of another, as all do who read her messages, can say
// nothing in its name that would pass for hers.
func TestSomebodyElsesClient(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon"), c.join("Tony")
	elon.say("one")
	tony.hears("Elon: one")
	mallory := c.stranger("Mallory")
	mallory.listens()
	if _, err := mallory.presents(mallory.token(), elon.Key.Client, nil); err != nil {
		t.Fatal(err) // the server may let her in, where she gets her own messages refused
	}
	mallory.key.Client = elon.Key.Client
	mallory.number = 1
	_, err := mallory.says(nil, mallory.message("two, which Elon is about to say"))
	wantError[*serverapi.Refused](t, "a message with another's client", err)
	elon.say("two")
	tony.wantHeard("Elon: one", "Elon: two")
	elon.wantHeard("Elon: one", "Elon: two")
}

// TestTooLong: the sender's own client says so at once.
func TestTooLong(t *testing.T) {
	c := newCluster(t, 0, 0)
	c.addresses = []string{"127.0.0.1:1"}
	p := c.begin("Elon")
	for _, text := range []string{strings.Repeat("x", 16<<10+1), strings.Repeat("x", 1<<20)} {
		_, err := p.Send(t.Context(), text)
		wantIs(t, err, client.ErrTooLong)
		_, err = p.SendPrivate(t.Context(), "Tony", text)
		wantIs(t, err, client.ErrTooLong)
	}
}

// TestHostileText is shown without what drives a terminal, and counts as one line for each end of a line, whichever way it is
// written.
func TestHostileText(t *testing.T) {
	c := newCluster(t, 1, 1)
	elon, tony := c.join("Elon"), c.join("Tony")
	elon.say("one\r\ntwo\nthree\rfour")
	elon.say("\x1b]0;title\a\x1b[2J\x1b[31mred\u009b1m \u202egnp.exe\u2066 \x00\x08end")
	for _, p := range []*person{elon, tony} {
		p.wait("two messages", func() bool { return len(p.heard) == 2 })
		p.mu.Lock()
		for _, line := range p.heard {
			if strings.ContainsAny(line, "\x1b\r\a\x00\x08\u009b\u202e\u2066") {
				t.Errorf("%s is shown %q, want nothing that drives a terminal", p.name, line)
			}
		}
		if want := "Elon: one\ntwo\nthree"; !strings.HasPrefix(p.heard[0], want) {
			t.Errorf("got %q, want it to begin with %q", p.heard[0], want)
		}
		p.mu.Unlock()
	}
}

func wantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
}
