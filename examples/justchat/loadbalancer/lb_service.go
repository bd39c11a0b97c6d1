package loadbalancer

import (
	"context"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// lbService is what the other load balancers call.
type lbService struct{ lb *LoadBalancer }

var _ api.LBService = lbService{}

var errElsewhere = runtime.NewError(runtime.CodeAborted, "the client has come in by another load balancer")

// NewNode takes a server into the list that another load balancer has.
func (s lbService) NewNode(_ context.Context, node justchat.ServerNode) error {
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	s.lb.learn(node, false)
	return nil
}

// NewClient makes known who has come in by the caller.
func (s lbService) NewClient(ctx context.Context, clients []justchat.ClientItem, complete bool) (uint64, error) {
	owner := identity.PeerOf(ctx).Name
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	from := s.lb.teller(owner)
	if complete {
		from.complete = true
		s.lb.presence.doubt(owner)
	}
	for _, item := range clients {
		s.lb.hear(item, owner)
	}
	return s.lb.startFor(from), nil
}

// UpdateClient makes known what is new of who is in by the caller.
func (s lbService) UpdateClient(ctx context.Context, clients []justchat.ClientItem) (uint64, error) {
	owner := identity.PeerOf(ctx).Name
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	from := s.lb.teller(owner)
	s.lb.presence.sweep(owner)
	for _, item := range clients {
		if item.Server == "" {
			s.lb.presence.remove(item.User, string(item.Client), owner)
		} else {
			s.lb.hear(item, owner)
		}
	}
	return s.lb.startFor(from), nil
}

// startFor returns the start of this load balancer, or, to one that was forgotten meanwhile, since this one was
// stalled, what lets it tell of all again. The mutex is held.
func (lb *LoadBalancer) startFor(from *teller) uint64 {
	if !from.complete {
		return 0
	}
	return lb.start
}

// A teller is another load balancer as one that tells who is in by it. It does so once a second at
// least; who is in by one that is silent for a lease is taken for gone.
type teller struct {
	heard    time.Time
	complete bool // it has begun to tell of all
}

// teller returns that of an address, which has just been heard. The mutex is held.
func (lb *LoadBalancer) teller(address string) *teller {
	t := lb.tellers[address]
	if t == nil {
		t = new(teller)
		lb.tellers[address] = t
	}
	t.heard = time.Now()
	return t
}

// forgetSilent forgets the tellers that are silent, and who is in by them. The mutex is held.
func (lb *LoadBalancer) forgetSilent(now time.Time) {
	for address, t := range lb.tellers {
		if now.Sub(t.heard) > lb.limits.Lease {
			delete(lb.tellers, address)
			lb.presence.forget(address)
			lb.log.Info("another load balancer is not heard any more", "address", address)
		}
	}
}

// hear takes in that a client is in by another load balancer. If that is later than it came in here, its
// call here ends. The mutex is held.
func (lb *LoadBalancer) hear(item justchat.ClientItem, owner string) {
	old := lb.presence.get(item.User, string(item.Client))
	if owner != lb.config.Address && lb.presence.put(item, owner, nil) && old != nil && old.session != nil {
		lb.drop(old.session, errElsewhere)
	}
}

// take takes in what another load balancer knows: who is in by it until it tells so itself, which it does as soon as it
// has found this one.
func (lb *LoadBalancer) take(data api.CurrentData) {
	if data.Complete {
		lb.directory.Fill(data) // it does not, if it is complete itself
		lb.inform()
	}
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	for _, address := range data.LoadBalancers { // they are called, and call back
		if address != lb.config.Address && lb.tellers[address] == nil {
			lb.teller(address)
		}
	}
	if t := lb.tellers[data.LoadBalancer]; t != nil && t.complete {
		return // what it tells is newer
	}
	lb.teller(data.LoadBalancer)
	lb.presence.forget(data.LoadBalancer)
	for _, item := range data.Clients {
		lb.hear(item, data.LoadBalancer)
	}
}

// GetCurrentData returns what this load balancer knows.
func (s lbService) GetCurrentData(context.Context) (api.CurrentData, error) {
	data := s.lb.directory.Data()
	data.LoadBalancer, data.Start = s.lb.config.Address, s.lb.start
	data.Complete = s.lb.isInformed()
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	for _, p := range s.lb.peers {
		if p.up {
			data.LoadBalancers = append(data.LoadBalancers, p.owner)
		}
	}
	data.Clients = s.lb.presence.of(s.lb.config.Address)
	return data, nil
}
