package failures_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// A cluster is the nodes of a room, each a process.
type cluster struct {
	t         testing.TB
	dir       string
	binary    string
	identity  *identity.Cluster
	registry  string   // the members' URLs
	members   []*node  // of the registry
	balancers []*node  // load balancers
	addresses []string // of the load balancers, also of those that are dead
	servers   []*node
	host      string                   // where the load balancers are
	machine   func(server int) machine // where a server is; nil for the same
}

// A machine is where a server runs.
type machine struct {
	host  string
	enter []string // the command that runs another one there; nil for none
}

// A node is a process that may be killed and started again.
type node struct {
	*process
	name    string // by which the cluster knows it
	address string
	start   func() *process
}

// newCluster starts so many of each, on the loopback.
func newCluster(t testing.TB, members, balancers, servers int) *cluster {
	t.Helper()
	c := &cluster{t: t, dir: t.TempDir(), binary: binary, host: "127.0.0.1"}
	c.startAll(members, balancers, servers)
	return c
}

// startAll starts so many of each, and waits until they know each other.
func (c *cluster) startAll(members, balancers, servers int) {
	c.t.Helper()
	<-c.start("init", "init", c.secret()).done
	secret, err := identity.ReadSecret(c.secret())
	if err != nil {
		c.t.Fatal(err)
	}
	if c.identity, err = identity.NewCluster(secret); err != nil {
		c.t.Fatal(err)
	}
	c.startRegistry(members)
	for range balancers {
		c.startBalancer()
	}
	for range servers {
		c.startServer()
	}
	c.settle()
}

func (c *cluster) secret() string { return filepath.Join(c.dir, "secret") }

// start runs the binary with these arguments.
func (c *cluster) start(name string, args ...string) *process {
	c.t.Helper()
	return start(c.t, name, exec.Command(c.binary, args...))
}

// data are the flags of a node with a data folder.
func (c *cluster) data(name string) []string {
	return []string{"-data", filepath.Join(c.dir, name), "-secret", c.secret()}
}

// again starts a node that was killed.
func (n *node) again() { n.process = n.start() }

// startRegistry starts the registry's members, at ports that were free a moment ago.
func (c *cluster) startRegistry(count int) {
	c.t.Helper()
	ports := freeAddresses(c.t, 2*count)
	var members, urls []string
	for i := range count {
		members = append(members, fmt.Sprintf("m%d=%s", i, ports[i]))
		urls = append(urls, "https://"+ports[count+i])
	}
	c.registry = strings.Join(urls, ",")
	for i := range count {
		n := &node{name: fmt.Sprint("m", i)}
		args := append([]string{"registry", "-name", n.name, "-cluster", strings.Join(members, ","), "-clients", ports[count+i]}, c.data(n.name)...)
		n.start = func() *process { return c.start(n.name, args...) }
		n.again()
		c.members = append(c.members, n)
	}
	for _, n := range c.members {
		n.logged("member", "clients")
	}
}

// startBalancer starts a load balancer, which has the same address at each start.
func (c *cluster) startBalancer() {
	c.t.Helper()
	n := &node{name: fmt.Sprint("lb", len(c.balancers)), address: net.JoinHostPort(c.host, "0")}
	n.start = func() *process {
		return c.start(n.name, "loadbalancer", "-secret", c.secret(), "-listen", n.address, "-registry", c.registry, "-failed-logins", "0")
	}
	n.again()
	n.address = n.logged("load balancer", "address")
	n.logged("serving", "address")
	c.balancers = append(c.balancers, n)
	c.addresses = append(c.addresses, n.address)
}

// startServer starts a server. It has another port at each start.
func (c *cluster) startServer() {
	c.t.Helper()
	label, at := fmt.Sprint("server", len(c.servers)), machine{host: c.host}
	if c.machine != nil {
		at = c.machine(len(c.servers))
	}
	args := append(at.enter[:len(at.enter):len(at.enter)], c.binary, "server", "-listen", net.JoinHostPort(at.host, "0"), "-rate", "10000", "-burst", "10000")
	args = append(append(args, c.data(label)...), c.addresses...)
	n := new(node)
	n.start = func() *process {
		p := start(c.t, label, exec.Command(args[0], args[1:]...))
		n.address = p.logged("server", "address")
		n.name = p.logged("server", "name")
		return p
	}
	n.again()
	c.servers = append(c.servers, n)
}

// settle waits until each load balancer that lives knows each server that lives, as one that takes clients.
func (c *cluster) settle() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	defer cancel()
	for _, lb := range c.balancers {
		if lb.hasEnded() {
			continue
		}
		for !c.isSettled(ctx, lb) {
			if ctx.Err() != nil {
				c.t.Fatalf("%s does not know all servers in %v", lb.name, patience)
			}
			pause(ctx, 5*time.Millisecond)
		}
	}
}

func (c *cluster) isSettled(ctx context.Context, lb *node) bool {
	status, err := c.status(ctx, lb)
	if err != nil {
		return false
	}
	for _, n := range c.servers {
		known := slices.ContainsFunc(status.Servers, func(s loadbalancer.ServerStatus) bool {
			return s.Node.Name == n.name && s.Node.Address == n.address && s.Alive && !s.Draining && s.RoundTrip > 0
		})
		if !known && !n.hasEnded() {
			return false
		}
	}
	return true
}

// status is the cluster as a load balancer sees it.
func (c *cluster) status(ctx context.Context, lb *node) (loadbalancer.Status, error) {
	config, err := c.identity.NodeTLS(identity.Operator, "operator")
	if err != nil {
		c.t.Fatal(err)
	}
	client := runtime.Dial(lb.address, runtime.WithTLS(config), runtime.WithTimeout(time.Second))
	defer client.Close()
	return loadbalancer.NewAdminServiceClient(client).Status(ctx)
}

func (n *node) hasEnded() bool {
	select {
	case <-n.done:
		return true
	default:
		return false
	}
}

// freeAddresses returns addresses of ports that nobody listens on, at the moment.
func freeAddresses(t testing.TB, count int) (addresses []string) {
	t.Helper()
	for range count {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		addresses = append(addresses, listener.Addr().String())
	}
	return addresses
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
