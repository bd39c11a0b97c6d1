package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// longEnough is for what has to happen at some time.
const longEnough = 20 * time.Second

// until waits for something that nobody tells.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	deadline := time.After(longEnough)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("waited in vain until " + what)
		}
	}
}

// next returns what comes next from c.
func next[T any](t testing.TB, what string, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(longEnough):
		t.Fatal("waited in vain for " + what)
	}
	return v
}

// A cluster is what the nodes of a test share.
type cluster struct {
	testing.TB
	*identity.Cluster
	registry *registry.Memory
	limits   Limits
	logs     *runtimetest.Log
	shiviz   bool // load balancers write logs for it
}

func newCluster(t testing.TB) *cluster {
	t.Helper()
	made, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{TB: t, Cluster: made, registry: registry.NewMemory(), logs: new(runtimetest.Log)}
	c.limits = Limits{Lease: 500 * time.Millisecond, Patience: 300 * time.Millisecond}
	c.limits.HeartbeatMisses = 15 // all nodes are in one process, which others may slow down
	t.Cleanup(func() {
		c.registry.Close()
		if t.Failed() {
			t.Log(c.logs)
		}
	})
	return c
}

// A balancer is a load balancer that runs until the test ends.
type balancer struct {
	*LoadBalancer
	served chan error // gets what Serve returns
	diary  string     // the file of its ShiViz log, if it has one
}

// newBalancer returns a load balancer that does not run yet, and that others call.
func (c *cluster) newBalancer(others ...string) *balancer {
	c.Helper()
	return c.newBalancerAt("127.0.0.1:0", others...)
}

func (c *cluster) newBalancerAt(address string, others ...string) *balancer {
	c.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		c.Fatal(err)
	}
	heartbeats, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	config := Config{
		Listener: listener, Heartbeats: heartbeats, Cluster: c.Cluster, Registry: c.registry, Others: others,
		Limits: c.limits, Hasher: &identity.Hasher{Cheap: true}, Logger: c.logs.Logger(slog.LevelInfo),
	}
	b := &balancer{served: make(chan error, 1)}
	if c.shiviz {
		b.diary = filepath.Join(c.TempDir(), "log")
		if config.ShiViz, err = shiviz.Create(b.diary, "lb"); err != nil {
			c.Fatal(err)
		}
		c.Cleanup(func() { config.ShiViz.Close() })
	}
	if b.LoadBalancer, err = New(config); err != nil {
		c.Fatal(err)
	}
	c.Cleanup(func() { b.Close() })
	return b
}

func (b *balancer) serve() { go func() { b.served <- b.Serve(context.Background()) }() } // Close ends it

// balancers returns n load balancers that know each other and who is signed up.
func (c *cluster) balancers(n int) (all []*balancer) {
	c.Helper()
	for range n {
		b := c.newBalancer()
		b.serve()
		all = append(all, b)
	}
	for _, b := range all {
		until(c, "load balancers know each other", func() bool { return b.Stats().Peers == n-1 })
	}
	return all
}

// A person is a client.
type person struct {
	*cluster
	*identity.Key
	*api.MessageServiceClient
	client *runtime.Client
	setup  api.NewClientSetup
	joined chan api.Joined           // what came of the stream
	ended  chan error                // why it ended
	orders chan clientapi.ChatServer // that were answered
	leave  context.CancelFunc
}

// person returns a client of those load balancers that does not come in yet. Answer is called with
// orders, if it is not nil, and says what is answered.
func (c *cluster) person(name string, answer func(context.Context, clientapi.ChatServer) error, at ...*balancer) *person {
	c.Helper()
	key, err := identity.NewKey()
	if err != nil {
		c.Fatal(err)
	}
	addresses := ""
	for _, b := range at {
		addresses += "," + b.Address()
	}
	p := &person{cluster: c, Key: key, joined: make(chan api.Joined, 100), ended: make(chan error, 1), orders: make(chan clientapi.ChatServer, 100)}
	p.setup = api.NewClientSetup{User: name, Password: "secret of " + name, SignUp: true, Client: key.Client, Port: 4711}
	p.client = runtime.Dial(addresses[1:], runtime.WithLogger(c.logs.Logger(slog.LevelError)),
		runtime.WithTLS(key.TLS(func(*identity.Authority) error { return nil })))
	p.MessageServiceClient = api.NewMessageServiceClient(p.client)
	clientapi.RegisterClientMessageService(p.client, &clienttest.FakeClientMessageService{
		UpdateRPCChatServerFunc: func(ctx context.Context, server clientapi.ChatServer) error {
			if answer != nil {
				if err := answer(ctx, server); err != nil {
					return err
				}
			}
			p.orders <- server
			return nil
		},
	})
	c.Cleanup(func() { p.client.Close() })
	return p
}

