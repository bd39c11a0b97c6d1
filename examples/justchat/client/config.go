package client

import (
	"cmp"
	"context"
	"log/slog"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

// A Config is what a client is made of. LoadBalancers, User, Password, and one of Pin and Authority are
// needed.
type Config struct {
	LoadBalancers []string // host:port of each; the first is tried first
	User          string

	// Password returns the user's password. Why is nil at first, and then what the load balancer
	// said: *loadbalancer.WrongPassword, or *loadbalancer.UnknownUser, with which the password is the one to sign up
	// with. An error ends the client. It is called by Run, never twice at once.
	Password func(ctx context.Context, why error) (string, error)

	// Pin says whether a cluster that the client meets is the one that is meant, see identity.Pins. It
	// may be called by several goroutines at once.
	Pin func(*identity.Authority) error
	// Authority is the cluster's, if it is known beforehand: no other is accepted, and Pin is not asked. Clients that share
	// one check each message once for all of them.
	Authority *identity.Authority

	Key *identity.Key // nil for a new one

	// Direct has other clients dial this one for private messages, at an address that the
	// load balancer tells them, and this one dial them. Without it servers relay them.
	Direct bool
	Listen string // where others dial; the default is ":0", any port of any address

	// Downloads is the folder where files arrive, which is made with the first. Without it none is taken.
	Downloads string

	// Events takes what happens, one event after the other, in its order. What it has returned from
	// was shown: until then the server keeps back what follows.
	Events func(Event)

	Limits Limits
	Logger *slog.Logger // slog.Default() if nil
	ShiViz *shiviz.Log  // nil for none
}

// Limits bound what the client keeps, and say how long it waits. The zero value of each
// field is its default.
type Limits struct {
	MessageBytes int // of a message's text; 16 KiB
	Queue        int // messages that wait to be acknowledged, to all and to one each; 1,000
	Attempts     int // passwords that are tried; 3
	Senders      int // whose messages are told from their repetitions, the last ones that spoke; 4,096
	Offers       int // of files, to all and to the user alone, that wait for an answer; further ones are declined; 10
	Transfers    int // of files whose bytes travel at once, each way; 4. Others wait
	Sharing      int // files that we offer or share and that are not done; 10
	Origins      int // starts of servers that are told apart; 10,000

	Join       time.Duration // for a load balancer to let us in; 30 s
	Connect    time.Duration // for a server to welcome us; 2 s
	Call       time.Duration // for a server to acknowledge; 5 s
	Dial       time.Duration // for a private message to reach a client directly; 2 s
	KeepDialed time.Duration // for a connection to another client, after its last message; 1 minute
	OfferTime  time.Duration // for a person to answer an offer; 10 minutes
	Unreached  time.Duration // that a transfer waits for the other side, or for any server, before it is given up; 10 minutes
	Keepalive  time.Duration // of silence before a node is asked whether it is there; 10 s
}

func (l Limits) withDefaults() Limits {
	l.MessageBytes = cmp.Or(l.MessageBytes, 16<<10)
	l.Queue = cmp.Or(l.Queue, 1000)
	l.Attempts = cmp.Or(l.Attempts, 3)
	l.Senders = cmp.Or(l.Senders, 4096)
	l.Origins = cmp.Or(l.Origins, 10_000)
	l.Join = cmp.Or(l.Join, 30*time.Second)
	l.Connect = cmp.Or(l.Connect, 2*time.Second)
	l.Call = cmp.Or(l.Call, 5*time.Second)
	l.Dial = cmp.Or(l.Dial, 2*time.Second)
	l.KeepDialed = cmp.Or(l.KeepDialed, time.Minute)
	l.Offers = cmp.Or(l.Offers, 10)
	l.Transfers = cmp.Or(l.Transfers, 4)
	l.Sharing = cmp.Or(l.Sharing, 10)
	l.OfferTime = cmp.Or(l.OfferTime, 10*time.Minute)
	l.Unreached = cmp.Or(l.Unreached, 10*time.Minute)
	l.Keepalive = cmp.Or(l.Keepalive, 10*time.Second)
	return l
}
