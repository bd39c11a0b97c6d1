package client

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestServerKilled: the load balancer hears of it, and chat goes on at the next one, without loss or
// repetition.
func TestServerKilled(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	s2 := w.server("s2")
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
	elon.says("one")
	tony.hears("Elon:one")
	elon.hears("Elon:one")
	s1.kill()
	elon.says("two", "three")
	elon.flushes()
	tony.hears("Elon:one", "Elon:two", "Elon:three")
	elon.hears("Elon:one", "Elon:two", "Elon:three")
	elon.waitStates(Connected, NoServer, Connected)
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Contains(b.lost, "s1") {
		t.Errorf("the load balancer heard of %q, want s1", b.lost)
	}
	if got := fmt.Sprint(s2.presents[0]); got != "map[s1.1:1]" {
		t.Errorf("presented itself at s2 with %v, want what it had seen", got)
	}
}

// TestAcknowledgementLost: the server has the message, and dies before it says so.
func TestAcknowledgementLost(t *testing.T) {
	for name, twice := range map[string]bool{"known elsewhere": false, "in two records": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.balancer("lb1")
			s1 := w.server("s1")
			w.server("s2")
			elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
			s1.after = func(ctx context.Context, _ int) error {
				if twice { // the other server takes it for new
					w.change(func() { w.servers[1].write(w.records[0].Message) })
				}
				go s1.kill()
				<-ctx.Done()
				return ctx.Err()
			}
			elon.says("one")
			elon.flushes()
			elon.says("two")
			elon.flushes()
			tony.hears("Elon:one", "Elon:two")
			elon.hears("Elon:one", "Elon:two")
		})
	}
}

// TestEmptyRoomIsNotForgotten: who came into a room where nothing was said has seen something: nothing.
func TestEmptyRoomIsNotForgotten(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1, s2 := w.server("s1"), w.server("s2")
	elon := w.enter("Elon", nil, b)
	b.where = func() *fakeServer { return s2 }
	tony := w.enter("Tony", nil, b)
	w.change(func() { s1.frozen = true })
	tony.says("did you hear?")
	tony.hears("Tony:did you hear?")
	s1.kill()
	elon.hears("Tony:did you hear?")
}

// TestSilentServer: one that neither answers nor breaks off is left when the order comes.
func TestSilentServer(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	elon := w.enter("Elon", nil, b)
	w.change(func() { s1.frozen = true })
	elon.says("one")
	w.wait("s1 has the call", func() bool { return len(s1.calls) == 1 })
	b.order("Elon", w.server("s2"))
	elon.hears("Elon:one")
	elon.flushes()
	w.wait("s1 is left", func() bool { return len(s1.sessions) == 0 })
}

// TestServerThatDoesNotWelcome is given up, and reported.
func TestServerThatDoesNotWelcome(t *testing.T) {
	for name, spoil := range map[string]func(*fakeServer){
		"frozen":   func(s *fakeServer) { s.frozen = true },
		"draining": func(s *fakeServer) { s.refuse = &serverapi.Draining{Server: s.name} },
		"boastful": func(s *fakeServer) {
			for i := range 20 {
				s.write(justchat.Message{})
				s.w.records[i].Origin = fmt.Sprint("s", i)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			b := w.balancer("lb1")
			s1 := w.server("s1")
			spoil(s1)
			s2 := w.server("s2")
			b.where = func() *fakeServer {
				if len(b.lost) > 0 {
					w.records = nil
					return s2
				}
				return s1
			}
			elon := w.enter("Elon", func(c *Config) { c.Limits.Connect, c.Limits.Origins = 100*time.Millisecond, 10 }, b)
			elon.waitFor("s2", func(e Event) bool { s, ok := e.(*State); return ok && s.Server == "s2" })
			if b.lost[0] != "s1" {
				t.Errorf("reported %q, want s1", b.lost)
			}
		})
	}
}

// TestOnlyServerComesBack without that the load balancer says a word.
func TestOnlyServerComesBack(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	elon := w.enter("Elon", nil, b)
	w.change(func() { b.deaf = true })
	s1.kill()
	elon.waitStates(Connected, NoServer)
	elon.says("anybody?")
	w.serverAt("s1", s1.address)
	elon.hears("Elon:anybody?")
	w.wait("it has asked again", func() bool { return len(b.lost) > 1 })
}

