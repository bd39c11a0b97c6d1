package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"path/filepath"
	"strings"

	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/examples/justchat/server"
)

var serverCommand = &command{
	name:  "server [FLAG …] LOADBALANCER…",
	short: "run a server, which carries messages and keeps them",
	help: `
Server announces itself to a load balancer, one of those at the addresses host:port, and carries messages
until it is interrupted; then its clients are moved to other servers first. There may be any number of
servers; with two or more, each message is on two disks before its sender hears that it was taken, and
each public file is on two before all are asked whether they want it.

example: justchat server -data /var/lib/justchat -listen :6000 lb1:5000 lb2:5000 lb3:5000`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := addNodeFlags(flags, ":0")
		keep := addKeepFlags(flags)
		var limits server.Limits
		flags.Float64Var(&limits.Rate, "rate", 20, "how many `messages` a second a user may send")
		flags.IntVar(&limits.Burst, "burst", 50, "how many `messages` a user may send at once")
		return func(ctx context.Context, env *environment) error {
			if len(env.args) == 0 {
				return usage("name the load balancers, host:port each")
			}
			if err := cmp.Or(checkAddresses(env.args), keep.check()); err != nil {
				return err
			}
			if limits.Rate <= 0 || limits.Burst <= 0 {
				return usage("-rate %g and -burst %d: nobody could say anything", limits.Rate, limits.Burst)
			}
			n, err := f.open(env, "server")
			if err != nil {
				return err
			}
			return n.runServer(ctx, env.args, storage{filepath.Join(f.data, "log"), filepath.Join(f.data, "files"), keep}, limits)
		}
	},
}

// A storage is where a server keeps what it keeps: the folders of messages and of files.
type storage struct {
	log, files string
	keep       *keepFlags
}

// runServer is the server's life. It owns the node.
func (n *node) runServer(ctx context.Context, loadBalancers []string, at storage, limits server.Limits) error {
	defer n.close()
	log, err := messagelog.Open(at.log, messagelog.Options{Logger: n.logger})
	if err != nil {
		return err
	}
	defer log.Close()
	files, err := at.keep.open(n, at.files)
	if err != nil {
		return err
	}
	if files != nil {
		defer files.Close()
	}
	at.keep.limit(&limits)
	defer n.shiviz.Close()
	s, err := server.New(server.Config{
		Listener: n.listener, UDP: n.udp, Address: n.address,
		LoadBalancers: strings.Join(loadBalancers, ","),
		Cluster:       n.cluster, Log: log, Files: files, Limits: limits, Logger: n.logger, ShiViz: n.shiviz,
	})
	if err != nil {
		return err
	}
	defer n.serveMetrics(serverMetrics(s.Stats), takesClients(s.Stats))()
	n.logger.Info("server", "name", s.Name(), "address", n.address)
	return s.Serve(ctx)
}

// takesClients is the health of a server.
func takesClients(stats func() server.Stats) func() error {
	return func() error {
		if stats().Draining {
			return errors.New("the server takes no new clients: it begins, stops, or its disk is full")
		}
		return nil
	}
}
