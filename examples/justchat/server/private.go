package server

import (
	"context"
	"errors"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
)

// SendPrivate implements api.MessageService.
func (m *messageService) SendPrivate(ctx context.Context, user string) (justchat.ClientItem, error) {
	if _, err := m.s.session(ctx); err != nil {
		return justchat.ClientItem{}, err
	}
	return m.s.where(ctx, user)
}

// A user who is said not to be here may be on her way from one load balancer to another, so that is asked again
// for a while.
const (
	whereTries = 4
	wherePause = 150 * time.Millisecond
	whereTime  = 2 * time.Second // for a load balancer to say it
)

// where asks a load balancer where a user is. The users of this server are known anyway, while there is no load
// balancer.
func (s *Server) where(ctx context.Context, user string) (item justchat.ClientItem, err error) {
	for range whereTries {
		call, cancel := context.WithTimeout(ctx, whereTime)
		item, err = s.balance.GetClientAddr(call, user)
		cancel()
		if err == nil {
			return item, nil
		}
		if len(s.sessionsOf(user)) > 0 {
			return justchat.ClientItem{User: user, Server: s.self.Name}, nil
		}
		if away := new(justchat.NotHere); !errors.As(err, &away) {
			break
		}
		pause(ctx, wherePause)
	}
	return item, err
}

// RelayPrivate implements api.MessageService.
func (m *messageService) RelayPrivate(ctx context.Context, message justchat.Message) error {
	s := m.s
	c, err := s.session(ctx)
	if err != nil {
		return err
	}
	if wait := s.allow(c.User, 1); wait > 0 {
		return &justchat.TooFast{What: "messages", Wait: wait}
	}
	if message.To == "" {
		return s.refuse(&message, "it is for nobody")
	}
	if err := s.checkSignature(&message); err != nil {
		return err
	}
	err = s.hand(ctx, &message)
	var away *justchat.NotHere
	if !errors.As(err, &away) {
		return err
	}
	item, err := s.where(ctx, message.To)
	if err != nil {
		return err
	}
	if l := s.link(item.Server); l != nil {
		s.stats.relayed.Add(1)
		return l.peer.RelayPrivate(ctx, message)
	}
	return &justchat.NotHere{User: message.To}
}

// handTime is for one client to take a private message: its sender waits meanwhile.
const handTime = 2 * time.Second

// hand gives a private message to the clients of its receiver that are connected here. One of them
// having it is enough.
func (s *Server) hand(ctx context.Context, message *justchat.Message) error {
	var failure error = &justchat.NotHere{User: message.To}
	handed := false
	for _, c := range s.sessionsOf(message.To) {
		call, cancel := context.WithTimeout(ctx, min(handTime, s.Limits.Receive))
		err := c.Calls.ReceivePrivateMessage(call, *message)
		cancel()
		if err != nil {
			failure = err
			continue
		}
		handed = true
	}
	if handed {
		return nil
	}
	var bad *clientapi.BadSignature
	if errors.As(failure, &bad) {
		s.Logger.Warn("a client refuses a private message", "from", message.From, "to", message.To, "reason", failure)
	}
	return failure
}

// sessionsOf returns the sessions of a user.
func (s *Server) sessionsOf(user string) []*session {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*session
	for _, c := range s.sessions {
		if c.User == user {
			all = append(all, c)
		}
	}
	return all
}
