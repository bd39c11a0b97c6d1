package server

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/fileserver"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// What a call of ReceiveMessage carries at most. Each client has one under way, so this is
// what a client that takes nothing makes the server hold.
const (
	deliverySize  = 100
	deliveryBytes = 32 << 10 // of texts, unless one has more
)

// messageService is what clients call.
type messageService struct{ s *Server }

// A session is a client that is connected.
type session struct {
	listener
	fileserver.Client
	came time.Time

	settled atomic.Bool // settle was called

	mu     sync.Mutex
	vector causal.Vector // what the client has seen
}

// note adds to what the client has seen.
func (c *session) note(seen causal.Vector) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.vector.Add(seen)
}

// seen returns what the client has seen.
func (c *session) seen() causal.Vector {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(causal.Vector, len(c.vector))
	all.Add(c.vector)
	return all
}

// ConnectionInit implements api.MessageService.
func (m *messageService) ConnectionInit(ctx context.Context, token, client []byte, seen map[string]uint64) iter.Seq2[api.Welcome, error] {
	return func(yield func(api.Welcome, error) bool) {
		if err := m.s.welcome(ctx, token, client, seen, yield); err != nil {
			yield(api.Welcome{}, err)
		}
	}
}

// welcome is the life of a session. The error is why the client is to go elsewhere, or nil when it has gone.
func (s *Server) welcome(ctx context.Context, token, client []byte, seen causal.Vector, yield func(api.Welcome, error) bool) error {
	peer := identity.PeerOf(ctx)
	claims, err := s.authority.CheckToken(token, time.Now(), s.Limits.Leeway)
	switch {
	case err != nil:
		return err
	case !claims.Key.Equal(peer.Key):
		return &justchat.BadToken{Reason: "it was granted to another key"}
	case len(client) != 16:
		return runtime.Errorf(runtime.CodeInvalidArgument, "a client process has 16 bytes, this one %d", len(client))
	case s.draining.Load():
		return &api.Draining{Server: s.self.Name}
	}
	caller, ok := runtime.CallerFrom(ctx)
	if !ok {
		return runtime.Errorf(runtime.CodeInternal, "the connection takes no calls")
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	c := &session{
		listener: listener{wake: make(chan struct{}, 1)},
		Client:   fileserver.Client{User: claims.User, ID: client, Calls: clientapi.NewClientMessageServiceClient(caller), End: end},
		came:     time.Now(),
		vector:   make(causal.Vector),
	}
	if err := s.enter(string(peer.Key), c); err != nil {
		return err
	}
	defer s.leave(string(peer.Key), c)
	return s.follow(ctx, c, seen, yield)
}

// enter makes c the session of a key, in place of an older one, unless its user is banned.
func (s *Server) enter(key string, c *session) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[c.User].Banned {
		return &justchat.Banned{User: c.User}
	}
	if old := s.sessions[key]; old != nil {
		old.End(&api.TakenOver{})
	}
	s.sessions[key] = c
	return nil
}

func (s *Server) leave(key string, c *session) {
	s.room.unlisten(&c.listener)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sessions[key] == c {
		delete(s.sessions, key)
	}
}

// session returns the session of the connection on which a call came.
func (s *Server) session(ctx context.Context) (*session, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.sessions[string(identity.PeerOf(ctx).Key)]; c != nil {
		return c, nil
	}
	return nil, &api.NotConnected{}
}

