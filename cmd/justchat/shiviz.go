package main

import (
	"context"
	"flag"
	"io"
	"os"

	"github.com/parley-rpc/parley/examples/justchat/shiviz"
)

var shivizCommand = &command{
	name:  "shiviz merge FILE…",
	short: "join the logs of nodes into one that ShiViz draws",
	help: `
Shiviz merge joins logs that nodes wrote with -shiviz, and prints one in which causes stand before their
effects. Paste it at https://bestchai.bitbucket.io/shiviz/, whose default expression reads it.

example: justchat shiviz merge lb1.log server1.log server2.log > room.log`,
	prepare: func(*flag.FlagSet) func(context.Context, *environment) error {
		return func(_ context.Context, env *environment) error {
			if len(env.args) < 2 || env.args[0] != "merge" {
				return usage("write merge and the files")
			}
			var logs []io.Reader
			for _, name := range env.args[1:] {
				file, err := os.Open(name)
				if err != nil {
					return err
				}
				defer file.Close()
				logs = append(logs, file)
			}
			return shiviz.Merge(env.stdout, logs...)
		}
	},
}
