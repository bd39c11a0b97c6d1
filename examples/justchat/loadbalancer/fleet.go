package loadbalancer

import (
	"time"

	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// A member is a server of the cluster. It is guarded by the mutex of the LoadBalancer.
//
// It is in the list because the registry says so, because its own call is open
// here, or because another load balancer said so. Without the first two it goes when it has been silent for a
// lease; or, though it answers, when the registry could have said for as long that it is there, and did not.
type member struct {
	node   justchat.ServerNode
	listed bool  // in the registry, as far as the Directory knows
	feed   *feed // its own call, if it is open here

	watched   string    // the address that is pinged
	unwatched time.Time // when that was found to be none; zero if it was not
	heard     time.Time // when it was known to be alive last
	kept      time.Time // when it was listed, or its call was open here, last
	suspect   time.Time // until when it is not the first choice, since its own call broke
	state     serverState
	answered  bool // a heartbeat: it is not known before whether it takes clients yet
}

// A serverState is what a server is good for.
type serverState int

const (
	usable   serverState = iota // for clients that look for a server
	draining                    // its clients are to go, but may stay while there is no other
	dead                        // it does not answer
)

// stateBy returns what the heartbeat knows of a server. One that is not pinged yet has just been
// heard of.
func (m *member) stateBy(monitor *heartbeat.Monitor) serverState {
	status, watched := monitor.Status(m.node.Name)
	switch {
	case !m.unwatched.IsZero(), watched && !status.Alive:
		return dead
	case watched && status.State.Draining:
		return draining
	}
	return usable
}

// pick returns the usable server that has the fewest clients, or nil. One that is
// suspect is taken only if there is no other. It is never the one of the name except.
func (lb *LoadBalancer) pick(except string) *member {
	now := time.Now()
	var best *member
	worse := func(m *member) bool { // than best
		if suspect := now.Before(m.suspect); suspect != now.Before(best.suspect) {
			return suspect
		}
		return lb.presence.load[m.node.Name] >= lb.presence.load[best.node.Name]
	}
	for name, m := range lb.servers { // in any order, so equals take turns
		if name == except || m.state != usable || !m.answered || best != nil && worse(m) {
			continue
		}
		best = m
	}
	return best
}

// learn takes a server into the list, or what is new of it; a node of an earlier start is
// old news. The mutex is held.
func (lb *LoadBalancer) learn(node justchat.ServerNode, listed bool) *member {
	m := lb.servers[node.Name]
	if m == nil {
		m = &member{kept: time.Now()}
		lb.servers[node.Name] = m
	}
	m.listed = m.listed || listed
	if m.node == node || m.node.Start > node.Start {
		return m
	}
	m.node, m.heard = node, time.Now()
	lb.excuse(node.Name) // it is another start, or at another place
	lb.tell(api.News{Servers: []justchat.ServerNode{node}})
	lb.kick()
	return m
}

// unlearn takes a server out of the list. The mutex is held.
func (lb *LoadBalancer) unlearn(name string) {
	if lb.servers[name] == nil {
		return
	}
	delete(lb.servers, name)
	lb.monitor.Forget(name)
	lb.tell(api.News{Removed: []string{name}})
	lb.lost = true
	lb.log.Info("a server is gone", "server", name)
	lb.kick()
}
