// Package loadbalancer is the way into the chat room. A [LoadBalancer] lets
// users in, sends each of their clients to a server and on to another when that
// one fails, and keeps the list of servers. There are several in a cluster; each
// alone is enough. The contract is loadbalancer.parley.
//
// Where things are:
//
//	balancer.go        New, Serve, Close: what runs, and in which order it ends
//	access.go          which role may call which service
//	join.go, login.go  a client comes in: JoinChatService, passwords, tokens
//	session.go         a client that is in: tokens and orders on its way to it
//	fleet.go           servers: who there are, which is to be used
//	moves.go           who goes where: at first, and when a server fails or comes
//	node_service.go    a server's stream of news, and what it may ask
//	files.go           public files: their names, whose they are, and how many
//	presence.go        who is in, by any load balancer
//	peer.go            the line to another load balancer
//	admin_service.go   for operators
//
// Nothing that a client does or leaves undone holds up anybody else: what is
// sent to it is sent by the goroutine of its own stream. What servers and other
// load balancers are to be told waits in bounded queues; who falls behind is told all of it anew.
package loadbalancer

import (
	"cmp"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

// A Config says what a load balancer needs. Listener, Heartbeats, Cluster and
// Registry have to be there.
type Config struct {
	// Listener is for calls. The load balancer closes it.
	Listener net.Listener
	// Heartbeats is for pings; on any port, since nobody pings load balancers. The load balancer closes it.
	Heartbeats net.PacketConn
	// Address is host:port by which all others reach Listener, and by which the load balancer is known. Empty is
	// the Listener's own, which is then not to be that of all interfaces.
	Address string
	Cluster *identity.Cluster
	// Registry is what the load balancers of the cluster share. It stays the caller's, who closes it after
	// the load balancer.
	Registry registry.Registry
	// Others are addresses of other load balancers, beside those that the registry knows.
	Others []string

	Limits Limits
	Hasher *identity.Hasher // of passwords; nil is one that takes its time
	Logger *slog.Logger     // nil is silent
	ShiViz *shiviz.Log      // nil is none
}

// Limits are how much, how often and how long. Zero stands for the default.
type Limits struct {
	LoadBalancers int           // that there may be at once; 3; below zero any number
	Token         time.Duration // that a token lets its bearer in; 10 minutes. A new one comes after half of it
	Leeway        time.Duration // for clocks that differ, when a token is checked; 2 minutes
	Lease         time.Duration // that a node stays in the lists after it was last heard of; 5 seconds

	FailedLogins int // a minute, for a name and for an address; 5; below zero any number
	Logins       int // under way at once; 1,024. Further ones are refused with TooFast

	UserFiles int   // public files that a user may own; 100; below zero any number
	UserBytes int64 // that they may have together; 16 GiB; below zero any number

	Order       time.Duration // for a client to answer an order, before it is sent again; 5 seconds
	Patience    time.Duration // to wait for the registry at the start, and for what is known of users at a login; 3 seconds
	News        int           // that wait for a server before its stream is ended; 1,024
	Gossip      int           // changes that wait for another load balancer before it is told all anew; 16,384
	Connections int           // at once; 20,000
	Keepalive   time.Duration // of silence before a client or a node is asked whether it is there; 10 seconds

	HeartbeatInterval time.Duration // heartbeat.Interval
	HeartbeatMisses   int           // heartbeat.Misses
}

// withDefaults returns what the limits stand for.
func (l Limits) withDefaults() Limits {
	l.LoadBalancers = cmp.Or(l.LoadBalancers, 3)
	l.Token = cmp.Or(l.Token, 10*time.Minute)
	l.Leeway = cmp.Or(l.Leeway, 2*time.Minute)
	l.Lease = cmp.Or(l.Lease, 5*time.Second)
	l.FailedLogins = cmp.Or(l.FailedLogins, 5)
	l.Logins = cmp.Or(l.Logins, 1024)
	l.UserFiles = cmp.Or(l.UserFiles, 100)
	l.UserBytes = cmp.Or(l.UserBytes, 16<<30)
	l.Order = cmp.Or(l.Order, 5*time.Second)
	l.Patience = cmp.Or(l.Patience, 3*time.Second)
	l.News = cmp.Or(l.News, 1024)
	l.Gossip = cmp.Or(l.Gossip, 16<<10)
	l.Connections = cmp.Or(l.Connections, 20_000)
	l.Keepalive = cmp.Or(l.Keepalive, 10*time.Second)
	return l
}

// withDefaults returns the config with everything in it, or what is missing.
func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Listener == nil || c.Heartbeats == nil:
		return c, errors.New("a load balancer needs a Listener and Heartbeats")
	case c.Cluster == nil || c.Registry == nil:
		return c, errors.New("a load balancer needs a Cluster and a Registry")
	}
	if c.Address == "" {
		if a, ok := c.Listener.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() {
			return c, errors.New("the load balancer listens on all interfaces: say by which address it is reached")
		}
		c.Address = c.Listener.Addr().String()
	}
	c.Hasher = cmp.Or(c.Hasher, &identity.Hasher{})
	c.Logger = cmp.Or(c.Logger, slog.New(slog.DiscardHandler))
	c.Limits = c.Limits.withDefaults()
	return c, nil
}
