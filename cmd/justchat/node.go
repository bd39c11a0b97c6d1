package main

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

// nodeFlags are those that all nodes have.
type nodeFlags struct {
	data, secret, listen, advertise, metrics, shiviz string
	verbose                                          bool
	level                                            slog.Level // from which on is logged, if not verbose
}

func addNodeFlags(flags *flag.FlagSet, listen string) *nodeFlags {
	f := new(nodeFlags)
	flags.StringVar(&f.data, "data", dataFolder(), "`folder` of what the node keeps")
	flags.StringVar(&f.secret, "secret", "", "`file` with the cluster's secret, see justchat init (default secret in the data folder)")
	flags.StringVar(&f.listen, "listen", listen, "`address` to listen at, for TCP and UDP")
	flags.StringVar(&f.advertise, "advertise", "", "`address` by which the others reach this node (default the one that it listens at)")
	flags.StringVar(&f.metrics, "metrics", "", "`address` to serve /metrics and /healthz at, over HTTP")
	flags.StringVar(&f.shiviz, "shiviz", "", "`file` to log events with vector clocks to, for ShiViz")
	flags.BoolVar(&f.verbose, "v", false, "log more")
	return f
}

// A node is what all nodes have.
type node struct {
	flags    *nodeFlags
	cluster  *identity.Cluster
	listener net.Listener
	udp      net.PacketConn
	address  string
	logger   *slog.Logger
	metrics  net.Listener // nil for none
	shiviz   *shiviz.Log
}

// open prepares a node of that role and name.
func (f *nodeFlags) open(env *environment, role string) (*node, error) {
	logger := newLogger(env, f.level, f.verbose).With("node", role)
	secret, err := identity.ReadSecret(cmp.Or(f.secret, filepath.Join(f.data, "secret")))
	if err != nil {
		return nil, err
	}
	cluster, err := identity.NewCluster(secret)
	if err != nil {
		return nil, err
	}
	listener, udp, err := listenBoth(f.listen)
	if err != nil {
		return nil, err
	}
	n := &node{f, cluster, listener, udp, f.address(listener), logger, nil, nil}
	if f.metrics != "" {
		if n.metrics, err = net.Listen("tcp", f.metrics); err != nil {
			return nil, errors.Join(fmt.Errorf("metrics: %w", err), n.close())
		}
	}
	if f.shiviz != "" {
		if n.shiviz, err = shiviz.Create(f.shiviz, strings.ReplaceAll(role+"-"+n.address, " ", "-")); err != nil {
			return nil, errors.Join(err, n.close())
		}
	}
	return n, nil
}

func (n *node) close() error {
	err := errors.Join(n.listener.Close(), n.udp.Close())
	if n.metrics != nil {
		err = errors.Join(err, n.metrics.Close())
	}
	return err
}

// checkAddresses returns the usage error of the first that is no host:port.
func checkAddresses(addresses []string) error {
	for _, address := range addresses {
		if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
			return usage("%q is no address; write host:port", address)
		}
	}
	return nil
}

// address is by which the others reach a node. A wildcard is no address, so the machine's name stands for it.
func (f *nodeFlags) address(listener net.Listener) string {
	if f.advertise != "" {
		return f.advertise
	}
	at := listener.Addr().(*net.TCPAddr)
	if !at.IP.IsUnspecified() {
		return at.String()
	}
	host, err := os.Hostname()
	if err != nil {
		host = "localhost"
	}
	return net.JoinHostPort(host, fmt.Sprint(at.Port))
}

// listenBoth listens at one address for TCP and UDP. With port 0 it looks for one that is free for both.
func listenBoth(address string) (net.Listener, net.PacketConn, error) {
	var failure error
	for range 20 {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, nil, err
		}
		udp, err := net.ListenPacket("udp", listener.Addr().String())
		if err == nil {
			return listener, udp, nil
		}
		listener.Close()
		failure = err
		if _, port, _ := net.SplitHostPort(address); port != "0" {
			break
		}
	}
	return nil, nil, failure
}

// newLogger logs text to a terminal, else JSON: all if it is verbose, else from the level usual on.
func newLogger(env *environment, usual slog.Level, verbose bool) *slog.Logger {
	options := &slog.HandlerOptions{Level: usual}
	if verbose {
		options.Level = slog.LevelDebug
	}
	if file, ok := env.stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return slog.New(slog.NewTextHandler(env.stderr, options))
	}
	return slog.New(slog.NewJSONHandler(env.stderr, options))
}
