package loadbalancer

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

const (
	peersEvery  = 200 * time.Millisecond // after which the list of load balancers is looked at
	peerPause   = 200 * time.Millisecond // before one that could not be reached is called again
	peerTimeout = 2 * time.Second        // for a call to one
	// gossipBatch is how many clients go in one call.
	gossipBatch = 500
	// maxCurrentData is how large what another load balancer knows may be, in bytes.
	maxCurrentData = 256 << 20
)

var (
	errSelf    = errors.New("that is this load balancer")
	errMuch    = errors.New("more has changed than may wait")
	errAnother = errors.New("it was started anew")
)

// A peer is another load balancer, and the line to it:
//
//	       GetCurrentData, NewNode, NewClient(complete), UpdateClient
//	down ────────────────────────────────────────────────────────────► up: changes follow
//	  ▲                                                                     │
//	  └── a call fails, the peer was started anew, or more has changed ─────┘
//	      than may wait
//
// A line carries what is told one way; the peer has one of its own for the other.
//
// What waits for it is which clients have changed, not how: it is told what is so
// when its turn comes.
type peer struct {
	lb      *LoadBalancer
	address string
	stop    context.CancelFunc
	client  *runtime.Client
	calls   *api.LBServiceClient
	wake    chan struct{} // has an entry when something has changed
	start   uint64        // of the peer, when the line was made; run's own

	// Guarded by the mutex of the LoadBalancer.
	owner   string // the address by which it knows itself
	up      bool
	behind  bool                // more has changed than may wait
	changes map[clientKey]bool  // true for those that have come
	nodes   map[string]struct{} // servers by name
}

// A clientKey names a client.
type clientKey struct{ user, client string }

// keepPeers has a line to every other load balancer that is known: by the registry, from
// the config, or since it has called.
func (lb *LoadBalancer) keepPeers() {
	ticker := time.NewTicker(peersEvery)
	defer ticker.Stop()
	for {
		lb.matchPeers(append(lb.directory.LoadBalancers(), lb.config.Others...))
		select {
		case <-ticker.C:
		case <-lb.living.Done():
			return
		}
	}
}

// matchPeers begins and ends lines, so that there is one for each address.
func (lb *LoadBalancer) matchPeers(addresses []string) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	addresses = slices.AppendSeq(addresses, maps.Keys(lb.tellers))
	for _, address := range addresses {
		if address != lb.config.Address && lb.peers[address] == nil {
			lb.addPeer(address)
		}
	}
	for address, p := range lb.peers {
		if !slices.Contains(addresses, address) {
			p.stop() // it removes itself
		}
	}
}

// addPeer begins a line. The mutex is held.
func (lb *LoadBalancer) addPeer(address string) {
	tls, err := lb.config.Cluster.NodeTLS(identity.LoadBalancer, lb.config.Address)
	if err != nil {
		lb.log.Error("no certificate for the other load balancers", "reason", err)
		return
	}
	ctx, stop := context.WithCancel(lb.living)
	client := runtime.Dial(address,
		runtime.WithTLS(tls),
		runtime.WithLogger(lb.log),
		runtime.WithTimeout(peerTimeout),
		runtime.WithMaxMessage(maxCurrentData),
		runtime.WithInterceptors(lb.config.ShiViz.Interceptor()))
	p := &peer{lb: lb, address: address, stop: stop, client: client, calls: api.NewLBServiceClient(client), wake: make(chan struct{}, 1)}
	lb.peers[address] = p
	lb.running.Go(func() { p.run(ctx) })
}

// run keeps the line until ctx ends.
func (p *peer) run(ctx context.Context) {
	defer p.stop()
	defer p.client.Close()
	defer p.remove()
	for ctx.Err() == nil {
		err := p.talk(ctx)
		if errors.Is(err, errSelf) {
			<-ctx.Done()
			return
		}
		if p.fall() && ctx.Err() == nil {
			p.lb.log.Info("another load balancer is lost", "address", p.address, "reason", err)
		}
		select {
		case <-time.After(peerPause):
		case <-ctx.Done():
		}
	}
}

// talk learns what the peer knows, tells it what there is, and then what changes, until a call fails.
func (p *peer) talk(ctx context.Context) error {
	data, err := p.calls.GetCurrentData(ctx)
	if err != nil {
		return err
	}
	if data.LoadBalancer == p.lb.config.Address {
		return errSelf
	}
	p.lb.take(data)
	clients, nodes := p.rise(data)
	p.lb.log.Info("another load balancer is there", "address", data.LoadBalancer)
	if err := p.tell(ctx, batch{nodes: nodes}); err != nil {
		return err
	}
	rest := slices.Collect(slices.Chunk(clients, gossipBatch))
	for complete := true; complete || len(rest) > 0; complete = false {
		var first []justchat.ClientItem
		if len(rest) > 0 {
			first, rest = rest[0], rest[1:]
		}
		if err := p.same(p.calls.NewClient(ctx, first, complete)); err != nil {
			return err
		}
	}
	return p.pass(ctx)
}

