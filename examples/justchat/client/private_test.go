package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

func direct(c *Config) { c.Direct, c.Listen = true, "127.0.0.1:0" }

// writes sends private messages, and waits until something has become of them.
func (p *person) writes(to string, texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if _, err := p.SendPrivate(p.t.Context(), to, text); err != nil {
			p.t.Fatal(err)
		}
	}
	p.flushes()
}

// relays returns how private messages went, by number.
func (p *person) relays() (all []string) {
	p.w.mu.Lock()
	defer p.w.mu.Unlock()
	for _, e := range p.events {
		switch e := e.(type) {
		case *Acknowledged:
			all = append(all, fmt.Sprintf("%s %d relayed %t", e.To, e.Number, e.Relayed))
		case *Failed:
			all = append(all, fmt.Sprintf("%s %d failed", e.To, e.Number))
		}
	}
	return all
}

func TestPrivate(t *testing.T) {
	for name, test := range map[string]struct {
		sender, receiver func(*Config)
		relayed          bool
	}{
		"direct":               {direct, direct, false},
		"receiver not dialled": {direct, nil, true},
		"sender does not dial": {nil, direct, true},
		"neither":              {nil, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.balancer("lb1")
			w.server("s1")
			tony, robert, elon := w.enter("Tony", test.sender, b), w.enter("Robert", test.receiver, b), w.enter("Elon", direct, b)
			tony.writes("Robert", "a surprise", "for Elon")
			robert.hears("Tony:a surprise", "Tony:for Elon")
			want := fmt.Sprintf("[Robert 1 relayed %t Robert 2 relayed %[1]t]", test.relayed)
			if got := fmt.Sprint(tony.relays()); got != want {
				t.Errorf("got %v, want %v", got, want)
			}
			robert.writes("Elon", "x")
			w.mu.Lock()
			defer w.mu.Unlock()
			if m := robert.events[len(robert.events)-1]; m == nil {
				t.Error("no event")
			}
			for _, e := range robert.events {
				if m, ok := e.(*Message); ok && (!m.Private || m.Own || m.Record != nil) {
					t.Errorf("got %+v, want it private", m)
				}
			}
			if got := fmt.Sprint(elon.heard()); got != "[Robert:x]" {
				t.Errorf("Elon heard %v", got)
			}
		})
	}
}

func TestPrivateToNobody(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	tony := w.enter("Tony", direct, b)
	w.enter("Robert", nil, b)
	tony.writes("Natasha", "hello?", "hello?")
	tony.writes("Robert", "hi")
	if got, want := fmt.Sprint(tony.relays()), "[Natasha 1 failed Natasha 2 failed Robert 1 relayed true]"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	tony.waitFor("NotHere", func(e Event) bool {
		f, ok := e.(*Failed)
		var away *justchat.NotHere
		return ok && errors.As(f.Err, &away) && away.User == "Natasha"
	})
}

// TestPrivateWhereNobodyAnswers: a client that cannot be dialled is written to through the servers, and not
// dialled again for a while.
func TestPrivateWhereNobodyAnswers(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	tony, robert := w.enter("Tony", direct, b), w.enter("Robert", nil, b)
	other := w.enter("Elon", direct, b) // another key than is expected
	w.change(func() {
		item := w.items["Robert"]
		item.Address = w.items["Elon"].Address
		w.items["Robert"] = item
	})
	tony.writes("Robert", "one")
	tony.Client.mu.Lock()
	d := tony.dialed["Robert"]
	if d == nil || d.rpc != nil || !d.until.After(time.Now()) {
		t.Errorf("got %+v, want it noted that nobody answers", d)
	}
	tony.Client.mu.Unlock()
	tony.writes("Robert", "two")
	robert.hears("Tony:one", "Tony:two")
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := other.heard(); len(got) > 0 {
		t.Errorf("Elon heard %q, which was for Robert", got)
	}
}

// TestPrivateAcknowledgementLost: the receiver shows it once, and the sender goes on until it is sure.
func TestPrivateAcknowledgementLost(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", nil, b)
	var calls atomic.Int32
	relay := s.RelayPrivateFunc
	s.RelayPrivateFunc = func(ctx context.Context, m justchat.Message) error {
		if err := relay(ctx, m); err != nil {
			return err
		}
		switch calls.Add(1) {
		case 1:
			return runtime.NewError(runtime.CodeUnavailable, "the answer is lost")
		case 2:
			return &justchat.TooFast{What: "messages", Wait: time.Millisecond}
		case 3:
			return &serverapi.NotConnected{}
		}
		return nil
	}
	tony.writes("Robert", "one", "two")
	robert.hears("Tony:one", "Tony:two")
	if got := calls.Load(); got != 5 {
		t.Errorf("brought %d times, want 5", got)
	}
}

