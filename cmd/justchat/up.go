package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	"github.com/parley-rpc/parley/examples/justchat/server"
)

var upCommand = &command{
	name:  "up [FLAG …]",
	short: "run a whole cluster on this machine",
	help: `
Up runs a registry, three load balancers and two servers in this process, and prints the line that starts
a client. What they keep is in the data folder, where it is found again the next time.

example: justchat up -port 5000`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		u := new(up)
		flags.StringVar(&u.data, "data", dataFolder(), "`folder` of what the nodes keep")
		flags.StringVar(&u.host, "host", "127.0.0.1", "`address` to listen at")
		flags.IntVar(&u.port, "port", 5000, "first `port` of the load balancers' three, 0 for any")
		flags.IntVar(&u.servers, "servers", 2, "`number` of servers")
		u.keep, u.share = addKeepFlags(flags), addShareFlags(flags)
		flags.StringVar(&u.metrics, "metrics", "", "`address` to serve /metrics and /healthz of the first server at, over HTTP")
		flags.StringVar(&u.shiviz, "shiviz", "", "`folder` for a log of each node, for ShiViz")
		flags.BoolVar(&u.verbose, "v", false, "log all that the nodes do, not only what is wrong")
		return u.run
	},
}

// balancers is how many load balancers up runs, as many as clients used to be told of.
const balancers = 3

// An up is a cluster in one process.
type up struct {
	data, host, metrics, shiviz string
	port, servers               int
	keep                        *keepFlags
	share                       *shareFlags
	verbose                     bool
	env                         *environment
}

func (u *up) run(ctx context.Context, env *environment) error {
	if len(env.args) > 0 {
		return usage("no arguments are taken")
	}
	if u.port < 0 || u.port > 65535-balancers+1 {
		return usage("-port %d: the three load balancers find no ports there", u.port)
	}
	if u.servers < 1 {
		return usage("-servers %d: at least one has to carry messages", u.servers)
	}
	if err := cmp.Or(u.keep.check(), u.share.check()); err != nil {
		return err
	}
	u.env = env
	if err := u.prepare(); err != nil {
		return err
	}
	logger := newLogger(env, slog.LevelWarn, u.verbose)
	member, err := registry.Embedded(ctx, filepath.Join(u.data, "registry"), logger)
	if err != nil {
		return err
	}
	defer member.Close()
	shared, err := member.Dial()
	if err != nil {
		return err
	}
	defer shared.Close()
	nodes, addresses, err := u.open()
	if err != nil {
		return err
	}
	// Servers drain through the load balancers, so these stop after them.
	var carried, balanced fleet
	outlive, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	var limits loadbalancer.Limits
	u.share.limit(&limits)
	for _, n := range nodes[:balancers] {
		balanced.run(outlive, func(ctx context.Context) error {
			return n.runLoadBalancer(ctx, shared, addresses, limits)
		})
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for i, n := range nodes[balancers:] {
		carried.run(ctx, func(ctx context.Context) error {
			return n.runServer(ctx, addresses, u.storage(i+1), server.Limits{})
		})
	}
	fmt.Fprintf(env.stdout, "JustChat is up. Come in with\n\n\t%s client %s\n\n", os.Args[0], strings.Join(addresses, " "))
	if at := nodes[balancers].metrics; at != nil {
		fmt.Fprintf(env.stdout, "Metrics of a server are at http://%s/metrics\n\n", at.Addr())
	}
	fmt.Fprint(env.stdout, "Ctrl-C stops it.\n")
	select {
	case <-ctx.Done():
	case <-carried.failed():
	case <-balanced.failed():
	}
	cancel()
	err = carried.wait()
	stop()
	return errors.Join(err, balanced.wait())
}

// prepare makes the data folder, and the secret if there is none.
func (u *up) prepare() error {
	for _, dir := range []string{u.data, u.shiviz} {
		if dir == "" {
			continue
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
	}
	err := identity.NewSecret().Write(filepath.Join(u.data, "secret"))
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// storage returns where a server keeps what it keeps.
func (u *up) storage(number int) storage {
	at := func(what string) string { return filepath.Join(u.data, fmt.Sprint(what, number)) }
	return storage{at("server"), at("files"), u.keep}
}

// open opens the load balancers' nodes, then the servers', and returns the addresses of the former.
func (u *up) open() (nodes []*node, addresses []string, err error) {
	for i := range balancers + u.servers {
		role, number, port := "server", i-balancers+1, 0
		if i < balancers {
			role, number = "loadbalancer", i+1
			if u.port != 0 {
				port = u.port + i
			}
		}
		f := &nodeFlags{data: u.data, listen: net.JoinHostPort(u.host, fmt.Sprint(port)), verbose: u.verbose, level: slog.LevelWarn}
		if i == balancers {
			f.metrics = u.metrics
		}
		if u.shiviz != "" {
			f.shiviz = filepath.Join(u.shiviz, fmt.Sprintf("%s%d.log", role, number))
		}
		n, err := f.open(u.env, role)
		if err != nil {
			for _, n := range nodes {
				n.close()
			}
			return nil, nil, portHint(err)
		}
		nodes = append(nodes, n)
		if i < balancers {
			addresses = append(addresses, n.address)
		}
	}
	return nodes, addresses, nil
}

// portHint says what to do where a port is taken.
func portHint(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("%w; -port chooses other ports, -port 0 any", err)
	}
	return err
}

// A fleet is nodes that run until they are told to stop.
type fleet struct {
	work   sync.WaitGroup
	once   sync.Once
	broken chan struct{}

	mu   sync.Mutex
	errs []error
}

func (f *fleet) run(ctx context.Context, node func(context.Context) error) {
	f.failed()
	f.work.Go(func() { // wait waits
		err := node(ctx)
		if ctx.Err() == nil {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.errs = append(f.errs, err)
			if len(f.errs) == 1 {
				close(f.broken)
			}
		}
	})
}

// failed is closed when a node has ended by itself.
func (f *fleet) failed() <-chan struct{} {
	f.once.Do(func() { f.broken = make(chan struct{}) })
	return f.broken
}

// wait waits for all nodes, and returns why some have ended by themselves.
func (f *fleet) wait() error {
	f.work.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	return errors.Join(f.errs...)
}
