package loadbalancer

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// firstRetry is how long an order waits that failed, before it is sent again; then twice as long, and so on.
const firstRetry = 100 * time.Millisecond

// A session is a client that is in here. All that it is sent goes out from the
// goroutine of its JoinChatService call, so a client that takes nothing holds up
// itself alone, and thousands are sent to at once.
//
// An order that was not answered in time is sent again as long as the session lives. A
// newer one takes its place, also while it is on its way.
type session struct {
	lb    *LoadBalancer
	key   ed25519.PublicKey
	calls *clientapi.ClientMessageServiceClient
	end   context.CancelCauseFunc
	wake  chan struct{} // has an entry when there is an order to be sent

	// Guarded by the mutex of the LoadBalancer.
	item   justchat.ClientItem
	order  clientapi.ChatServer // the last
	unsent bool                 // it was not answered yet
	giveUp context.CancelFunc   // ends the call with an order of before
	failed failures
	reason string // for which the next order is sent, while it waits
}

// serve sends tokens and orders until ctx ends, and returns the reason. It returns nil if
// send says that the client takes no more.
func (s *session) serve(ctx context.Context, send func(api.Joined) bool) error {
	if !send(s.joined()) {
		return nil
	}
	renew := time.NewTicker(s.lb.limits.Token / 2)
	defer renew.Stop()
	retry := time.NewTimer(0)
	defer retry.Stop()
	pause := firstRetry
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-renew.C:
			if !send(s.joined()) {
				return nil
			}
		case <-s.wake:
		case <-retry.C:
		}
		if s.deliver(ctx) {
			pause = firstRetry
			continue
		}
		retry.Reset(pause)
		pause = min(2*pause, s.lb.limits.Order)
	}
}

// joined returns a new token, and what else the client is told.
func (s *session) joined() api.Joined {
	lb, now := s.lb, time.Now()
	return api.Joined{
		Token:        lb.config.Cluster.Grant(s.item.User, s.key, now, lb.limits.Token), // the user of an item stays
		Expires:      now.Add(lb.limits.Token),
		Name:         s.item.User,
		LoadBalancer: lb.config.Address,
	}
}

// deliver sends the last order, if it was not answered yet. It reports whether there
// is none to be sent again.
func (s *session) deliver(ctx context.Context) bool {
	lb := s.lb
	lb.mutex.Lock()
	if !s.unsent {
		lb.mutex.Unlock()
		return true
	}
	order := s.order
	ctx, s.giveUp = context.WithTimeout(ctx, lb.limits.Order)
	lb.mutex.Unlock()
	err := s.calls.UpdateRPCChatServer(ctx, order)
	lb.mutex.Lock()
	defer lb.mutex.Unlock()
	s.giveUp()
	s.giveUp = nil
	if s.order.Number != order.Number {
		return true // the wake for the newer one is there
	}
	if err != nil {
		lb.count.ordersFailed.Add(1)
		lb.log.Debug("an order was not taken", "user", s.item.User, "reason", err)
		return false
	}
	s.unsent = false
	return true
}

// command orders a client to a server. The mutex is held.
func (s *session) command(node justchat.ServerNode, reason string) {
	s.order = clientapi.ChatServer{Number: s.order.Number + 1, Name: node.Name, Address: node.Address, Reason: reason}
	s.unsent = true
	if s.giveUp != nil {
		s.giveUp()
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