// TestPrivateOverALostServer: it arrives through the next one.
func TestPrivateOverALostServer(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	w.server("s2")
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", nil, b)
	s1.kill()
	robert.waitStates(Connected, NoServer, Connected)
	tony.writes("Robert", "one")
	robert.hears("Tony:one")
}

// TestPrivateForgeries: what a receiver refuses.
func TestPrivateForgeries(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", direct, b)
	w.mu.Lock()
	relay, address := s.sessions["Robert"].caller, w.items["Robert"].Address
	w.mu.Unlock()
	dialled := runtime.Dial(address, runtime.WithTLS(tony.Key.PeerTLS(robert.Key.Public)))
	defer dialled.Close()
	for way, caller := range map[string]*api.ClientMessageServiceClient{"relayed": relay, "direct": api.NewClientMessageServiceClient(dialled)} {
		message := func(change func(*justchat.Message)) error {
			m := justchat.Message{From: "Tony", To: "Robert", Number: 1, Text: "x", Sent: time.Now()}
			tony.Client.mu.Lock()
			m.Token = tony.token
			tony.Client.mu.Unlock()
			tony.Key.Sign(w.authority, &m)
			change(&m)
			return caller.ReceivePrivateMessage(t.Context(), m)
		}
		var other *api.NotForMe
		if err := message(func(m *justchat.Message) { m.To = "Elon" }); !errors.As(err, &other) || other.User != "Robert" {
			t.Errorf("%s: for Elon: %v, want NotForMe", way, err)
		}
		for what, change := range map[string]func(*justchat.Message){
			"another text":   func(m *justchat.Message) { m.Text = "y" },
			"another name":   func(m *justchat.Message) { m.From = "Elon" },
			"another number": func(m *justchat.Message) { m.Number = 2 },
			"no token":       func(m *justchat.Message) { m.Token = nil },
		} {
			var bad *api.BadSignature
			if err := message(change); !errors.As(err, &bad) {
				t.Errorf("%s: %s: %v, want BadSignature", way, what, err)
			}
		}
		for range 2 {
			if err := message(func(*justchat.Message) {}); err != nil {
				t.Errorf("%s: genuine: %v", way, err)
			}
		}
	}
	robert.hears("Tony:x")
	for what, err := range map[string]error{
		"messages": api.NewClientMessageServiceClient(dialled).ReceiveMessage(t.Context(), nil, 0),
		"orders":   api.NewClientMessageServiceClient(dialled).UpdateRPCChatServer(t.Context(), api.ChatServer{}),
	} {
		if runtime.CodeOf(err) != runtime.CodePermissionDenied {
			t.Errorf("%s by another client: %v, want permission_denied", what, err)
		}
	}
}

// TestDialedConnectionsEnd once nothing was sent over them for a while.
func TestDialedConnectionsEnd(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	tony := w.enter("Tony", func(c *Config) { direct(c); c.Limits.KeepDialed = time.Millisecond }, b)
	w.enter("Robert", direct, b)
	tony.writes("Robert", "one")
	w.wait("the connection is given up", func() bool {
		tony.Client.mu.Lock()
		defer tony.Client.mu.Unlock()
		if len(tony.dialed) == 0 {
			return true
		}
		time.AfterFunc(time.Millisecond, func() { w.change(func() {}) })
		return false
	})
}

// TestNamesInPrivate: however a name is written, its messages have numbers of one row, and nobody else gets them.
func TestNamesInPrivate(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	tony, robert, elon := w.enter("Tony", nil, b), w.enter("Robert", nil, b), w.enter("Elon", nil, b)
	s.SendPrivateFunc = func(_ context.Context, user string) (justchat.ClientItem, error) {
		if user == "robert" || user == "ROBERT" {
			user = "Robert"
		}
		if user == "Natasha" {
			user = "Elon"
		}
		return justchat.ClientItem{User: user}, nil
	}
	tony.writes("robert", "one")
	tony.writes("Robert", "two")
	tony.writes("ROBERT", "three")
	tony.writes("Natasha", "hm")
	robert.hears("Tony:one", "Tony:two", "Tony:three")
	if got, want := fmt.Sprint(tony.relays()), "[Robert 1 relayed true Robert 2 relayed true Robert 3 relayed true Natasha 1 failed]"; got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if got := elon.heard(); len(got) > 0 {
		t.Errorf("Elon heard %q, which was for Natasha", got)
	}
}
