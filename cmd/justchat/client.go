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
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/parley-rpc/parley/cmd/justchat/tui"
	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/console"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

// clientFlags are the client's.
type clientFlags struct {
	user, passwordFile, authority, pins, downloads, shiviz string
	noDirect, plain, verbose                               bool
}

var clientCommand = &command{
	name:  "client [FLAG …] LOADBALANCER…",
	short: "come into the room",
	help: `
Client comes into the room by the load balancers at the addresses host:port, of which one that answers is
enough. A single name without a port is looked up in DNS: its SRV records of _justchat._tcp, or else its
addresses, at port 5000. A name that nobody has is signed up. #commands lists what can be typed beside
messages.

On a terminal the room fills the screen; -plain has it line by line, as has a terminal that can do no more.
On a pipe each line of the input is a message or a command, and the end of the input leaves, once all has
arrived; the exit code is 1 if something has not.

example: justchat client -user Elon 127.0.0.1:5000 127.0.0.1:5001 127.0.0.1:5002`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := new(clientFlags)
		flags.StringVar(&f.user, "user", "", "your `name` in the room (default the one of your account)")
		flags.StringVar(&f.passwordFile, "password-file", "", "`file` whose first line is the password")
		flags.StringVar(&f.authority, "ca", "", "`fingerprint` that the cluster has to have; without it, the one that it had the first time")
		flags.StringVar(&f.pins, "pins", configFile("clusters"), "`file` of the clusters that were met before")
		flags.BoolVar(&f.noDirect, "no-direct", false, "let servers relay private messages and files: other clients do not learn this one's address")
		flags.StringVar(&f.downloads, "downloads", downloadFolder(), "`folder` where files arrive that were accepted")
		flags.BoolVar(&f.plain, "plain", false, "line by line on a terminal too, and not on the full screen")
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
	full := !f.plain && fillsScreen(env.stdin, env.stdout, os.Getenv("TERM"), term.IsTerminal)
	if full && f.verbose && isTerminal(env.stderr, term.IsTerminal) {
		return usage("-v would log across the screen: send that to a file, with 2>FILE, or add -plain")
	}
	config := client.Config{
		LoadBalancers: addresses, User: f.user, Direct: !f.noDirect, Downloads: f.downloads, Logger: slog.New(slog.DiscardHandler),
	}
	if f.verbose {
		config.Logger = newLogger(env, slog.LevelDebug, true)
	}
	if f.user == "" {
		if config.User, err = accountName(); err != nil {
			return err
		}
	}
	password := ""
	if f.passwordFile != "" {
		if password, err = console.ReadPassword(f.passwordFile); err != nil {
			return err
		}
	}
	said := &notices{to: env.stderr, held: full, lines: make(chan string, 8)}
	defer said.release()
	if config.Pin, err = f.pin(env.args, said); err != nil {
		return err
	}
	if f.shiviz != "" {
		if config.ShiViz, err = shiviz.Create(f.shiviz, "client-"+config.User); err != nil {
			return err
		}
		defer config.ShiViz.Close()
	}
	if full {
		return tui.Run(ctx, tui.Config{
			Client: config, Stdin: env.stdin, Stdout: env.stdout, Password: password, Environ: os.Environ(), Notices: said.lines,
		})
	}
	return console.Run(ctx, console.Config{Client: config, Stdin: env.stdin, Stdout: env.stdout, Stderr: env.stderr, Password: password})
}

// fillsScreen reports whether the room can have the whole screen: what is read and written is a terminal, and TERM
// says that it can do more than scroll. On Windows there is no TERM.
func fillsScreen(stdin io.Reader, stdout io.Writer, name string, check func(descriptor int) bool) bool {
	return name != "dumb" && (name != "" || runtime.GOOS == "windows") && isTerminal(stdin, check) && isTerminal(stdout, check)
}

func isTerminal(file any, check func(descriptor int) bool) bool {
	f, ok := file.(*os.File)
	return ok && check(int(f.Fd()))
}

// notices are what is said while the client runs. As long as the screen is full they are held back, and it shows them.
type notices struct {
	to    io.Writer
	lines chan string // for the full screen
	mutex sync.Mutex
	held  bool
	text  []byte
}

func (n *notices) Write(p []byte) (int, error) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if n.held {
		n.text = append(n.text, p...)
		select {
		case n.lines <- strings.TrimPrefix(strings.TrimSpace(string(p)), "-- "):
		default: // it is read later
		}
		return len(p), nil
	}
	return n.to.Write(p)
}

// release writes what was held back.
func (n *notices) release() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	n.held = false
	n.to.Write(n.text)
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

// downloadFolder is where people look for what they have been given. It is made with the first file.
func downloadFolder() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "Downloads"
	}
	return filepath.Join(home, "Downloads")
}

// configFile is a file of the person's settings.
func configFile(name string) string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "justchat-" + name
	}
	return filepath.Join(dir, "justchat", name)
}
