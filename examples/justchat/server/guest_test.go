package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// A guest is a client, with the calls that it can make.
type guest struct {
	*api.MessageServiceClient
	face   clienttest.FakeClientMessageService // that it shows to the server
	w      *world
	user   string
	key    *identity.Key
	rpc    *runtime.Client
	cancel context.CancelFunc
	ended  chan error // why the server has ended the stream

	mu      sync.Mutex
	heard   []string
	seen    map[string]uint64
	safe    uint64
	numbers uint64
}

func (w *world) newGuest(user string) *guest {
	w.t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		w.t.Fatal(err)
	}
	return &guest{w: w, user: user, key: key, seen: make(map[string]uint64)}
}

// come has a new client come to a server.
func (w *world) come(s *site, user string) *guest {
	w.t.Helper()
	g := w.newGuest(user)
	g.move(s)
	return g
}

// move has a client come to a server, from where it was.
func (g *guest) move(s *site) {
	g.w.t.Helper()
	if err := g.dial(s); err != nil {
		g.w.t.Fatalf("%s: got %v, want a welcome", g.user, err)
	}
}

// dial is move, and returns the error of ConnectionInit.
func (g *guest) dial(s *site) error {
	if g.rpc != nil {
		g.leave()
	}
	g.rpc = runtime.Dial(s.Listener.Addr().String(), runtime.WithTLS(g.key.TLS(func(*identity.Authority) error { return nil })))
	g.MessageServiceClient = api.NewMessageServiceClient(g.rpc)
	g.face.ReceiveMessageFunc = g.receive
	clientapi.RegisterClientMessageService(g.rpc, &g.face)
	var ctx context.Context
	ctx, g.cancel = context.WithCancel(context.Background())
	g.w.t.Cleanup(g.leave)
	welcomed, ended := make(chan struct{}), make(chan error, 1)
	g.ended = ended
	g.mu.Lock()
	seen := maps.Clone(g.seen)
	g.mu.Unlock()
	token := g.w.cluster.Grant(g.user, g.key.Public, time.Now(), time.Minute)
	go func() { // ends with the connection
		var why error
		for welcome, err := range g.ConnectionInit(ctx, token, g.key.Client, seen) {
			if why = err; err == nil {
				g.mu.Lock()
				for origin, number := range welcome.Seen {
					g.seen[origin] = max(g.seen[origin], number)
				}
				g.mu.Unlock()
				close(welcomed)
			}
		}
		ended <- why
	}()
	select {
	case <-welcomed:
		return nil
	case err := <-ended:
		return err
	}
}

func (g *guest) leave() {
	g.cancel()
	g.rpc.Close()
}

func (g *guest) receive(_ context.Context, messages []clientapi.Delivery, safe uint64) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range messages {
		r := &messages[i].Record
		g.heard = append(g.heard, r.Message.Text)
		g.seen[r.Origin] = max(g.seen[r.Origin], r.Number)
	}
	g.safe = max(g.safe, safe)
	return nil
}

// message makes the guest's next message.
func (g *guest) message(text string) justchat.Message {
	g.numbers++
	return g.sign(justchat.Message{From: g.user, Number: g.numbers, Text: text})
}

func (g *guest) sign(m justchat.Message) justchat.Message {
	m.Sent = time.Now()
	m.Token = g.w.cluster.Grant(g.user, g.key.Public, time.Now(), time.Minute)
	g.key.Sign(g.w.cluster.Authority(), &m)
	return m
}

// say brings messages, and wants them acknowledged with so many copies.
func (g *guest) say(copies uint32, messages ...justchat.Message) {
	g.w.t.Helper()
	g.mu.Lock()
	seen := maps.Clone(g.seen)
	g.mu.Unlock()
	got, err := g.SendPublicMsg(g.w.t.Context(), messages, seen)
	if err != nil || got != copies {
		g.w.t.Fatalf("%s: got %d copies, %v, want %d", g.user, got, err, copies)
	}
}

// wantHeard waits until the guest has heard as much as that, and wants it to be that.
func (g *guest) wantHeard(texts ...string) {
	g.w.t.Helper()
	heard := func() []string {
		g.mu.Lock()
		defer g.mu.Unlock()
		return slices.Clone(g.heard)
	}
	eventually(g.w.t, fmt.Sprintf("%s hears %q", g.user, texts), func() bool { return len(heard()) >= len(texts) })
	if got := heard(); !slices.Equal(got, texts) {
		g.w.t.Errorf("%s: got %q heard, want %q", g.user, got, texts)
	}
}
