package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/identity"
)

var registryCommand = &command{
	name:  "registry -name NAME -cluster NAME=HOST:PORT,… [FLAG …]",
	short: "run a member of the registry, for a room that has outgrown one machine",
	help: `
Registry runs an etcd member, which proves itself to the others, and to load balancers, by the cluster's
secret. Run three or five, each with its own -name and all with the same -cluster, which says where the
members reach each other; load balancers reach it at -clients. More than half of them have to run for
sign-ups and new file names; chat goes on without.

example: justchat registry -name a -cluster a=h1:2380,b=h2:2380,c=h3:2380 -clients h1:2379`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		data := flags.String("data", dataFolder(), "`folder` of what the member keeps")
		secret := flags.String("secret", "", "`file` with the cluster's secret (default secret in the data folder)")
		name := flags.String("name", "", "the member's `name`")
		members := flags.String("cluster", "", "all members, `NAME=HOST:PORT` separated by commas")
		clients := flags.String("clients", "", "`address` at which load balancers reach this member")
		join := flags.Bool("join", false, "join a registry that is there, after etcdctl member add")
		verbose := flags.Bool("v", false, "log more")
		return func(ctx context.Context, env *environment) error {
			cluster, peers, err := parseMembers(*name, *members)
			if err != nil {
				return err
			}
			if *clients == "" {
				return usage("say with -clients where load balancers reach this member")
			}
			if err := checkAddresses(append(slices.Sorted(maps.Values(cluster)), *clients)); err != nil {
				return err
			}
			credentials, err := registryCredentials(cmp.Or(*secret, filepath.Join(*data, "secret")))
			if err != nil {
				return err
			}
			logger := newLogger(env, slog.LevelInfo, *verbose).With("node", "registry", "name", *name)
			member, err := registry.Start(registry.MemberConfig{
				Name: *name, Dir: filepath.Join(*data, "registry"), Peers: peers, Clients: *clients,
				Cluster: cluster, Join: *join, Credentials: credentials, Logger: logger,
			})
			if err != nil {
				return err
			}
			logger.Info("member", "peers", peers, "clients", *clients)
			return errors.Join(member.Wait(ctx), member.Close())
		}
	},
}

// parseMembers returns the members by name, and the address of that one.
func parseMembers(name, list string) (members map[string]string, address string, err error) {
	members = make(map[string]string)
	for _, entry := range strings.Split(list, ",") {
		n, at, ok := strings.Cut(strings.TrimSpace(entry), "=")
		if !ok || n == "" || at == "" {
			return nil, "", usage("%q is no member; write NAME=HOST:PORT", entry)
		}
		if _, twice := members[n]; twice {
			return nil, "", usage("member %q stands twice in -cluster", n)
		}
		members[n] = at
	}
	if members[name] == "" {
		return nil, "", usage("-name %q is none of the members in -cluster", name)
	}
	return members, members[name], nil
}

func registryCredentials(file string) (registry.Credentials, error) {
	secret, err := identity.ReadSecret(file)
	if err != nil {
		return registry.Credentials{}, err
	}
	cluster, err := identity.NewCluster(secret)
	if err != nil {
		return registry.Credentials{}, err
	}
	return credentialsOf(cluster)
}
