package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"net/url"
	"strings"

	"github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	store "github.com/parley-rpc/parley/examples/justchat/registry"
)

var loadBalancerCommand = &command{
	name:  "loadbalancer [FLAG …] [LOADBALANCER…]",
	short: "run a load balancer, through which clients and servers come in",
	help: `
Loadbalancer lets users in and sends their clients to servers, and on to another server when one dies. It keeps
what the cluster agrees on in the registry that -registry names: an etcd that is there, or members of one's
own, see justchat registry. Other load balancers may be named by their addresses; the registry knows them
too. One of them is enough; with three a client has two to fall back on.

example: justchat loadbalancer -listen :5000 -advertise lb1:5000 -registry https://lb1:2379,https://lb2:2379,https://lb3:2379`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := addNodeFlags(flags, ":5000")
		r := addRegistryFlags(flags)
		share := addShareFlags(flags)
		most := flags.Int("max-loadbalancers", 3, "how many load balancers there may be in the cluster, a `number`; 0 is any")
		failed := flags.Int("failed-logins", 5, "how many `logins` of a name, and from an address, may fail in a minute, 0 for any number")
		return func(ctx context.Context, env *environment) error {
			if r.endpoints == "" {
				return usage("say with -registry where the registry is; justchat up has one of its own")
			}
			members := strings.Split(r.endpoints, ",")
			if err := cmp.Or(checkMembers(members), checkAddresses(env.args), share.check()); err != nil {
				return err
			}
			if *most < 0 {
				return usage("-max-loadbalancers %d: write how many there may be, 0 for any number", *most)
			}
			n, err := f.open(env, "loadbalancer")
			if err != nil {
				return err
			}
			config, err := r.tls(n.cluster)
			if err != nil {
				return errors.Join(err, n.close())
			}
			shared, err := registry.Dial(registry.Config{Endpoints: members, TLS: config, Prefix: r.prefix, Logger: n.logger})
			if err != nil {
				return errors.Join(err, n.close())
			}
			defer shared.Close()
			limits := loadbalancer.Limits{LoadBalancers: orAny(*most), FailedLogins: orAny(*failed)}
			share.limit(&limits)
			return n.runLoadBalancer(ctx, shared, env.args, limits)
		}
	},
}

// checkMembers returns the usage error of the first that is no URL of a registry's member.
func checkMembers(members []string) error {
	for _, member := range members {
		at, err := url.Parse(member)
		if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" || at.Port() == "" {
			return usage("-registry: %q is no URL of a member; write https://host:2379", member)
		}
	}
	return nil
}

// orAny returns a limit as a load balancer takes it, for which 0 is the default.
func orAny[N int | int64](limit N) N {
	if limit == 0 {
		return -1
	}
	return limit
}

// runLoadBalancer is the load balancer's life. It owns the node.
func (n *node) runLoadBalancer(ctx context.Context, shared store.Registry, others []string, limits loadbalancer.Limits) error {
	defer n.close()
	defer n.shiviz.Close()
	lb, err := loadbalancer.New(loadbalancer.Config{
		Listener: n.listener, Heartbeats: n.udp, Address: n.address,
		Cluster: n.cluster, Registry: shared, Others: others,
		Limits: limits, Logger: n.logger, ShiViz: n.shiviz,
	})
	if err != nil {
		return err
	}
	defer n.serveMetrics(loadBalancerMetrics(lb.Stats), func() error { return nil })()
	n.logger.Info("load balancer", "address", n.address)
	return lb.Serve(ctx)
}
