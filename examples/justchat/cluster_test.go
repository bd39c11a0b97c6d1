// Package justchat_test has the roles meet: clusters of load balancers, servers and
// clients in one process, over loopback sockets and TLS.
package justchat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/server"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

func TestMain(m *testing.M) { runtimetest.Main(m) }

// patience is how long tests wait for what has to come.
const patience = 20 * time.Second

// A cluster is what a test runs on.
type cluster struct {
	t         *testing.T
	identity  *identity.Cluster
	registry  *registry.Memory
	balancers []*loadbalancer.LoadBalancer
	addresses []string // of the load balancers, also of those that were stopped
	servers   []*testServer
	logger    *slog.Logger

	// Of nodes that are started from now on.
	limits  server.Limits
	balance loadbalancer.Limits
	logs    messagelog.Options
	blobs   blobstore.Options
}

// newCluster starts load balancers and servers. They stop with the test.
func newCluster(t *testing.T, balancers, servers int) *cluster {
	t.Helper()
	authority, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, identity: authority, registry: registry.NewMemory(), logger: slog.New(slog.DiscardHandler)}
	if testing.Verbose() {
		c.logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
	}
	c.limits = server.Limits{Rate: 10_000, Burst: 10_000, FilesEvery: 100 * time.Millisecond}
	t.Cleanup(func() { c.registry.Close() })
	for range balancers {
		c.startBalancer()
	}
	for range servers {
		c.startServer(t.TempDir())
	}
	c.settle()
	return c
}

// settle waits until all nodes that were not stopped know each other.
func (c *cluster) settle() {
	c.t.Helper()
	alive := 0
	for _, s := range c.servers {
		if !s.stopped.Load() {
			alive++
		}
	}
	await(c.t, "nodes to know each other", func() bool {
		for _, lb := range c.balancers {
			if got := lb.Stats(); got.Usable != alive {
				return false
			}
		}
		for _, s := range c.servers {
			if len(c.balancers) > 0 && !s.stopped.Load() && s.Stats().Servers != alive-1 {
				return false
			}
		}
		return true
	})
}

