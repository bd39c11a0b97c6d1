package loadbalancer

import (
	"context"
	"iter"
	"net"
	"strconv"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// messageService is what clients call.
type messageService struct{ lb *LoadBalancer }

var _ api.MessageService = messageService{}

var (
	errNotIn = runtime.NewError(runtime.CodeFailedPrecondition, "the client is not in: call JoinChatService first")
	errAnew  = runtime.NewError(runtime.CodeAborted, "the client has come in anew, by another call")
)

// JoinChatService lets a client in. It is in until its call ends, or it comes in anew.
func (s messageService) JoinChatService(ctx context.Context, setup api.NewClientSetup) iter.Seq2[api.Joined, error] {
	return func(yield func(api.Joined, error) bool) {
		err := s.lb.join(ctx, setup, func(joined api.Joined) bool { return yield(joined, nil) })
		if err != nil {
			yield(api.Joined{}, err)
		}
	}
}

// join lets a client in, and sends what it is to be told, until ctx ends. It returns nil if the
// client takes no more.
func (lb *LoadBalancer) join(ctx context.Context, setup api.NewClientSetup, send func(api.Joined) bool) error {
	caller, ok := runtime.CallerFrom(ctx)
	if !ok {
		return runtime.NewError(runtime.CodeUnimplemented, "there is no way back to the client")
	}
	peer := identity.PeerOf(ctx)
	user, err := lb.login(ctx, peer, setup)
	if err != nil {
		lb.log.Info("refused", "user", line(setup.User), "host", peer.Host, "reason", err)
		return err
	}
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	client := &session{
		lb:    lb,
		key:   peer.Key,
		calls: clientapi.NewClientMessageServiceClient(caller),
		end:   end,
		wake:  make(chan struct{}, 1),
	}
	lb.enter(client, itemOf(user, peer, setup))
	defer lb.leave(client)
	if err := lb.welcome(user); err != nil { // again: now an event would find the session
		return err
	}
	return client.serve(ctx, send)
}

// itemOf returns what there is to know of a client that comes in.
func itemOf(user string, peer identity.Peer, setup api.NewClientSetup) justchat.ClientItem {
	item := justchat.ClientItem{User: user, Client: setup.Client, Key: peer.Key, Server: setup.Server}
	if setup.Port != 0 {
		item.Address = net.JoinHostPort(peer.Host, strconv.Itoa(int(setup.Port)))
	}
	return item
}

// enter makes a client known, and sees to it that it has a server: the one where it is
// already, if that is well. What the client, or its key, was in by before ends.
func (lb *LoadBalancer) enter(s *session, item justchat.ClientItem) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	item.Since = time.Now()
	if old := lb.sessions[string(s.key)]; old != nil {
		lb.drop(old, errAnew)
	}
	if old := lb.presence.get(item.User, string(item.Client)); old != nil {
		if old.session != nil {
			lb.drop(old.session, errAnew)
		}
		if !item.Since.After(old.Since) { // by the clock of another load balancer
			item.Since = old.Since.Add(time.Millisecond)
		}
	}
	at := lb.servers[item.Server]
	if at == nil || at.state != usable {
		item.Server = ""
	}
	s.item = item
	lb.sessions[string(s.key)] = s
	lb.know(s, true)
	if item.Server == "" {
		lb.assign(s, "this is your server")
	}
	lb.log.Info("in", "user", item.User, "server", s.item.Server)
}

// know makes known where a client is that is in here. The mutex is held.
func (lb *LoadBalancer) know(s *session, come bool) {
	lb.presence.put(s.item, lb.config.Address, s)
	lb.gossip(s.item, come)
}

// leave forgets a client, if it is still known by this session.
func (lb *LoadBalancer) leave(s *session) {
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	lb.drop(s, nil)
}

// drop forgets a client and ends its call, for a reason. The mutex is held.
func (lb *LoadBalancer) drop(s *session, why error) {
	s.end(why)
	delete(lb.waiting, s)
	if lb.sessions[string(s.key)] == s {
		delete(lb.sessions, string(s.key))
	}
	if p := lb.presence.get(s.item.User, string(s.item.Client)); p != nil && p.session == s {
		lb.presence.remove(s.item.User, string(s.item.Client), lb.config.Address)
		if !lb.ending.Load() { // else she is on her way to another one, and in all the while
			lb.gossip(s.item, false)
		}
		lb.log.Info("out", "user", s.item.User)
	}
}

// session returns that of the client that makes a call, or errNotIn.
func (lb *LoadBalancer) session(ctx context.Context) (*session, error) {
	key := identity.PeerOf(ctx).Key
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	if s := lb.sessions[string(key)]; s != nil {
		return s, nil
	}
	return nil, errNotIn
}

// GetUserList returns who is in, by name, to who is in.
func (s messageService) GetUserList(ctx context.Context) ([]string, error) {
	if _, err := s.lb.session(ctx); err != nil {
		return nil, err
	}
	s.lb.mutex.Lock()
	defer s.lb.mutex.Unlock()
	return s.lb.presence.names(), nil
}

// ServerFailed moves the caller to another server.
func (s messageService) ServerFailed(ctx context.Context, server string) error {
	client, err := s.lb.session(ctx)
	if err != nil {
		return err
	}
	s.lb.serverFailed(client, server)
	return nil
}
