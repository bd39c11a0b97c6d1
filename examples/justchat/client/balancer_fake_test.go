package client

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer/loadbalancertest"
	"github.com/parley-rpc/parley/runtime"
)

// A fakeBalancer lets clients in and sends them where the test says.
type fakeBalancer struct {
	loadbalancertest.FakeMessageService
	w       *world
	name    string
	address string
	kill    func()

	// The world's mu guards these.
	here    map[string]*visit // by user
	joins   []lbapi.NewClientSetup
	lost    []string           // what ServerFailed said
	deaf    bool               // ServerFailed orders nothing
	hangs   bool               // JoinChatService does not answer
	refuses error              // what JoinChatService answers
	expel   map[string]error   // what a visit ends with
	tokens  int                // granted
	life    time.Duration      // of a token
	where   func() *fakeServer // for new clients; nil is the first that lives
}

// A visit is a client that is in.
type visit struct {
	caller *api.ClientMessageServiceClient
	number uint64
	again  chan struct{} // another Joined is wanted
}

func (w *world) balancer(name string) *fakeBalancer {
	b := &fakeBalancer{w: w, name: name, here: make(map[string]*visit), expel: make(map[string]error), life: time.Minute}
	b.JoinChatServiceFunc = b.join
	b.ServerFailedFunc = b.serverFailed
	b.GetUserListFunc = func(context.Context) ([]string, error) { return []string{"Elon", "Tony"}, nil }
	b.kill, b.address = w.serve(identity.LoadBalancer, name, "", func(r *runtime.Server) { lbapi.RegisterMessageService(r, b) })
	return b
}

func (b *fakeBalancer) join(ctx context.Context, setup lbapi.NewClientSetup) iter.Seq2[lbapi.Joined, error] {
	return func(yield func(lbapi.Joined, error) bool) {
		if err := b.admit(ctx, &setup); err != nil {
			yield(lbapi.Joined{}, err)
			return
		}
		caller, _ := runtime.CallerFrom(ctx)
		v := &visit{caller: api.NewClientMessageServiceClient(caller), again: make(chan struct{}, 1)}
		b.w.change(func() { b.here[setup.User] = v })
		defer b.w.change(func() { delete(b.here, setup.User) })
		key := identity.PeerOf(ctx).Key
		grant := func() bool {
			var token []byte
			b.w.change(func() {
				b.tokens++
				token = b.w.cluster.Grant(setup.User, key, time.Now(), b.life)
				b.w.items[setup.User] = justchat.ClientItem{User: setup.User, Client: setup.Client, Key: key}
				if setup.Port != 0 {
					item := b.w.items[setup.User]
					item.Address = fmt.Sprintf("127.0.0.1:%d", setup.Port)
					b.w.items[setup.User] = item
				}
			})
			return yield(lbapi.Joined{Token: token, Name: setup.User, LoadBalancer: b.name}, nil)
		}
		if !grant() {
			return
		}
		if setup.Server == "" {
			b.order(setup.User, b.place())
		}
		for {
			b.w.mu.Lock()
			changed, reason := b.w.changed, b.expel[setup.User]
			b.w.mu.Unlock()
			if reason != nil {
				yield(lbapi.Joined{}, reason)
				return
			}
			select {
			case <-v.again:
				if !grant() {
					return
				}
			case <-changed:
			case <-ctx.Done():
				return
			}
		}
	}
}

// admit checks who wants to come in.
func (b *fakeBalancer) admit(ctx context.Context, setup *lbapi.NewClientSetup) error {
	b.w.mu.Lock()
	hangs, refuses, password := b.hangs, b.refuses, b.w.users[setup.User]
	b.w.mu.Unlock()
	b.w.change(func() { b.joins = append(b.joins, *setup) })
	switch {
	case hangs:
		<-ctx.Done()
		return ctx.Err()
	case refuses != nil:
		return refuses
	case setup.Token != nil:
		_, err := b.w.authority.CheckToken(setup.Token, time.Now(), 0)
		return err
	case password == "" && !setup.SignUp:
		return &lbapi.UnknownUser{User: setup.User}
	case password == "":
		b.w.change(func() { b.w.users[setup.User] = setup.Password })
	case password != setup.Password:
		return &lbapi.WrongPassword{User: setup.User}
	}
	return nil
}

func (b *fakeBalancer) serverFailed(ctx context.Context, server string) error {
	b.w.change(func() { b.lost = append(b.lost, server) })
	b.w.mu.Lock()
	deaf := b.deaf
	var user string
	for name, v := range b.here {
		if v != nil && bytes.Equal(b.w.items[name].Key, identity.PeerOf(ctx).Key) {
			user = name
		}
	}
	b.w.mu.Unlock()
	if !deaf && user != "" {
		b.order(user, b.place())
	}
	return nil
}

// place returns the first server that lives.
func (b *fakeBalancer) place() *fakeServer {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if b.where != nil {
		return b.where()
	}
	for _, s := range b.w.servers {
		if !s.dead {
			return s
		}
	}
	return nil
}

// order sends a user to a server, if there is one.
func (b *fakeBalancer) order(user string, s *fakeServer) {
	if s == nil {
		return
	}
	b.w.mu.Lock()
	v := b.here[user]
	if v == nil {
		b.w.mu.Unlock()
		return
	}
	v.number++
	order := api.ChatServer{Number: v.number, Name: s.name, Address: s.address}
	b.w.mu.Unlock()
	if err := v.caller.UpdateRPCChatServer(b.w.t.Context(), order); err != nil && b.w.t.Context().Err() == nil {
		b.w.logs.Logger(-4).Warn("order", "reason", err)
	}
}
