package loadbalancer

import "sync/atomic"

// Stats are what a load balancer has to say of itself: how many there are, and how often
// something has happened since it began.
type Stats struct {
	Clients  int // that are in by this load balancer
	Present  int // that are in by any
	Waiting  int // of Clients, for a server
	Servers  int // in the list
	Usable   int // of Servers, for clients that look for one
	Peers    int // other load balancers that are heard
	Users    int // who are signed up
	Files    int // that are public
	Quorum   bool
	Logins   uint64 // that were let in
	SignUps  uint64 // of Logins
	Refused  uint64 // logins, for whatever reason
	Failed   uint64 // of Refused, by the password
	Orders   uint64 // to go to a server
	Moves    uint64 // of Orders, from another server
	Lost     uint64 // servers, as clients say
	Unheard  uint64 // orders that were not answered in time, or refused
	Gossiped uint64 // changes that other load balancers were told
	Resyncs  uint64 // of other load balancers that had fallen behind
}

// counters are the part of Stats that only rises.
type counters struct {
	logins, signUps, refused, failed  atomic.Uint64
	orders, moves, lost, ordersFailed atomic.Uint64
	gossip, resyncs                   atomic.Uint64
}

// Stats returns how things are now.
func (lb *LoadBalancer) Stats() Stats {
	stats := Stats{
		Users:    len(lb.directory.Users()),
		Files:    len(lb.directory.Files()),
		Quorum:   lb.directory.Quorum(),
		Logins:   lb.count.logins.Load(),
		SignUps:  lb.count.signUps.Load(),
		Refused:  lb.count.refused.Load(),
		Failed:   lb.count.failed.Load(),
		Orders:   lb.count.orders.Load(),
		Moves:    lb.count.moves.Load(),
		Lost:     lb.count.lost.Load(),
		Unheard:  lb.count.ordersFailed.Load(),
		Gossiped: lb.count.gossip.Load(),
		Resyncs:  lb.count.resyncs.Load(),
	}
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	stats.Clients = len(lb.sessions)
	stats.Present = lb.presence.clients
	stats.Waiting = len(lb.waiting)
	stats.Servers = len(lb.servers)
	for _, m := range lb.servers {
		if m.state == usable && m.answered {
			stats.Usable++
		}
	}
	for _, p := range lb.peers {
		if p.up {
			stats.Peers++
		}
	}
	return stats
}
