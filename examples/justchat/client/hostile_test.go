package client

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/names"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// TestFloodOfRecords: a server that repeats a genuine message under ever new names of servers, or invents
// messages, costs a bounded memory, and what else there is arrives.
func TestFloodOfRecords(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	const origins = 100
	elon := w.enter("Elon", nil, b)
	tony := w.enter("Tony", func(c *Config) { c.Limits.Origins = origins }, b)
	elon.says("one")
	tony.hears("Elon:one")
	w.mu.Lock()
	genuine, caller := w.records[0], s.sessions["Tony"].caller
	w.mu.Unlock()
	var flood sync.WaitGroup
	for i := range 4 {
		flood.Go(func() {
			for j := range 50 {
				var batch []api.Delivery
				for k := range 20 {
					r := genuine
					r.Origin, r.Number = fmt.Sprint(i, j, k), uint64(k)
					if k%2 == 0 {
						r.Message.Text = strings.Repeat("x", 1000)
					}
					batch = append(batch, api.Delivery{Record: r, Late: true})
				}
				if err := caller.ReceiveMessage(t.Context(), batch, ^uint64(0)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	flood.Wait()
	elon.says("two")
	tony.hears("Elon:one", "Elon:two")
	tony.Client.mu.Lock()
	defer tony.Client.mu.Unlock()
	if len(tony.seen) > origins {
		t.Errorf("remembers %d starts of servers, want at most %d", len(tony.seen), origins)
	}
	if tony.outbox.safe != 0 {
		t.Errorf("takes %d of its messages for safe and has sent none", tony.outbox.safe)
	}
}

// TestFloodOfOrders: a load balancer that sends the client to and fro has it make one connection at a time.
func TestFloodOfOrders(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s1 := w.server("s1")
	elon := w.enter("Elon", nil, b)
	w.mu.Lock()
	caller := b.here["Elon"].caller
	w.mu.Unlock()
	for i := range 500 {
		order := api.ChatServer{Number: uint64(i + 2), Name: fmt.Sprint("s", i), Address: fmt.Sprintf("127.0.0.1:%d", i%3+1)}
		if err := caller.UpdateRPCChatServer(t.Context(), order); err != nil {
			t.Fatal(err)
		}
	}
	if err := caller.UpdateRPCChatServer(t.Context(), api.ChatServer{Number: 1000, Name: "s1", Address: s1.address}); err != nil {
		t.Fatal(err)
	}
	elon.says("still here")
	elon.hears("Elon:still here")
}

// TestHostileOrderNumber: the highest number there is does not outlive its load balancer.
func TestHostileOrderNumber(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	s1 := w.server("s1")
	elon := w.enter("Elon", nil, b1, b2)
	w.mu.Lock()
	caller := b1.here["Elon"].caller
	w.mu.Unlock()
	if err := caller.UpdateRPCChatServer(t.Context(), api.ChatServer{Number: ^uint64(0), Name: "s1", Address: s1.address}); err != nil {
		t.Fatal(err)
	}
	b1.kill()
	elon.waitStates(Joined, Joined)
	s2 := w.server("s2")
	b2.order("Elon", s2)
	w.wait("Elon is at s2", func() bool { return s2.sessions["Elon"] != nil })
}

// TestSilentBalancer: one that does not let in is left after a while.
func TestSilentBalancer(t *testing.T) {
	w := newWorld(t)
	b1, b2 := w.balancer("lb1"), w.balancer("lb2")
	b1.hangs = true
	w.server("s1")
	elon := w.enter("Elon", func(c *Config) { c.Limits.Join = 50 * time.Millisecond }, b1, b2)
	elon.waitStates(NoLoadBalancer, Joined)
}

// TestFloodOfDirectMessages: who dials the client cannot bury it, and is told so.
func TestFloodOfDirectMessages(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	tony, robert := w.enter("Tony", nil, b), w.enter("Robert", direct, b)
	w.mu.Lock()
	address := w.items["Robert"].Address
	w.mu.Unlock()
	dialled := runtime.Dial(address, runtime.WithTLS(tony.Key.PeerTLS(robert.Key.Public)))
	defer dialled.Close()
	caller := api.NewClientMessageServiceClient(dialled)
	refused := 0
	for range 2 * directBurst {
		if err := caller.ReceivePrivateMessage(t.Context(), justchat.Message{To: "Robert"}); runtime.CodeOf(err) == runtime.CodeResourceExhausted {
			refused++
		}
	}
	if refused == 0 {
		t.Error("all were looked at, want some refused")
	}
}

// TestTextsAreMadePrintable before anybody shows them.
func TestTextsAreMadePrintable(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	w.server("s1")
	elon := w.enter("Elon", nil, b)
	for _, text := range []string{"\x1b]0;title\x07x", "a\u202eb", "tab\tbed", "\u009b31mred", "zero\x00"} {
		elon.says(text)
	}
	elon.flushes()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, e := range elon.events {
		if m, ok := e.(*Message); ok && m.Text != names.Printable(m.Text, true) {
			t.Errorf("%q was handed on", m.Text)
		}
	}
}