// TestOrders: old ones are ignored, and only the load balancer gives any.
func TestOrders(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1, s2 := w.server("s1"), w.server("s2")
	elon := w.enter("Elon", nil, b)
	order := func(number uint64, s *fakeServer) error {
		w.mu.Lock()
		caller := b.here["Elon"].caller
		w.mu.Unlock()
		return caller.UpdateRPCChatServer(t.Context(), api.ChatServer{Number: number, Name: s.name, Address: s.address})
	}
	for _, number := range []uint64{0, 1} {
		if err := order(number, s2); err != nil {
			t.Errorf("an old order: %v", err)
		}
	}
	if err := order(7, &fakeServer{}); runtime.CodeOf(err) != runtime.CodeInvalidArgument {
		t.Errorf("an order to nowhere: %v", err)
	}
	if err := order(7, s1); err != nil { // where it is
		t.Error(err)
	}
	w.mu.Lock()
	caller := s1.sessions["Elon"].caller
	w.mu.Unlock()
	if err := caller.UpdateRPCChatServer(t.Context(), api.ChatServer{Number: 99, Name: "s2", Address: s2.address}); runtime.CodeOf(err) != runtime.CodePermissionDenied {
		t.Errorf("an order by a server: %v, want permission_denied", err)
	}
	w.mu.Lock()
	balancer := b.here["Elon"].caller
	w.mu.Unlock()
	for what, err := range map[string]error{
		"messages":         balancer.ReceiveMessage(t.Context(), nil, 0),
		"private messages": balancer.ReceivePrivateMessage(t.Context(), justchat.Message{}),
	} {
		if runtime.CodeOf(err) != runtime.CodePermissionDenied {
			t.Errorf("%s by a load balancer: %v, want permission_denied", what, err)
		}
	}
	elon.says("where am I?")
	elon.hears("Elon:where am I?")
	w.mu.Lock()
	if len(s2.presents) > 0 || len(s1.presents) != 1 {
		t.Errorf("connected %d times to s1 and %d times to s2, want 1 and 0", len(s1.presents), len(s2.presents))
	}
	w.mu.Unlock()
	if err := order(8, s2); err != nil {
		t.Error(err)
	}
	w.wait("Elon is at s2", func() bool { return s2.sessions["Elon"] != nil && s1.sessions["Elon"] == nil })
}

// TestOrdersOfANewBalancer begin anew with 1.
func TestOrdersOfANewBalancer(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	s1, s2 := w.server("s1"), w.server("s2")
	elon := w.enter("Elon", nil, b1, b2)
	for range 3 {
		b1.order("Elon", s1)
	}
	b1.kill()
	elon.waitStates(Joined, Joined)
	b2.order("Elon", s2)
	w.wait("Elon is at s2", func() bool { return s2.sessions["Elon"] != nil })
}

// TestMovedWhileSending: to and fro, and nothing is lost, repeated or out of order.
func TestMovedWhileSending(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	servers := []*fakeServer{w.server("s1"), w.server("s2"), w.server("s3")}
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
	var want []string
	for i := range 200 {
		text := fmt.Sprint("message ", i)
		want = append(want, "Elon:"+text)
		elon.says(text)
		if i%10 == 0 {
			b.order("Elon", servers[i/10%3])
			b.order("Tony", servers[i/10%2+1])
		}
	}
	elon.flushes()
	tony.hears(want...)
	elon.hears(want...)
}

// TestCutOff: a server that wants the client to come again need not be reported.
func TestCutOff(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	elon := w.enter("Elon", nil, b)
	elon.Client.mu.Lock()
	elon.current.began = time.Now().Add(-time.Minute)
	elon.Client.mu.Unlock()
	w.change(func() { s1.sessions["Elon"].end = runtime.NewError(runtime.CodeAborted, "too slow") })
	elon.waitStates(Connected, NoServer, Connected)
	if len(b.lost) > 0 {
		t.Errorf("reported %q, want nothing", b.lost)
	}
}

// TestServerThatBreaksOff at once each time does not keep the client busy.
func TestServerThatBreaksOff(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	elon := w.person("Elon", nil, b)
	s1.ConnectionInitFunc = func(ctx context.Context, token, client []byte, seen map[string]uint64) iter.Seq2[serverapi.Welcome, error] {
		return func(yield func(serverapi.Welcome, error) bool) {
			w.change(func() { s1.presents = append(s1.presents, seen) })
			yield(serverapi.Welcome{Server: "s1", Copies: 1}, nil)
		}
	}
	began := time.Now()
	elon.run()
	const visits = 6
	w.wait("it has come often", func() bool { return len(s1.presents) >= visits })
	if took, least := time.Since(began), 10*time.Millisecond+20*time.Millisecond+40*time.Millisecond+80*time.Millisecond; took < least {
		t.Errorf("came %d times in %v, want at least %v", visits, took, least)
	}
}

// TestNoServerYet comes into a room that has no server, is told so, and goes on when one comes.
func TestNoServerYet(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	elon := w.person("Elon", func(c *Config) { c.Limits.Connect = 200 * time.Millisecond }, b)
	elon.run()
	elon.waitStates(Joined, NoServer)
	elon.says("patience")
	s := w.server("s1")
	b.order("Elon", s)
	elon.waitStates(Joined, NoServer, Connected)
	elon.hears("Elon:patience")
}
