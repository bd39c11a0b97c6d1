package loadbalancer

import (
	"net"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

const (
	// lookEvery is how often the servers are looked at when nothing calls for it.
	lookEvery = 100 * time.Millisecond
	// firstAgain is how long a client that has lost a server is not sent to the same again, if there is no
	// other; then twice as long, and so on, up to longestAgain.
	firstAgain   = 200 * time.Millisecond
	longestAgain = 5 * time.Second
	// freeMoves is how many servers that look well a client may lose in a row before it has to wait, even if there are
	// others.
	freeMoves = 5
	// forgiven is after how long without a loss a client has lost none.
	forgiven = 10 * time.Second
	// unkeptSlack is how much longer than a lease a server that answers may be without anybody who keeps it in the
	// list: it may be on its way to another load balancer, or the registry on its way back.
	unkeptSlack = 2 * time.Second
	// watchAgain is after how long a server is tried again whose address could not be looked up.
	watchAgain = 5 * time.Second
	// suspicion is how long a server whose own call broke is not the first choice.
	suspicion = time.Second
)

// failures are the servers that a client says it has lost.
type failures struct {
	server string // the last
	at     time.Time
	again  time.Time // from when on it may be sent there again
	wait   time.Time // until when it is sent nowhere
	row    int       // of losses that nobody else has seen
	alone  bool      // the last one is in row
}

// note takes in one more. Alone says that to all others the server looks well.
func (f *failures) note(server string, now time.Time, alone bool) {
	if now.Sub(f.at) > forgiven {
		f.row = 0
	}
	f.server, f.at, f.alone = server, now, alone
	f.again = now.Add(min(firstAgain<<min(f.row, 8), longestAgain))
	if !alone {
		return
	}
	f.row++
	if f.row > freeMoves {
		f.wait = f.again
	}
}

// excuse says that a server did fail: who has lost it was right, and has to wait for nothing.
func (f *failures) excuse(server string) {
	if f.server == server && f.alone {
		f.row--
		f.alone, f.wait = false, time.Time{}
	}
}

// excuse takes the word of all who say that they have lost a server. The mutex is held.
func (lb *LoadBalancer) excuse(server string) {
	for _, s := range lb.sessions {
		s.failed.excuse(server)
	}
	lb.kick()
}

// serverFailed gives a client another server than the one that it has lost, unless it has been sent to another
// meanwhile.
func (lb *LoadBalancer) serverFailed(s *session, server string) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	_, waits := lb.waiting[s]
	if s.item.Server != server || waits {
		return
	}
	lb.count.lost.Add(1)
	now, m := time.Now(), lb.servers[server]
	s.failed.note(server, now, m != nil && m.state == usable && !now.Before(m.suspect))
	lb.assign(s, "server "+server+" is lost")
}

// assign sends a client to the best server that there is, or lets it wait for
// one. The mutex is held.
func (lb *LoadBalancer) assign(s *session, reason string) {
	now, except := time.Now(), ""
	if now.Before(s.failed.again) {
		except = s.failed.server
	}
	var to *member
	if !now.Before(s.failed.wait) {
		to = lb.pick(except)
	}
	if to == nil {
		s.reason = reason
		lb.waiting[s] = struct{}{}
		return
	}
	delete(lb.waiting, s)
	if s.item.Server != "" {
		lb.count.moves.Add(1)
	}
	lb.count.orders.Add(1)
	s.item.Server = to.node.Name
	lb.know(s, false)
	s.command(to.node, reason)
}

// oversee looks at the servers, when something calls for it and now and then.
func (lb *LoadBalancer) oversee() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for {
		select {
		case <-lb.kicked:
		case <-ticker.C:
		case <-lb.living.Done():
			return
		}
		lb.look()
	}
}

// look finds out what the servers are good for, and moves the clients of those that
// are good for nothing, and those that wait.
func (lb *LoadBalancer) look() {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	now := time.Now()
	if !lb.directory.Quorum() {
		lb.undecided = now
	}
	lb.forgetSilent(now)
	for name, m := range lb.servers {
		lb.judge(name, m, now)
	}
	if lb.lost {
		lb.lost = false
		for _, s := range lb.sessions {
			if m := lb.servers[s.item.Server]; m == nil || m.state != usable {
				lb.assign(s, whyLeave(s.item.Server, m))
			}
		}
	}
	if lb.pick("") == nil {
		return
	}
	for s := range lb.waiting {
		lb.assign(s, s.reason)
	}
}

