package server

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// A world is servers without load balancers: a test says who knows whom, and who can reach whom.
type world struct {
	t       testing.TB
	cluster *identity.Cluster
	limits  Limits

	balancers string // the load balancers' addresses; empty is none that answers
}

func newWorld(t testing.TB) *world {
	cluster, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	// A slow machine is no reason for one copy: a test says who is silent.
	return &world{t: t, cluster: cluster, limits: Limits{Rate: 10_000, Burst: 10_000, Alone: 20 * time.Second, HeartbeatInterval: time.Hour}}
}

// A site is a server with its log, behind a gate.
type site struct {
	*Server
	gate *gate
	dir  string
	stop func() // at once; its peers are not told
}

// start starts a server on a data folder.
func (w *world) start(dir string) *site {
	w.t.Helper()
	log, err := messagelog.Open(dir, messagelog.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	logger := slog.New(slog.NewTextHandler(w.t.Output(), nil))
	files, err := blobstore.Open(filepath.Join(dir, "files"), blobstore.Options{Logger: logger})
	if err != nil {
		w.t.Fatal(err)
	}
	listener, udp := listen(w.t), w.udp()
	g := newGate(w.t, listener.Addr().String())
	s, err := New(Config{
		Listener: listener, UDP: udp, Address: g.address(), LoadBalancers: cmp.Or(w.balancers, g.nowhere()), Cluster: w.cluster,
		Log: log, Files: files, Limits: w.limits, Logger: logger,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { // stop waits
		defer close(done)
		if err := s.Serve(context.Background()); err != nil {
			w.t.Errorf("the server failed: %v", err)
		}
	}()
	started := &site{Server: s, gate: g, dir: dir, stop: sync.OnceFunc(func() {
		s.Close()
		<-done
		log.Close()
		files.Close()
	})}
	w.t.Cleanup(started.stop)
	return started
}

func (w *world) udp() net.PacketConn {
	w.t.Helper()
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	return udp
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return listener
}

// introduce has servers know each other, and waits until they do.
func introduce(t testing.TB, sites ...*site) {
	t.Helper()
	for _, a := range sites {
		for _, b := range sites {
			a.join(b.self)
		}
	}
	for _, a := range sites {
		for _, b := range sites {
			if a != b {
				eventually(t, "they know each other", func() bool {
					a.room.mu.Lock()
					defer a.room.mu.Unlock()
					return a.room.peers[b.Name()] != nil && a.room.peers[b.Name()].heard
				})
			}
		}
	}
}

// eventually waits until is.
func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); {
		if time.Now().After(end) {
			t.Fatalf("it does not come to it: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// A gate is how other servers reach one. It can be shut.
type gate struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	shut  bool
	conns []net.Conn
	work  sync.WaitGroup
}

func newGate(t testing.TB, to string) *gate {
	g := &gate{listener: listen(t), to: to}
	g.work.Go(g.accept)
	t.Cleanup(func() {
		g.listener.Close()
		g.setShut(true)
		g.work.Wait()
	})
	return g
}

func (g *gate) address() string { return g.listener.Addr().String() }

// nowhere is an address at which nobody answers.
func (g *gate) nowhere() string { return "127.0.0.1:1" }

func (g *gate) accept() {
	for {
		in, err := g.listener.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", g.to)
		if err != nil || !g.admit(in, out) {
			in.Close()
			if out != nil {
				out.Close()
			}
			continue
		}
		for _, pair := range [][2]net.Conn{{in, out}, {out, in}} {
			g.work.Go(func() {
				io.Copy(pair[0], pair[1])
				pair[0].Close()
			})
		}
	}
}

func (g *gate) admit(conns ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.conns = append(g.conns, conns...)
	return !g.shut
}

func (g *gate) setShut(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	for _, c := range g.conns {
		if shut {
			c.Close()
		}
	}
}

// wantAs wants an error of that type.
func wantAs[E error](t testing.TB, what string, err error) (as E) {
	t.Helper()
	if !errors.As(err, &as) {
		t.Errorf("%s: got %v, want a %T", what, err, as)
	}
	return as
}
