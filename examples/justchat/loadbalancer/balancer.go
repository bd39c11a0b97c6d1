package loadbalancer

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// shutdownGrace is how long calls that are under way may take to end.
const shutdownGrace = 2 * time.Second

// A LoadBalancer is one node. Its methods may be called at once.
//
// No call is made, and nothing waited for, while its mutex is held; the Directory may be asked, since it tells
// its events without holding anything.
type LoadBalancer struct {
	config    Config
	limits    Limits
	log       *slog.Logger
	start     uint64 // tells this start from others
	authority *identity.Authority
	directory *registry.Directory
	monitor   *heartbeat.Monitor
	server    *runtime.Server

	names     *limiter
	addresses *limiter
	logins    chan struct{} // has an entry for each login under way

	kicked   chan struct{} // has an entry when the servers are to be looked at
	removed  chan []byte   // SHA-256s of files that were removed; more than fit the servers find out by themselves
	informed chan struct{} // closed when it is known who is signed up
	inform   func()

	living  context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // Close waits for it
	closing sync.Once
	ending  atomic.Bool // Close was called

	count counters

	mutex     sync.Mutex
	sessions  map[string]*session // by the client's key
	presence  *presence
	waiting   map[*session]struct{}         // for a server
	servers   map[string]*member            // by name
	lost      bool                          // a server is gone since they were looked at
	undecided time.Time                     // when the registry had no quorum last
	peers     map[string]*peer              // by address
	tellers   map[string]*teller            // other load balancers that tell who is in by them, by address
	decided   map[string]justchat.UserState // what servers have to know of users, by name
	hashes    map[string]string             // by user
	changed   map[string]time.Time          // when users got another password, as far as tokens of before may be about
}

// New returns a load balancer that serves nobody until Serve. It takes over the listener
// and the packet connection of the config, also if it fails. It is to be closed.
func New(config Config) (*LoadBalancer, error) {
	config, err := config.withDefaults()
	if err != nil {
		config.closeSockets()
		return nil, err
	}
	tls, err := config.Cluster.NodeTLS(identity.LoadBalancer, config.Address)
	if err != nil {
		config.closeSockets()
		return nil, err
	}
	lb := &LoadBalancer{
		config:    config,
		limits:    config.Limits,
		log:       config.Logger,
		authority: config.Cluster.Authority(),
		names:     newLimiter("failed logins of this name", config.Limits.FailedLogins),
		addresses: newLimiter("failed logins from this address", config.Limits.FailedLogins),
		logins:    make(chan struct{}, config.Limits.Logins),
		kicked:    make(chan struct{}, 1),
		removed:   make(chan []byte, maxRemoved),
		informed:  make(chan struct{}),
		sessions:  make(map[string]*session),
		presence:  newPresence(),
		waiting:   make(map[*session]struct{}),
		servers:   make(map[string]*member),
		peers:     make(map[string]*peer),
		tellers:   make(map[string]*teller),
		start:     rand.Uint64() | 1, // never 0
		decided:   make(map[string]justchat.UserState),
		hashes:    make(map[string]string),
		changed:   make(map[string]time.Time),
	}
	lb.inform = sync.OnceFunc(func() { close(lb.informed) })
	lb.living, lb.stop = context.WithCancel(context.Background())
	lb.monitor = heartbeat.New(config.Heartbeats, heartbeat.Config{
		Key:      config.Cluster.HeartbeatKey(),
		Verdict:  func(string, bool) { lb.kick() },
		Interval: config.Limits.HeartbeatInterval,
		Misses:   config.Limits.HeartbeatMisses,
		Logger:   config.Logger,
	})
	lb.server = runtime.NewServer(
		runtime.WithTLS(tls),
		runtime.WithLogger(config.Logger),
		runtime.WithInterceptors(admit, config.ShiViz.Interceptor()),
		runtime.WithMaxConnections(config.Limits.Connections),
		runtime.WithMaxMessage(1<<20),
		runtime.WithMaxAssembly(1<<20),
		runtime.WithMaxCalls(64),
		runtime.WithStreamWindow(64<<10),
		runtime.WithKeepalive(config.Limits.Keepalive))
	api.RegisterMessageService(lb.server, messageService{lb})
	api.RegisterNodeService(lb.server, nodeService{lb})
	api.RegisterLBService(lb.server, lbService{lb})
	api.RegisterAdminService(lb.server, adminService{lb})
	lb.directory = registry.Open(config.Registry, registry.Events{Server: lb.serverChanged, User: lb.userChanged}, config.Logger)
	return lb, nil
}

