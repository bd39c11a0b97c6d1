package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"slices"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/console"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

// clientFlags are the client's.
type clientFlags struct {
	user, passwordFile, authority, pins, shiviz string
	noDirect, verbose                           bool
}

var clientCommand = &command{
	name:  "client [FLAG …] LOADBALANCER…",
	short: "come into the room",
	help: `
Client comes into the room by the load balancers at the addresses host:port, of which one that answers is
enough. A single name without a port is looked up in DNS: its SRV records of _justchat._tcp, or else its
addresses, at port 5000. A name that nobody has is signed up. #commands lists what can be typed beside
messages.

On a pipe each line of the input is a message or a command, and the end of the input leaves, once all has
arrived; the exit code is 1 if something has not.

example: justchat client -user Elon 127.0.0.1:5000 127.0.0.1:5001 127.0.0.1:5002`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := new(clientFlags)
		flags.StringVar(&f.user, "user", "", "your `name` in the room (default the one of your account)")
		flags.StringVar(&f.passwordFile, "password-file", "", "`file` whose first line is the password")
		flags.StringVar(&f.authority, "ca", "", "`fingerprint` that the cluster has to have; without it, the one that it had the first time")
		flags.StringVar(&f.pins, "pins", configFile("clusters"), "`file` of the clusters that were met before")
		flags.BoolVar(&f.noDirect, "no-direct", false, "let servers relay private messages: other clients do not learn this one's address")
		flags.StringVar(&f.shiviz, "shiviz", "", "`file` to log events with vector clocks to, for ShiViz")
		flags.BoolVar(&f.verbose, "v", false, "log to the standard error")
		return f.run
	},
}

func (f *clientFlags) run(ctx context.Context, env *environment) error {
	if len(env.args) == 0 {
		return usage("name a load balancer, host:port, or several")
	}
	addresses, err := findLoadBalancers(ctx, env.args)
	if err != nil {
		return err
	}
	config := console.Config{Stdin: env.stdin, Stdout: env.stdout, Stderr: env.stderr}
	config.Client = client.Config{LoadBalancers: addresses, User: f.user, Direct: !f.noDirect, Logger: slog.New(slog.DiscardHandler)}
	if f.verbose {
		config.Client.Logger = newLogger(env, slog.LevelDebug, true)
	}
	if f.user == "" {
		if config.Client.User, err = accountName(); err != nil {
			return err
		}
	}
	if f.passwordFile != "" {
		if config.Password, err = console.ReadPassword(f.passwordFile); err != nil {
			return err
		}
	}
	if config.Client.Pin, err = f.pin(env.args, env.stderr); err != nil {
		return err
	}
	if f.shiviz != "" {
		if config.Client.ShiViz, err = shiviz.Create(f.shiviz, "client-"+config.Client.User); err != nil {
			return err
		}
		defer config.Client.ShiViz.Close()
	}
	return console.Run(ctx, config)
}

// pin returns what says whether a cluster is the one that is meant. It is known by each of its names; one that is met by a
// known name, and not the same, is not remembered under the others.
func (f *clientFlags) pin(names []string, stderr io.Writer) (func(*identity.Authority) error, error) {
	if f.authority != "" {
		return func(a *identity.Authority) error {
			if a.Is(f.authority) {
				return nil
			}
			return fmt.Errorf("its fingerprint is %s, not %s", a.Fingerprint(), f.authority)
		}, nil
	}
	pins, err := identity.ReadPins(f.pins)
	if err != nil {
		return nil, err
	}
	var known, others []string
	for _, name := range names {
		if pins.Knows(name) {
			known = append(known, name)
		} else {
			others = append(others, name)
		}
	}
	return func(a *identity.Authority) error {
		news := false
		for _, name := range slices.Concat(known, others) {
			first, err := pins.Check(name, a)
			if err != nil {
				return err
			}
			news = news || first
		}
		if news && len(known) == 0 {
			fmt.Fprintf(stderr, "-- first visit to this cluster; its fingerprint is %s\n", a.Fingerprint())
		}
		return nil
	}, nil
}

// findLoadBalancers returns the addresses that the arguments mean. What is none, and no name either, is a usage error.
func findLoadBalancers(ctx context.Context, args []string) ([]string, error) {
	addresses, err := client.Addresses(ctx, args, net.DefaultResolver)
	if unknown := new(net.DNSError); err != nil && !errors.As(err, &unknown) {
		return nil, usageError{err}
	}
	return addresses, err
}

// accountName is the name of the user's account.
func accountName() (string, error) {
	u, err := user.Current()
	if err != nil {
		return "", fmt.Errorf("%w; say with -user who you are", err)
	}
	return u.Username, nil
}

// configFile is a file of the person's settings.
func configFile(name string) string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "justchat-" + name
	}
	return filepath.Join(dir, "justchat", name)
}