// judge takes in what the heartbeat says of a server. The mutex is held.
func (lb *LoadBalancer) judge(name string, m *member, now time.Time) {
	if m.watched != m.node.Address || !m.unwatched.IsZero() && now.Sub(m.unwatched) > watchAgain {
		m.watched, m.unwatched = m.node.Address, time.Time{}
		lb.watch(name, m)
	}
	if state := m.stateBy(lb.monitor); state != m.state {
		m.state = state
		lb.lost = lb.lost || state != usable
		if state == dead {
			lb.excuse(name)
		}
		lb.log.Info("a server has changed", "server", name, "is", state)
	}
	if m.state != dead {
		m.heard = now
	}
	if status, _ := lb.monitor.Status(name); status.RoundTrip > 0 {
		m.answered = true
	}
	if m.listed || m.feed != nil {
		m.kept = now
		return
	}
	silent := now.Sub(m.heard) > lb.limits.Lease
	unkept := now.Sub(m.kept) > lb.limits.Lease+unkeptSlack && now.Sub(lb.undecided) > lb.limits.Lease+unkeptSlack
	if silent || unkept {
		lb.unlearn(name)
	}
}

// watch has a server pinged. Looking up the name of its host may take a while. The mutex is held.
func (lb *LoadBalancer) watch(name string, m *member) {
	address := m.watched
	if host, _, _ := net.SplitHostPort(address); net.ParseIP(host) != nil && lb.monitor.Watch(name, address) == nil {
		return
	}
	lb.running.Go(func() {
		err := lb.monitor.Watch(name, address)
		if err == nil {
			return
		}
		lb.log.Warn("a server cannot be pinged", "server", name, "reason", err)
		lb.mutex.Lock()
		defer lb.mutex.Unlock()
		m.unwatched = time.Now()
	})
}

// whyLeave says for what reason clients leave a server, which is nil if it is not in the list.
func whyLeave(name string, m *member) string {
	switch {
	case name == "":
		return "this is your server"
	case m == nil:
		return "server " + name + " is gone"
	case m.state == draining:
		return "server " + name + " is stopping"
	}
	return "server " + name + " does not answer"
}

func (s serverState) String() string {
	return [...]string{usable: "usable", draining: "draining", dead: "dead"}[s]
}

// serverChanged hears of servers from the registry.
func (lb *LoadBalancer) serverChanged(node justchat.ServerNode, removed bool) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	if !removed {
		lb.learn(node, true)
		return
	}
	if m := lb.servers[node.Name]; m != nil {
		m.listed = false
		if m.feed == nil && m.state == dead {
			lb.unlearn(node.Name)
		}
	}
}

// userChanged hears of users from the registry: who is banned or removed, or whose password has
// changed, is cut off, and the servers hear what was decided.
func (lb *LoadBalancer) userChanged(user api.User, removed bool) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	name, state := user.State.User, user.State
	var why error
	hash, known := lb.hashes[name]
	switch {
	case removed:
		why = &api.UnknownUser{User: name}
		state = justchat.UserState{User: name}
		delete(lb.hashes, name)
	case state.Banned:
		why = &justchat.Banned{User: name}
	case known && hash != user.Hash:
		why = &justchat.BadToken{Reason: "the password has changed"}
		lb.passwordChanged(name)
	}
	if !removed {
		lb.hashes[name] = user.Hash
	}
	if why != nil {
		for _, p := range lb.presence.users[name] {
			if p.session != nil {
				lb.drop(p.session, why)
			}
		}
	}
	lb.decide(state)
}

// passwordChanged notes that tokens of before let nobody in. The mutex is held.
func (lb *LoadBalancer) passwordChanged(name string) {
	now := time.Now()
	for user, at := range lb.changed {
		if now.Sub(at) > lb.limits.Token+lb.limits.Leeway {
			delete(lb.changed, user)
		}
	}
	lb.changed[name] = now
}

// decide tells the servers what was decided about a user, if that is new. The mutex is held.
func (lb *LoadBalancer) decide(state justchat.UserState) {
	old := lb.decided[state.User]
	if !state.Banned && state.Muted.IsZero() {
		delete(lb.decided, state.User)
	} else {
		lb.decided[state.User] = state
	}
	if old.Banned != state.Banned || !old.Muted.Equal(state.Muted) {
		lb.tell(api.News{Users: []justchat.UserState{state}})
	}
}
