package server

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/fileserver"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

const (
	linkBatch = 500                    // records that a call carries at most
	linkBytes = 256 << 10              // and of how many bytes of text, unless one has more
	linkIdle  = 250 * time.Millisecond // after which an idle link says what we have
	linkCall  = 2 * time.Second        // for a call to another server
	linkPause = 50 * time.Millisecond  // after a call that failed
	linkFull  = time.Second            // after one that a full disk has refused
)

// A link is our way to another server. It brings our records there, in order, one call in flight, and
// hears with each answer what the other one has.
type link struct {
	s      *Server
	node   justchat.ServerNode
	client *runtime.Client
	peer   *api.NodeServiceClient
	bulk   *runtime.Client // a connection of its own, on which no message waits behind a file
	files  fileserver.Peer // over bulk
	wake   chan struct{}   // of capacity 1
	stop   context.CancelFunc
	done   sync.WaitGroup

	pulling bool      // CatchUp is under way; the server's lock guards it and the next
	lacking time.Time // since when the other one has something that we lack
}

// join makes a link to a server, or a new one if its address is another now. Who was at our own address before
// is not there any more.
func (s *Server) join(node justchat.ServerNode) {
	if node.Name == s.self.Name || node.Address == s.self.Address {
		return
	}
	s.mu.Lock()
	old := s.links[node.Name]
	if s.ctx.Err() != nil || old != nil && (old.node == node || old.node.Start > node.Start) {
		s.mu.Unlock()
		return
	}
	l := &link{
		s:      s,
		node:   node,
		client: runtime.Dial(node.Address, s.dialTLS, runtime.WithLogger(s.Logger), s.interceptors(), runtime.WithKeepalive(nodeKeepalive)),
		bulk:   runtime.Dial(node.Address, s.dialTLS, runtime.WithLogger(s.Logger), s.interceptors(), runtime.WithKeepalive(nodeKeepalive)),
		wake:   make(chan struct{}, 1),
	}
	l.peer = api.NewNodeServiceClient(l.client)
	l.files = fileserver.Peer{Name: node.Name, Calls: api.NewNodeServiceClient(l.bulk)}
	ctx, stop := context.WithCancel(s.ctx)
	l.stop = stop
	s.links[node.Name] = l
	s.room.peerAlive(node.Name, true, time.Now())
	l.done.Go(func() { l.run(ctx) })
	s.mu.Unlock()
	if old != nil {
		old.close()
	}
	if err := s.monitor.Watch(node.Name, node.Address); err != nil {
		s.Logger.Warn("no heartbeats", "server", node.Name, "address", node.Address, "reason", err)
	}
	if s.link(node.Name) == nil {
		s.monitor.Forget(node.Name) // it has parted meanwhile
	}
	s.Logger.Info("server joined", "name", node.Name, "address", node.Address)
}

// part ends the link to a server that is gone.
func (s *Server) part(name string) {
	s.mu.Lock()
	l := s.links[name]
	delete(s.links, name)
	s.room.forget(name, time.Now())
	s.mu.Unlock()
	s.monitor.Forget(name)
	if l != nil {
		l.close()
		s.Logger.Info("server left", "name", name)
	}
}

// link returns the link to a server, or nil.
func (s *Server) link(name string) *link {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.links[name]
}

// push has all links look for records to bring.
func (s *Server) push() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.links {
		signal(l.wake)
	}
}

func (l *link) close() {
	l.stop()
	l.client.Close()
	l.bulk.Close()
	l.done.Wait()
}

// run brings what the other server lacks of ours, until ctx ends.
func (l *link) run(ctx context.Context) {
	idle := time.NewTimer(0)
	defer idle.Stop()
	for ctx.Err() == nil {
		has, err := l.greet(ctx)
		for err == nil {
			has, err = l.bring(ctx, has, idle)
		}
		if ctx.Err() == nil {
			l.s.Logger.Debug("link broke", "server", l.node.Name, "reason", err)
			pause(ctx, linkPause)
		}
	}
}

// greet presents us, and returns what the other server has.
func (l *link) greet(ctx context.Context) (causal.Vector, error) {
	ctx, cancel := context.WithTimeout(ctx, linkCall)
	defer cancel()
	has, err := l.peer.NewStorageNode(ctx, l.s.self, l.s.seen())
	if err != nil {
		return nil, err
	}
	l.s.room.peerHas(l.node.Name, has, time.Now())
	return has, nil
}

// bring waits for records that the other server lacks, or for a while, brings them, and returns what it
// has then.
func (l *link) bring(ctx context.Context, has causal.Vector, idle *time.Timer) (causal.Vector, error) {
	records := l.batch(has)
	if len(records) == 0 {
		idle.Reset(linkIdle)
		select {
		case <-l.wake:
			if records = l.batch(has); len(records) == 0 {
				return has, nil
			}
		case <-idle.C:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	call, cancel := context.WithTimeout(ctx, linkCall)
	defer cancel()
	if len(records) == 0 {
		call = shiviz.Quiet(call)
	}
	has, err := l.peer.SendPublicMsg(call, l.s.self.Name, records, l.s.seen())
	if err != nil {
		var full *api.Full
		if errors.As(err, &full) {
			l.s.room.peerFull(l.node.Name, true, time.Now())
			pause(ctx, linkFull)
		}
		return nil, err
	}
	if len(records) > 0 {
		l.s.room.peerFull(l.node.Name, false, time.Now())
	}
	l.s.room.peerHas(l.node.Name, has, time.Now())
	return has, nil
}

// batch returns the records of ours that come next for a server that has so much.
func (l *link) batch(has causal.Vector) []justchat.Record {
	own := l.s.room.ownAfter(has[l.s.room.origin], linkBatch)
	var records []justchat.Record
	size := 0
	for _, r := range own {
		if size += len(r.Message.Text); size > linkBytes && len(records) > 0 {
			break
		}
		records = append(records, *r)
	}
	return records
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