func (c Config) closeSockets() {
	if c.Listener != nil {
		c.Listener.Close()
	}
	if c.Heartbeats != nil {
		c.Heartbeats.Close()
	}
}

// Address returns the address by which the load balancer is known.
func (lb *LoadBalancer) Address() string { return lb.config.Address }

// Serve takes a place among the load balancers and answers calls until ctx ends
// or Close is called, which is a nil error, and closes the load balancer. While the
// registry has no quorum it serves without a place. The error is a
// *[registry.SlotsTaken] if there are as many load balancers as there may be. It is called once.
func (lb *LoadBalancer) Serve(ctx context.Context) error {
	defer lb.Close()
	slot := make(chan error, 1)
	lb.running.Go(func() { slot <- lb.holdSlot() })
	lb.running.Go(lb.learnUsers)
	lb.running.Go(lb.oversee)
	lb.running.Go(lb.keepPeers)
	lb.running.Go(lb.tellRemoved)
	placed, err := lb.awaitStart(ctx, slot)
	if err != nil || ctx.Err() != nil || lb.living.Err() != nil {
		return err
	}
	served := make(chan error, 1)
	lb.running.Go(func() { served <- lb.server.Serve(lb.config.Listener) })
	lb.log.Info("serving", "address", lb.config.Address)
	if placed {
		slot = nil
	}
	for {
		select {
		case err := <-served:
			return err
		case err := <-slot:
			if slot = nil; err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		case <-lb.living.Done():
			return nil
		}
	}
}

// awaitStart waits until the load balancer has its place, and knows who is signed up, or
// the registry is of no help. It reports whether slot has had its say.
func (lb *LoadBalancer) awaitStart(ctx context.Context, slot chan error) (placed bool, err error) {
	patience := time.NewTimer(lb.limits.Patience)
	defer patience.Stop()
	helpless := time.NewTicker(lb.limits.Patience / 10)
	defer helpless.Stop()
	informed, late := lb.informed, false
	for {
		select {
		case err := <-slot:
			if placed = true; err != nil {
				return placed, err
			}
		case <-informed:
			informed = nil
		case <-patience.C:
			late = true
		case <-helpless.C:
		case <-ctx.Done():
			return placed, nil
		case <-lb.living.Done():
			return placed, nil
		}
		if placed && (informed == nil || late) || late && !lb.directory.Quorum() {
			return placed, nil
		}
	}
}

// holdSlot takes a place among the load balancers. Close gives it back.
func (lb *LoadBalancer) holdSlot() error {
	release, err := lb.directory.TakeSlot(lb.living, lb.config.Address, max(0, lb.limits.LoadBalancers), lb.limits.Lease)
	switch {
	case lb.living.Err() != nil:
		if err == nil {
			release()
		}
		return nil
	case err != nil:
		return err
	}
	lb.running.Go(func() { <-lb.living.Done(); release() })
	return nil
}

// learnUsers waits until the registry has told who is signed up.
func (lb *LoadBalancer) learnUsers() {
	select {
	case <-lb.directory.Ready():
		lb.inform()
	case <-lb.living.Done():
	}
}

// Close ends Serve and all streams, and gives the place among the load balancers
// back. Servers stay in the list for one lease, in which they find another load balancer.
func (lb *LoadBalancer) Close() error {
	lb.closing.Do(func() {
		lb.ending.Store(true)
		grace, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		if err := lb.server.Shutdown(grace); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			lb.log.Warn("shutting down", "reason", err)
		}
		lb.stop()
		lb.config.Listener.Close() // nobody may have served it
		lb.running.Wait()
		lb.directory.Close()
		lb.monitor.Close()
	})
	return nil
}

// kick has the servers looked at.
func (lb *LoadBalancer) kick() {
	select {
	case lb.kicked <- struct{}{}:
	default:
	}
}