func (c *cluster) startBalancer() *loadbalancer.LoadBalancer {
	c.t.Helper()
	listener, udp := listen(c.t)
	lb, err := loadbalancer.New(loadbalancer.Config{
		Listener: listener, Heartbeats: udp, Cluster: c.identity, Registry: c.registry,
		Hasher: &identity.Hasher{Cheap: true}, Limits: c.balance, Logger: c.logger.With("node", fmt.Sprint("lb", len(c.balancers))),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.balancers = append(c.balancers, lb)
	c.addresses = append(c.addresses, listener.Addr().String())
	c.serve(lb.Serve, lb.Close)
	return lb
}

// A testServer is a server with what it keeps, behind a wire.
type testServer struct {
	*server.Server
	wire *wire
	log  *messagelog.Log
	blob *blobstore.Store
	dir  string
	stop func() // at once, as far as its peers can tell

	stopped atomic.Bool
}

// startServer starts a server on a data folder.
func (c *cluster) startServer(dir string) *testServer {
	c.t.Helper()
	c.logs.Logger, c.blobs.Logger = c.logger, c.logger
	log, err := messagelog.Open(filepath.Join(dir, "log"), c.logs)
	if err != nil {
		c.t.Fatal(err)
	}
	blob, err := blobstore.Open(filepath.Join(dir, "files"), c.blobs)
	if err != nil {
		c.t.Fatal(err)
	}
	listener, udp := listen(c.t)
	w := newWire(listener)
	s, err := server.New(server.Config{
		Listener: w, UDP: udp, LoadBalancers: strings.Join(c.addresses, ","),
		Cluster: c.identity, Log: log, Files: blob, Limits: c.limits, Logger: c.logger.With("node", fmt.Sprint("server", len(c.servers))),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	started := &testServer{Server: s, wire: w, log: log, blob: blob, dir: dir}
	c.servers = append(c.servers, started)
	done := c.serve(s.Serve, s.Close)
	started.stop = sync.OnceFunc(func() {
		started.stopped.Store(true)
		s.Close()
		<-done
		log.Close()
		blob.Close()
	})
	c.t.Cleanup(started.stop)
	return started
}

// serve runs a node until the test ends, or it is stopped, which closes what it returns.
func (c *cluster) serve(serve func(context.Context) error, stop func() error) <-chan struct{} {
	done := make(chan struct{})
	go func() { // the cleanup waits
		defer close(done)
		if err := serve(context.Background()); err != nil {
			c.t.Errorf("a node failed: %v", err)
		}
	}()
	c.t.Cleanup(func() {
		stop()
		<-done
	})
	return done
}

// listen listens for TCP and UDP on one port of the loopback.
func listen(t *testing.T) (net.Listener, net.PacketConn) {
	t.Helper()
	for range 20 {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		udp, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, udp
		}
		listener.Close()
	}
	t.Fatal("no port is free for both TCP and UDP")
	return nil, nil
}

// A person is a client and what it was told.
type person struct {
	*client.Client
	t    *testing.T
	name string
	stop func()
	// ended has what Run returned.
	ended chan error

	mu      sync.Mutex
	changed chan struct{}
	heard   []string // «From: text» of messages to all, «From to me: text» of private ones
	acked   map[string]int
	failed  []error
	state   client.State

	downloads string
	offered   []client.Offer                    // all so far
	withdrawn map[uint64]string                 // offers that ended, and why
	transfers map[uint64]client.Transfer        // as they were last
	states    map[uint64][]client.TransferState // that each had
	arrived   map[uint64][]int64                // what Done was while it was Moving
}

// join has a person join, and waits until a server has welcomed her.
func (c *cluster) join(name string, with ...func(*client.Config)) *person {
	c.t.Helper()
	p := c.begin(name, with...)
	p.wait("a server", func() bool { return p.state.Kind == client.Connected })
	return p
}

// begin has a person join, and does not wait. With may change her client's settings.
func (c *cluster) begin(name string, with ...func(*client.Config)) *person {
	c.t.Helper()
	p := &person{
		t: c.t, name: name, ended: make(chan error, 1), changed: make(chan struct{}), acked: make(map[string]int),
		withdrawn: make(map[uint64]string), transfers: make(map[uint64]client.Transfer),
		states: make(map[uint64][]client.TransferState), arrived: make(map[uint64][]int64),
	}
	config := client.Config{
		LoadBalancers: c.addresses, User: name,
		Password:  func(context.Context, error) (string, error) { return "password of " + name, nil },
		Authority: c.identity.Authority(), Direct: true, Listen: "127.0.0.1:0", Downloads: filepath.Join(c.t.TempDir(), "Downloads"),
		Events: p.hear, Logger: c.logger.With("node", name),
	}
	for _, change := range with {
		change(&config)
	}
	p.downloads = config.Downloads
	var err error
	if p.Client, err = client.New(config); err != nil {
		c.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // stop waits
		defer close(done)
		p.ended <- p.Run(context.Background())
	}()
	p.stop = sync.OnceFunc(func() {
		p.Close()
		<-done
	})
	c.t.Cleanup(p.stop)
	return p
}

func (p *person) hear(e client.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := e.(type) {
	case *client.Message:
		if e.Private {
			p.heard = append(p.heard, e.From+" to me: "+e.Text)
		} else {
			p.heard = append(p.heard, e.From+": "+e.Text)
		}
	case *client.Acknowledged:
		p.acked[fmt.Sprint(e.To, e.Number)] = e.Copies
	case *client.Failed:
		p.t.Logf("%s: %v", p.name, e.Err)
		p.failed = append(p.failed, e.Err)
	case *client.State:
		p.state = *e
	default:
		p.hearFile(e)
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// wait waits until what is asked for is so.
func (p *person) wait(what string, is func() bool) {
	p.t.Helper()
	p.t.Logf("%s waits for %s", p.name, what)
	deadline := time.After(patience)
	for {
		p.mu.Lock()
		so, changed := is(), p.changed
		p.mu.Unlock()
		if so {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			p.mu.Lock()
			defer p.mu.Unlock()
			p.t.Fatalf("%s waits for %s; heard %q, acknowledged %v, failed %v, %+v, offered %+v, withdrawn %v, transfers %+v",
				p.name, what, p.heard, p.acked, p.failed, p.state, p.offered, p.withdrawn, p.transfers)
		}
	}
}

// say says something to all, and waits until it is acknowledged.
func (p *person) say(text string) {
	p.t.Helper()
	number, err := p.Send(p.t.Context(), text)
	if err != nil {
		p.t.Fatal(err)
	}
	p.wait("an acknowledgement", func() bool { return p.acked[fmt.Sprint(number)] > 0 })
}

// hears waits until she has heard something.
func (p *person) hears(line string) {
	p.t.Helper()
	p.wait(line, func() bool { return slices.Contains(p.heard, line) })
}

// wantHeard expects all that she heard to be these lines, in this order.
func (p *person) wantHeard(lines ...string) {
	p.t.Helper()
	p.wait(lines[len(lines)-1], func() bool { return len(p.heard) >= len(lines) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Equal(p.heard, lines) {
		p.t.Errorf("%s heard %q, want %q", p.name, p.heard, lines)
	}
}
