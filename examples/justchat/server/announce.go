package server

import (
	"context"
	"slices"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

// announcePause is how long the server waits before it announces itself again.
const announcePause = 50 * time.Millisecond

// userState is what is decided about a user.
type userState = justchat.UserState

// announce tells a load balancer of this server and hears its news, as long as the server runs.
func (s *Server) announce() {
	for s.ctx.Err() == nil {
		for news, err := range s.balance.SingleNode(s.ctx, s.self) {
			if err != nil {
				if s.ctx.Err() == nil {
					s.Logger.Warn("no load balancer", "reason", err)
				}
				break
			}
			s.hear(&news)
		}
		pause(s.ctx, announcePause)
	}
}

// hear takes in what a load balancer says of the cluster.
func (s *Server) hear(news *lbapi.News) {
	for _, node := range news.Servers {
		s.join(node)
	}
	for _, name := range news.Removed {
		if name != s.self.Name {
			s.part(name)
		}
	}
	if news.Complete {
		s.partOthers(news.Servers)
	}
	s.setUsers(news)
	if news.Complete && !s.caughtUp.Load() {
		s.work.Go(func() { s.begin(len(news.Servers) > 1) })
	}
}

// partOthers ends the links to servers that are not on a complete list.
func (s *Server) partOthers(nodes []justchat.ServerNode) {
	s.mu.Lock()
	var gone []string
	for name := range s.links {
		if !slices.ContainsFunc(nodes, func(n justchat.ServerNode) bool { return n.Name == name }) {
			gone = append(gone, name)
		}
	}
	s.mu.Unlock()
	for _, name := range gone {
		s.part(name)
	}
}

// begin lets clients come, once we have what the other servers had, or Limits.CatchUp is over. Then it
// sees to what is still missing.
func (s *Server) begin(others bool) {
	ctx, cancel := context.WithTimeout(s.ctx, s.Limits.CatchUp)
	defer cancel()
	for ctx.Err() == nil && others && !s.room.upToDate(s.seen()) {
		s.catchUpNow()
		pause(ctx, tickTime/2)
	}
	if !s.caughtUp.Swap(true) {
		s.giveUp()
	}
}

// giveUp goes on without what is missing in the log, if no other server has come after a while that may bring it. It
// is not done at once: servers that start together do not see each other then.
func (s *Server) giveUp() {
	if len(s.Log.Lacks()) == 0 {
		return
	}
	pause(s.ctx, s.Limits.GiveUp)
	s.mu.Lock()
	alone := len(s.links) == 0
	s.mu.Unlock()
	if !alone || s.ctx.Err() != nil {
		return
	}
	if err := s.skip(s.Log.Lacks()); err != nil {
		s.Logger.Error("the log's gaps stay", "reason", err)
	}
}

// setUsers notes what is decided about users, and cuts off those who are banned.
func (s *Server) setUsers(news *lbapi.News) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if news.Complete {
		clear(s.users)
	}
	for _, u := range news.Users {
		if u.Banned || !u.Muted.IsZero() {
			s.users[u.User] = u
		} else {
			delete(s.users, u.User)
		}
	}
	for _, c := range s.sessions {
		if s.users[c.User].Banned {
			c.End(&justchat.Banned{User: c.User})
		}
	}
}

// mutedUntil returns until when a user may not speak to all.
func (s *Server) mutedUntil(user string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users[user].Muted
}
