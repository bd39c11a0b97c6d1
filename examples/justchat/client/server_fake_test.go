package client

import (
	"context"
	"iter"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/generated/justchat/server/servertest"
	"github.com/parley-rpc/parley/runtime"
)

// A fakeServer shows what the world's room has.
type fakeServer struct {
	servertest.FakeMessageService
	w       *world
	name    string
	address string
	stop    func()

	// The world's mu guards these.
	dead     bool
	copies   uint32
	sessions map[string]*fakeSession                           // by user
	number   uint64                                            // of its last record
	calls    [][]uint64                                        // the numbers in each call of SendPublicMsg
	presents []map[string]uint64                               // what clients said that they had seen
	answer   func(call int, messages []justchat.Message) error // before messages are taken; nil takes them
	after    func(ctx context.Context, call int) error         // once they are taken
	refuse   error                                             // of ConnectionInit
	frozen   bool                                              // nothing is answered
}

type fakeSession struct {
	user   string
	caller *api.ClientMessageServiceClient
	extra  []api.Delivery // to be brought besides
	safe   uint64
	end    error
}

func (w *world) server(name string) *fakeServer { return w.serverAt(name, "") }

func (w *world) serverAt(name, address string) *fakeServer {
	s := &fakeServer{w: w, name: name, copies: 2, sessions: make(map[string]*fakeSession)}
	s.ConnectionInitFunc = s.connect
	s.SendPublicMsgFunc = s.take
	s.SendPrivateFunc = s.where
	s.RelayPrivateFunc = s.relay
	s.HistoryFunc = func(context.Context, *justchat.Record, uint32) ([]justchat.Record, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		return append([]justchat.Record(nil), w.records...), nil
	}
	s.stop, s.address = w.serve(identity.Server, name, address, func(r *runtime.Server) { serverapi.RegisterMessageService(r, s) })
	w.change(func() { w.servers = append(w.servers, s) })
	return s
}

// kill ends a server at once.
func (s *fakeServer) kill() {
	s.w.change(func() { s.dead = true })
	s.stop()
}

func (s *fakeServer) connect(ctx context.Context, token, client []byte, seen map[string]uint64) iter.Seq2[serverapi.Welcome, error] {
	return func(yield func(serverapi.Welcome, error) bool) {
		if err := s.follow(ctx, token, seen, yield); err != nil {
			yield(serverapi.Welcome{}, err)
		}
	}
}

func (s *fakeServer) follow(ctx context.Context, token []byte, seen map[string]uint64, yield func(serverapi.Welcome, error) bool) error {
	w := s.w
	claims, err := w.authority.CheckToken(token, time.Now(), 0)
	if err != nil {
		return err
	}
	caller, _ := runtime.CallerFrom(ctx)
	c := &fakeSession{user: claims.User, caller: api.NewClientMessageServiceClient(caller)}
	vector := causal.Vector(seen).Clone()
	w.mu.Lock()
	refuse, frozen, copies := s.refuse, s.frozen, s.copies
	if len(seen) == 0 {
		for i := range w.records {
			vector[w.records[i].Origin] = w.records[i].Number
		}
	}
	w.mu.Unlock()
	w.change(func() { s.presents = append(s.presents, seen) })
	switch {
	case frozen:
		<-ctx.Done()
		return ctx.Err()
	case refuse != nil:
		return refuse
	}
	w.change(func() { s.sessions[c.user] = c })
	defer w.change(func() {
		if s.sessions[c.user] == c {
			delete(s.sessions, c.user)
		}
	})
	if !yield(serverapi.Welcome{Server: s.name, Copies: copies, Seen: vector}, nil) {
		return nil
	}
	for at := 0; ; {
		w.mu.Lock()
		var batch []api.Delivery
		for ; at < len(w.records) && !s.frozen; at++ {
			if r := &w.records[at]; r.Number > vector[r.Origin] {
				batch = append(batch, api.Delivery{Record: *r})
			}
		}
		batch = append(batch, c.extra...)
		safe, end, changed := c.safe, c.end, w.changed
		c.extra, c.safe = nil, 0
		w.mu.Unlock()
		if end != nil {
			return end
		}
		if len(batch) > 0 || safe > 0 {
			if err := c.caller.ReceiveMessage(ctx, batch, safe); err != nil {
				return err
			}
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *fakeServer) take(ctx context.Context, messages []justchat.Message, seen map[string]uint64) (uint32, error) {
	w := s.w
	var numbers []uint64
	for _, m := range messages {
		numbers = append(numbers, m.Number)
		if err := w.authority.CheckMessage(&m); err != nil {
			return 0, &serverapi.Refused{Number: m.Number, Reason: err.Error()}
		}
	}
	w.change(func() { s.calls = append(s.calls, numbers) })
	w.mu.Lock()
	answer, after, call, frozen, copies := s.answer, s.after, len(s.calls), s.frozen, s.copies
	w.mu.Unlock()
	if frozen {
		<-ctx.Done()
		return 0, ctx.Err()
	}
	if answer != nil {
		if err := answer(call, messages); err != nil {
			return 0, err
		}
	}
	w.change(func() {
		for _, m := range messages {
			if w.once.See(m.Client, m.Number) {
				s.write(m)
			}
		}
	})
	if after != nil {
		if err := after(ctx, call); err != nil {
			return 0, err
		}
	}
	return copies, nil
}

// write makes a record of a message. The world's mu is held.
func (s *fakeServer) write(m justchat.Message) {
	s.number++
	s.w.records = append(s.w.records, justchat.Record{Origin: s.name + ".1", Number: s.number, Lamport: uint64(len(s.w.records)), Message: m})
}

func (s *fakeServer) where(_ context.Context, user string) (justchat.ClientItem, error) {
	s.w.mu.Lock()
	defer s.w.mu.Unlock()
	if item, ok := s.w.items[user]; ok {
		return item, nil
	}
	return justchat.ClientItem{}, &justchat.NotHere{User: user}
}

func (s *fakeServer) relay(ctx context.Context, m justchat.Message) error {
	s.w.mu.Lock()
	var to *fakeSession
	for _, other := range s.w.servers {
		if c := other.sessions[m.To]; c != nil && !other.dead {
			to = c
		}
	}
	s.w.mu.Unlock()
	if to == nil {
		return &justchat.NotHere{User: m.To}
	}
	return to.caller.ReceivePrivateMessage(ctx, m)
}
