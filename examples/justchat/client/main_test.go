package client

import (
	"net"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// A world is a room of fakes: what a test decides happens, over real connections.
type world struct {
	t         testing.TB
	cluster   *identity.Cluster
	authority *identity.Authority
	logs      *runtimetest.Log
	files     files

	mu      sync.Mutex
	changed chan struct{} // closed, and made anew, when something here changes
	users   map[string]string
	records []justchat.Record // of all servers, in the order of showing
	once    causal.Once
	items   map[string]justchat.ClientItem // where users are
	servers []*fakeServer
}

func newWorld(t testing.TB) *world {
	t.Helper()
	cluster, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return &world{
		t: t, cluster: cluster, authority: cluster.Authority(), logs: new(runtimetest.Log),
		changed: make(chan struct{}),
		users:   make(map[string]string),
		items:   make(map[string]justchat.ClientItem),
	}
}

// change lets a test change what the fakes do.
func (w *world) change(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
	close(w.changed)
	w.changed = make(chan struct{})
}

// wait waits until is, called with mu held.
func (w *world) wait(what string, is func() bool) {
	w.t.Helper()
	patience := time.After(20 * time.Second)
	for {
		w.mu.Lock()
		ok, changed := is(), w.changed
		w.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-changed:
		case <-patience:
			w.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// serve makes a node listen, at that address or a new one.
func (w *world) serve(role identity.Role, name, address string, register func(*runtime.Server)) (stop func(), at string) {
	w.t.Helper()
	config, err := w.cluster.NodeTLS(role, name)
	if err != nil {
		w.t.Fatal(err)
	}
	if address == "" {
		address = "127.0.0.1:0"
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		w.t.Fatal(err)
	}
	rpc := runtime.NewServer(runtime.WithTLS(config), runtime.WithLogger(w.logs.Logger(-4)), runtime.WithMaxConnections(10_000))
	register(rpc)
	served := make(chan struct{})
	go func() {
		defer close(served)
		rpc.Serve(socket)
	}()
	stop = sync.OnceFunc(func() { rpc.Close(); <-served })
	w.t.Cleanup(stop)
	return stop, socket.Addr().String()
}
