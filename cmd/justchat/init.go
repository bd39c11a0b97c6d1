package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/parley-rpc/parley/examples/justchat/identity"
)

var initCommand = &command{
	name:  "init [-rotate] [FILE]",
	short: "make the secret that the nodes of a cluster share",
	help: `
Init writes a new secret to FILE, or to "secret" in the data folder. Copy it to each machine that
runs a node, readable by its owner alone: whoever has it can be any node, and anyone in the room.
Clients do not need it.

-rotate puts a new secret before those in the file. Nodes accept both; once all nodes have the
file, and clients have met the new one, remove the old lines.

example: justchat init /etc/justchat/secret`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		rotate := flags.Bool("rotate", false, "put a new secret before the one that is there")
		return func(_ context.Context, env *environment) error {
			file := filepath.Join(dataFolder(), "secret")
			switch len(env.args) {
			case 0:
			case 1:
				file = env.args[0]
			default:
				return usage("one FILE at most, not %d", len(env.args))
			}
			if *rotate {
				return rotateSecret(file, env)
			}
			return writeSecret(file, env)
		}
	},
}

func writeSecret(file string, env *environment) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	err := identity.NewSecret().Write(file)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already; -rotate puts a new secret before it", file)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "The secret is in %s. Copy it to the machines that run nodes, and to no others.\n", file)
	return nil
}

func rotateSecret(file string, env *environment) error {
	secret, err := identity.ReadSecret(file)
	if err != nil {
		return err
	}
	if err := secret.Rotate().Replace(file); err != nil {
		return err
	}
	fmt.Fprintf(env.stdout, "%s has a new secret, and accepts the old one. Copy it to the other nodes and start each again.\n", file)
	return nil
}

// dataFolder is where nodes keep what they keep, unless a flag says otherwise.
func dataFolder() string {
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "justchat")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "justchat-data"
	}
	return filepath.Join(home, ".local", "share", "justchat")
}