// same returns the error of a call, or errAnother if it was answered by another start of the peer than the first.
func (p *peer) same(start uint64, err error) error {
	if err == nil && start != p.start {
		return errAnother
	}
	return err
}

// pass tells what changes, or, now and then, that there is somebody.
func (p *peer) pass(ctx context.Context) error {
	ticker := time.NewTicker(p.lb.limits.Lease / 5)
	defer ticker.Stop()
	quiet := shiviz.Quiet(ctx)
	for {
		if err := p.same(p.calls.UpdateClient(quiet, nil)); err != nil {
			return err
		}
		select {
		case <-p.wake:
			if err := p.passChanges(ctx); err != nil {
				return err
			}
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *peer) passChanges(ctx context.Context) error {
	for {
		b, err := p.next()
		if err != nil || b.empty() {
			return err
		}
		if err := p.tell(ctx, b); err != nil {
			return err
		}
		p.lb.count.gossip.Add(uint64(len(b.come) + len(b.changed)))
	}
}

func (p *peer) tell(ctx context.Context, b batch) error {
	for _, node := range b.nodes {
		if err := p.calls.NewNode(ctx, node); err != nil {
			return err
		}
	}
	if len(b.come) > 0 {
		if err := p.same(p.calls.NewClient(ctx, b.come, false)); err != nil {
			return err
		}
	}
	if len(b.changed) > 0 {
		return p.same(p.calls.UpdateClient(ctx, b.changed))
	}
	return nil
}

// A batch is what a peer is told at once.
type batch struct {
	nodes         []justchat.ServerNode
	come, changed []justchat.ClientItem
}

func (b batch) empty() bool { return len(b.nodes)+len(b.come)+len(b.changed) == 0 }

// next returns what is to be told next, or an error if all is to be told anew.
func (p *peer) next() (b batch, err error) {
	lb := p.lb
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	if p.behind {
		lb.count.resyncs.Add(1)
		return b, errMuch
	}
	for name := range p.nodes {
		if m := lb.servers[name]; m != nil {
			b.nodes = append(b.nodes, m.node)
		}
	}
	clear(p.nodes)
	for key, come := range p.changes {
		if len(b.come)+len(b.changed) == gossipBatch {
			break
		}
		delete(p.changes, key)
		c := lb.presence.get(key.user, key.client)
		switch {
		case c == nil || c.owner != lb.config.Address:
			b.changed = append(b.changed, justchat.ClientItem{User: key.user, Client: []byte(key.client)})
		case come || c.Server == "": // an update without a server says that she has left
			b.come = append(b.come, c.ClientItem)
		default:
			b.changed = append(b.changed, c.ClientItem)
		}
	}
	return b, nil
}

// gossip has the others told what is new of a client that is, or was, in here. The mutex is held.
func (lb *LoadBalancer) gossip(item justchat.ClientItem, come bool) {
	key := clientKey{item.User, string(item.Client)}
	for _, p := range lb.peers {
		if !p.up || p.behind {
			continue
		}
		p.changes[key] = p.changes[key] || come
		if len(p.changes) > lb.limits.Gossip {
			p.behind = true
			clear(p.changes)
		}
		p.rouse()
	}
}

// gossipNode has the others told of a server that is announced here. The mutex is held.
func (lb *LoadBalancer) gossipNode(node justchat.ServerNode) {
	for _, p := range lb.peers {
		if p.up {
			p.nodes[node.Name] = struct{}{}
			p.rouse()
		}
	}
}

func (p *peer) rouse() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// rise begins to collect what changes, and returns what there is.
func (p *peer) rise(data api.CurrentData) (clients []justchat.ClientItem, nodes []justchat.ServerNode) {
	p.lb.mutex.Lock()
	defer p.lb.mutex.Unlock()
	p.owner, p.start, p.up, p.behind = data.LoadBalancer, data.Start, true, false
	p.changes, p.nodes = make(map[clientKey]bool), make(map[string]struct{})
	for m := range maps.Values(p.lb.servers) {
		if m.feed != nil {
			nodes = append(nodes, m.node)
		}
	}
	return p.lb.presence.of(p.lb.config.Address), nodes
}

// fall ends the collecting. It reports whether the peer was up.
func (p *peer) fall() bool {
	p.lb.mutex.Lock()
	defer p.lb.mutex.Unlock()
	was := p.up
	p.up, p.changes, p.nodes = false, nil, nil
	return was
}

// remove takes the peer out of the list.
func (p *peer) remove() {
	p.lb.mutex.Lock()
	defer p.lb.mutex.Unlock()
	p.up = false
	delete(p.lb.peers, p.address)
}
