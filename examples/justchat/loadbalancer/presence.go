package loadbalancer

import (
	"iter"
	"maps"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/generated/justchat"
)

// A presence is who is in, by any load balancer, as far as is known. It is
// guarded by the mutex of the LoadBalancer.
//
// A user may be in with several clients. A client is in by one load balancer,
// its owner: by the one where it came in last. Owners are addresses.
type presence struct {
	users   map[string]map[string]*present // by user and client
	clients int
	load    map[string]int  // clients by server
	doubted map[string]bool // owners that tell anew of all
}

// A present is a client that is in.
type present struct {
	justchat.ClientItem
	owner   string
	session *session // if it is in here
	doubted bool     // its owner tells anew of all, and has not told of it yet
}

func newPresence() *presence {
	return &presence{users: make(map[string]map[string]*present), load: make(map[string]int), doubted: make(map[string]bool)}
}

func (p *presence) get(user, client string) *present { return p.users[user][client] }

// put makes known that a client is in by owner, or what is new of it. It is not if another
// owner has had it since later.
func (p *presence) put(item justchat.ClientItem, owner string, s *session) bool {
	old := p.get(item.User, string(item.Client))
	if old != nil && old.owner != owner && old.Since.After(item.Since) {
		return false
	}
	if old != nil {
		p.count(old.Server, -1)
	} else {
		if p.users[item.User] == nil {
			p.users[item.User] = make(map[string]*present)
		}
		p.clients++
	}
	p.users[item.User][string(item.Client)] = &present{ClientItem: item, owner: owner, session: s}
	p.count(item.Server, 1)
	return true
}

// remove makes known that a client is not in by owner any more. It reports whether it was.
func (p *presence) remove(user, client, owner string) bool {
	old := p.get(user, client)
	if old == nil || old.owner != owner {
		return false
	}
	delete(p.users[user], client)
	if len(p.users[user]) == 0 {
		delete(p.users, user)
	}
	p.clients--
	p.count(old.Server, -1)
	return true
}

func (p *presence) count(server string, n int) {
	if p.load[server] += n; p.load[server] == 0 {
		delete(p.load, server)
	}
}

// of returns the clients that are in by owner.
func (p *presence) of(owner string) (items []justchat.ClientItem) {
	for c := range p.owned(owner) {
		items = append(items, c.ClientItem)
	}
	return items
}

func (p *presence) owned(owner string) iter.Seq[*present] {
	return func(yield func(*present) bool) {
		for _, clients := range p.users {
			for _, c := range clients {
				if c.owner == owner && !yield(c) {
					return
				}
			}
		}
	}
}

// forget removes all clients that are in by owner.
func (p *presence) forget(owner string) {
	delete(p.doubted, owner)
	for c := range p.owned(owner) {
		p.remove(c.User, string(c.Client), owner)
	}
}

// doubt has sweep remove the clients that are in by owner and are not put until then.
func (p *presence) doubt(owner string) {
	p.doubted[owner] = true
	for c := range p.owned(owner) {
		c.doubted = true
	}
}

func (p *presence) sweep(owner string) {
	if !p.doubted[owner] {
		return
	}
	delete(p.doubted, owner)
	for c := range p.owned(owner) {
		if c.doubted {
			p.remove(c.User, string(c.Client), owner)
		}
	}
}

// latest returns the client by which a user came in last.
func (p *presence) latest(user string) (item justchat.ClientItem, in bool) {
	for _, c := range p.users[user] {
		if !in || c.Since.After(item.Since) {
			item, in = c.ClientItem, true
		}
	}
	return item, in
}

// names returns who is in, by name.
func (p *presence) names() []string {
	return slices.SortedFunc(maps.Keys(p.users), strings.Compare)
}
