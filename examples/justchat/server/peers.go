package server

import (
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
)

// peerState is what we know of another server.
type peerState struct {
	has   causal.Vector
	heard bool // it has said what it has, which may be nothing
	alive bool
	full  bool // its disk takes nothing more
}

// peerHas says what another server has on its disk. Of one that has left it comes too late.
func (r *room) peerHas(name string, has causal.Vector, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.peers[name]
	if p == nil {
		return
	}
	p.has, p.heard = has, true
	if has.Covers(r.elder) {
		r.elder = nil
	}
	if n := has[r.origin]; n > r.copied && n <= r.durable {
		r.copied = n
		r.raise()
		r.advance(now)
	}
}

// peerAlive says whether another server answers.
func (r *room) peerAlive(name string, alive bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.peers[name] == nil {
		r.peers[name] = new(peerState)
	}
	r.peers[name].alive = alive
	r.advance(now)
}

// forget says that another server is gone for good.
func (r *room) forget(name string, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.peers, name)
	r.advance(now)
}

// peerFull says whether another server's disk takes nothing more: then nobody waits for it.
func (r *room) peerFull(name string, full bool, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.peers[name]; p != nil && p.full != full {
		p.full = full
		r.advance(now)
	}
}

// accompanied reports whether another server answers, and has room.
func (r *room) accompanied() bool {
	for _, p := range r.peers {
		if p.alive && !p.full {
			return true
		}
	}
	return false
}

// lacking returns the names of the peers that have something that seen lacks.
func (r *room) lacking(seen causal.Vector) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name, p := range r.peers {
		if p.alive && !seen.Covers(p.has) {
			names = append(names, name)
		}
	}
	return names
}

// copies returns on how many disks a message would be now.
func (r *room) copies() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.accompanied() {
		return 2
	}
	return 1
}

// alive returns the names of the peers that answer.
func (r *room) alive() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var names []string
	for name, p := range r.peers {
		if p.alive {
			names = append(names, name)
		}
	}
	return names
}

// plausible returns what of seen is of an origin that is known: of has, which is on our disk, or of what
// another server said that it has.
func (r *room) plausible(seen, has causal.Vector) causal.Vector {
	r.mu.Lock()
	defer r.mu.Unlock()
	known := func(origin string) bool {
		if has[origin] > 0 {
			return true
		}
		for _, p := range r.peers {
			if p.has[origin] > 0 {
				return true
			}
		}
		return false
	}
	all := make(causal.Vector)
	for origin, number := range seen {
		if known(origin) {
			all[origin] = number
		}
	}
	return all
}

// replicated reports whether all that was taken is on another server's disk too, or there is none.
func (r *room) replicated() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.copied == r.taken || !r.accompanied()
}

// lag returns how many other servers answer, and how many of our records none of them has.
func (r *room) lag() (servers int, records uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.peers {
		if p.alive {
			servers++
		}
	}
	return servers, r.taken - r.copied
}

// upToDate reports whether seen has what some other server that answers has.
func (r *room) upToDate(seen causal.Vector) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	answering := false
	for _, p := range r.peers {
		if p.alive && p.heard {
			if seen.Covers(p.has) {
				return true
			}
			answering = true
		}
	}
	return !answering && !r.accompanied()
}
