package loadbalancer

import (
	"context"
	"iter"
	"net"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// nodeService is what servers call.
type nodeService struct{ lb *LoadBalancer }

var _ api.NodeService = nodeService{}

var (
	errNewer  = runtime.NewError(runtime.CodeFailedPrecondition, "a later start of this server has announced itself")
	errAgain  = runtime.NewError(runtime.CodeAborted, "the server has announced itself anew, by another call")
	errBehind = runtime.NewError(runtime.CodeResourceExhausted, "the server takes its news too slowly; it gets all of it when it calls again")
)

// A feed is the open SingleNode call of a server.
type feed struct {
	news chan api.News // bounded; when it is full the call ends
	end  context.CancelCauseFunc
}

// SingleNode announces a server, and keeps it in the list until its call ends, and for
// one lease more.
func (s nodeService) SingleNode(ctx context.Context, node justchat.ServerNode) iter.Seq2[api.News, error] {
	return func(yield func(api.News, error) bool) {
		err := s.lb.follow(ctx, node, func(news api.News) bool { return yield(news, nil) })
		if err != nil {
			yield(api.News{}, err)
		}
	}
}

// follow sends a server all that it has to know, and then what changes, until ctx
// ends. It returns nil if the server takes no more.
func (lb *LoadBalancer) follow(ctx context.Context, node justchat.ServerNode, send func(api.News) bool) error {
	node, err := checkNode(node, identity.PeerOf(ctx).Host)
	if err != nil {
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	f := &feed{make(chan api.News, lb.limits.News), end}
	release, err := lb.announce(node, f)
	if err != nil {
		return err
	}
	defer lb.leaveNode(node, f, release)
	informed := lb.informed
	if lb.isInformed() {
		informed = nil // else what is known, and later all of it
	}
	if !send(lb.allNews()) {
		return nil
	}
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-informed:
			if informed = nil; !send(lb.allNews()) {
				return nil
			}
		case news := <-f.news:
			if !send(news) {
				return nil
			}
		}
	}
}

// checkNode returns the node with an address that others can dial: where it names no host, the
// one from which it calls.
func checkNode(node justchat.ServerNode, from string) (justchat.ServerNode, error) {
	host, port, err := net.SplitHostPort(node.Address)
	if err != nil || node.Name == "" || len(node.Name) > maxName || line(node.Name) != node.Name {
		return node, runtime.NewError(runtime.CodeInvalidArgument, "a server has a name, and an address, host:port")
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		node.Address = net.JoinHostPort(from, port)
	}
	return node, nil
}

// announce takes a server into the list. The call of an earlier announcement ends.
func (lb *LoadBalancer) announce(node justchat.ServerNode, f *feed) (release func(), err error) {
	lb.mutex.Lock()
	if m := lb.servers[node.Name]; m != nil && m.node.Start > node.Start {
		lb.mutex.Unlock()
		return nil, errNewer
	}
	m := lb.learn(node, false)
	if m.feed != nil {
		m.feed.end(errAgain)
	}
	m.feed, m.suspect = f, time.Time{}
	lb.gossipNode(node)
	lb.mutex.Unlock()
	lb.log.Info("a server has announced itself", "server", node.Name, "address", node.Address)
	return lb.directory.AddServer(node, lb.limits.Lease), nil
}

// leaveNode notes that the call of a server has ended. If it was the last one, it may be that the server has died.
func (lb *LoadBalancer) leaveNode(node justchat.ServerNode, f *feed, release func()) {
	release() // the Directory keeps it for one lease more
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	if m := lb.servers[node.Name]; m != nil && m.feed == f {
		m.feed = nil
		m.suspect = time.Now().Add(suspicion)
		lb.excuse(node.Name)
		lb.log.Info("the call of a server has ended", "server", node.Name)
	}
}

// allNews returns what a server has to know, from the Directory, since events may be on their way.
func (lb *LoadBalancer) allNews() api.News {
	news := api.News{Complete: lb.isInformed()}
	for _, user := range lb.directory.Users() {
		if user.State.Banned || !user.State.Muted.IsZero() {
			news.Users = append(news.Users, user.State)
		}
	}
	listed := make(map[string]bool)
	for _, node := range lb.directory.Servers() {
		listed[node.Name] = true
		news.Servers = append(news.Servers, node)
	}
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	for name, m := range lb.servers {
		if !listed[name] {
			news.Servers = append(news.Servers, m.node)
		}
	}
	return news
}

// tell has all servers told some news. The mutex is held.
func (lb *LoadBalancer) tell(news api.News) {
	for _, m := range lb.servers {
		if m.feed == nil {
			continue
		}
		select {
		case m.feed.news <- news:
		default:
			m.feed.end(errBehind)
		}
	}
}

// GetClientAddr returns where a user is, by the client with which she came in last.
func (s nodeService) GetClientAddr(_ context.Context, user string) (justchat.ClientItem, error) {
	if len(user) <= maxName {
		if known, ok := s.lb.directory.User(user); ok {
			user = known.State.User
		}
		s.lb.mutex.Lock()
		defer s.lb.mutex.Unlock()
		if item, in := s.lb.presence.latest(user); in {
			return item, nil
		}
	}
	return justchat.ClientItem{}, &justchat.NotHere{User: line(user)}
}