// join calls JoinChatService until it ends.
func (p *person) join() *person {
	ctx, cancel := context.WithCancel(context.Background())
	p.leave = cancel
	p.Cleanup(cancel)
	go func() { // ended tells when it has ended
		for joined, err := range p.JoinChatService(ctx, p.setup) {
			if err != nil {
				p.ended <- err
				return
			}
			p.joined <- joined
		}
		p.ended <- nil
	}()
	return p
}

// enters comes in, and returns the token and what comes with it.
func (p *person) enters() api.Joined {
	p.Helper()
	p.join()
	select {
	case joined := <-p.joined:
		return joined
	case err := <-p.ended:
		p.Fatalf("%s is not let in: %v", p.setup.User, err)
	case <-time.After(longEnough):
		p.Fatal("waited in vain to be let in")
	}
	return api.Joined{}
}

// refused tries to come in, and returns what JoinChatService fails with.
func (p *person) refused() error {
	p.Helper()
	p.join()
	select {
	case <-p.joined:
		p.Fatalf("%s is let in", p.setup.User)
	case err := <-p.ended:
		return err
	case <-time.After(longEnough):
		p.Fatal("waited in vain to be refused")
	}
	return nil
}

// order returns the next order.
func (p *person) order() clientapi.ChatServer {
	p.Helper()
	return next(p, "an order", p.orders)
}

// wantError reports an error of the test unless err has one of type E in it, and returns that.
func wantError[E error](t testing.TB, err error) (e E) {
	t.Helper()
	if !errors.As(err, &e) {
		t.Errorf("got error %v, want a %T", err, e)
	}
	return e
}

// wantCode reports an error of the test unless err has that code.
func wantCode(t testing.TB, err error, code runtime.Code) {
	t.Helper()
	if got := runtime.CodeOf(err); err == nil || got != code {
		t.Errorf("got %v (%v), want %v", err, got, code)
	}
}

// A chatServer is a server that answers heartbeats and has a SingleNode call open.
type chatServer struct {
	*cluster
	*api.NodeServiceClient
	node     justchat.ServerNode
	client   *runtime.Client
	pulse    *heartbeat.Monitor
	draining atomic.Bool
	news     chan api.News
	ended    chan error
}

// starts returns a server that has announced itself at those load balancers.
func (c *cluster) starts(name string, at ...*balancer) *chatServer {
	c.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		c.Fatal(err)
	}
	return c.startsAt(conn, name, at...)
}

// startsAt returns a server whose heart beats at conn, and that has announced itself.
func (c *cluster) startsAt(conn net.PacketConn, name string, at ...*balancer) *chatServer {
	c.Helper()
	s := &chatServer{cluster: c, news: make(chan api.News, 1000), ended: make(chan error, 10)}
	s.node = justchat.ServerNode{Name: name, Address: conn.LocalAddr().String(), Start: 1}
	s.pulse = heartbeat.New(conn, heartbeat.Config{Key: c.HeartbeatKey(), State: func() heartbeat.State {
		return heartbeat.State{Draining: s.draining.Load()}
	}})
	c.Cleanup(func() { s.pulse.Close() })
	s.dials(at...)
	s.announce()
	until(c, name+" answers", func() bool { return s.answers(at[0]) })
	return s
}

// answers reports whether a load balancer has heard the server's heart.
func (s *chatServer) answers(at *balancer) bool {
	at.mutex.Lock()
	defer at.mutex.Unlock()
	m := at.servers[s.node.Name]
	return m != nil && m.answered
}

// dials connects the server to load balancers.
func (s *chatServer) dials(at ...*balancer) {
	s.Helper()
	addresses := ""
	for _, b := range at {
		addresses += "," + b.Address()
	}
	s.client = s.dial(identity.Server, addresses[1:])
	s.NodeServiceClient = api.NewNodeServiceClient(s.client)
}

// dial returns a node's client of a load balancer.
func (c *cluster) dial(role identity.Role, address string) *runtime.Client {
	c.Helper()
	tls, err := c.NodeTLS(role, fmt.Sprint("a ", role))
	if err != nil {
		c.Fatal(err)
	}
	client := runtime.Dial(address, runtime.WithTLS(tls), runtime.WithLogger(c.logs.Logger(slog.LevelError)))
	c.Cleanup(func() { client.Close() })
	return client
}

// announce calls SingleNode, and waits for the first news, which it leaves in the channel.
func (s *chatServer) announce() {
	s.Helper()
	first := make(chan struct{}, 1)
	go func() { // ended tells when it has ended
		var failed error
		for news, err := range s.SingleNode(context.Background(), s.node) {
			if failed = err; err == nil {
				s.news <- news
				select {
				case first <- struct{}{}:
				default:
				}
			}
		}
		s.ended <- failed
	}()
	next(s, "news", first)
}

// dies lets the server answer nothing any more.
func (s *chatServer) dies() {
	s.pulse.Close()
	s.client.Close()
}