// follow welcomes the client and brings it what is shown, until ctx ends.
func (s *Server) follow(ctx context.Context, c *session, seen causal.Vector, yield func(api.Welcome, error) bool) error {
	fresh := len(seen) == 0
	s.files.Join(&c.Client, !fresh)
	defer c.Part()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	missing, complete, position, all := s.room.listen(&c.listener, seen)
	if fresh { // there is #history for what was before
		seen, missing, complete = all, nil, true
	}
	c.note(s.room.plausible(seen, s.seen()))
	welcome := api.Welcome{Server: s.self.Name, Copies: s.room.copies(), Next: s.room.next(c.ID), Seen: seen}
	if !yield(welcome, nil) {
		return nil
	}
	var err error
	if complete {
		err = s.deliver(ctx, c, missing, 0, false)
	} else {
		err = s.deliverLog(ctx, c, seen, all)
	}
	for err == nil {
		s.files.Bring(ctx, &c.Client, func() { signal(c.wake) })
		position, err = s.deliverNext(ctx, c, position)
	}
	if why := context.Cause(ctx); why != nil {
		err = why
	}
	if errors.Is(err, context.Canceled) {
		return nil // the client has gone
	}
	return err
}

// deliverNext waits for something to bring from position on, and brings it.
func (s *Server) deliverNext(ctx context.Context, c *session, position uint64) (uint64, error) {
	records, safe, behind, ok := s.room.read(&c.listener, position, deliverySize)
	switch {
	case !ok || behind > s.Limits.Behind:
		s.stats.cutOff.Add(1)
		return position, runtime.Errorf(runtime.CodeAborted, "the client is over %d messages behind; connect again to catch up", s.Limits.Behind)
	case len(records) > 0 || safe > 0:
		return position + uint64(len(records)), s.deliver(ctx, c, records, safe, false)
	}
	select {
	case <-c.wake:
	case <-ctx.Done():
	}
	return position, ctx.Err()
}

// deliver brings records to a client, and waits until it has them.
func (s *Server) deliver(ctx context.Context, c *session, records []shown, safe uint64, gap bool) error {
	for len(records) > 0 || safe > 0 {
		batch := portion(records)
		records = records[len(batch):]
		deliveries := make([]clientapi.Delivery, len(batch))
		for i, r := range batch {
			deliveries[i] = clientapi.Delivery{Record: *r.record, Late: r.late, Gap: gap && i == 0}
		}
		gap = false
		if err := s.receive(ctx, c, deliveries, safe); err != nil {
			return err
		}
		safe = 0
	}
	return nil
}

// portion returns the first of the records, as many as one call carries.
func portion(records []shown) []shown {
	records = records[:min(deliverySize, len(records))]
	size := 0
	for i, r := range records {
		if size += len(r.record.Message.Text); size > deliveryBytes && i > 0 {
			return records[:i]
		}
	}
	return records
}

// receive makes one call of ReceiveMessage.
func (s *Server) receive(ctx context.Context, c *session, deliveries []clientapi.Delivery, safe uint64) error {
	call, cancel := context.WithTimeout(ctx, s.Limits.Receive)
	defer cancel()
	began := time.Now()
	if err := c.Calls.ReceiveMessage(call, deliveries, safe); err != nil {
		if ctx.Err() == nil {
			s.stats.cutOff.Add(1)
		}
		return fmt.Errorf("the client does not take messages: %w", err)
	}
	s.stats.delivered(len(deliveries), time.Since(began))
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range deliveries {
		r := &deliveries[i].Record
		c.vector[r.Origin] = max(c.vector[r.Origin], r.Number)
	}
	return nil
}

// deliverLog brings a client what it lacks of all, from the log.
func (s *Server) deliverLog(ctx context.Context, c *session, seen, all causal.Vector) error {
	gone := s.Log.Gone()
	gap := !seen.Covers(gone)
	var batch []shown
	size := 0
	for record, err := range s.Log.Since(seen) {
		if err != nil {
			return err
		}
		if !all.Has(record) {
			continue // it comes by the tail
		}
		batch = append(batch, shown{record: record})
		if size += len(record.Message.Text); len(batch) < deliverySize && size < deliveryBytes {
			continue
		}
		if err := s.deliver(ctx, c, batch, 0, gap); err != nil {
			return err
		}
		batch, size, gap = batch[:0], 0, false
	}
	return s.deliver(ctx, c, batch, 0, gap)
}
