package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/parley-rpc/parley/examples/justchat/blobstore"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	"github.com/parley-rpc/parley/examples/justchat/server"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

var filesCommand = &command{
	name:  "files [FLAG …] list | remove FILE",
	short: "list the public files, or remove one",
	help: `
Files is for those who run the room: it needs the cluster's secret. It lists the public files with their
owners and the servers that hold them, or removes one, whoever owns it.

example: justchat files remove 'holiday plans.pdf'`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := addAdminFlags(flags)
		return func(ctx context.Context, env *environment) error {
			listing := len(env.args) == 1 && env.args[0] == "list"
			if !listing && (len(env.args) != 2 || env.args[0] != "remove") {
				return usage("write list, or remove and the name of a file")
			}
			admin, client, err := f.dial()
			if err != nil {
				return err
			}
			defer client.Close()
			if listing {
				return f.explain(env.listFiles(ctx, admin))
			}
			return f.explain(admin.RemoveFile(ctx, env.args[1]))
		}
	},
}

func (env *environment) listFiles(ctx context.Context, admin *api.AdminServiceClient) error {
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FILE\tSIZE\tOWNER\tSERVERS")
	for file, err := range admin.ListFiles(ctx) {
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", file.Name, talk.Size(int64(file.Size)), file.Owner, strings.Join(file.Holders, " "))
	}
	return table.Flush()
}

// keepFlags are those of nodes that keep public files.
type keepFlags struct{ quota, largest size }

func addKeepFlags(flags *flag.FlagSet) *keepFlags {
	f := &keepFlags{quota: 16 << 30, largest: 4 << 30}
	flags.Var(&f.quota, "file-quota", "how many `bytes` of public files a server keeps, 0 for none")
	flags.Var(&f.largest, "max-file", "how many `bytes` a public file may have")
	return f
}

func (f *keepFlags) check() error {
	if f.largest == 0 {
		return usage("-max-file 0: nobody could share anything; -file-quota 0 is a server that keeps no files")
	}
	return nil
}

// open returns the store of public files in a folder, or nil if there is to be none. What it holds already stays on the
// disk then, and is not given to anybody.
func (f *keepFlags) open(n *node, dir string) (*blobstore.Store, error) {
	if f.quota == 0 {
		return nil, nil
	}
	return blobstore.Open(dir, blobstore.Options{Quota: int64(f.quota), Logger: n.logger})
}

// limit sets what a server's limits say of files.
func (f *keepFlags) limit(limits *server.Limits) { limits.FileBytes = int64(f.largest) }

// shareFlags are those of nodes that say who may share how much.
type shareFlags struct {
	files int
	bytes size
}

func addShareFlags(flags *flag.FlagSet) *shareFlags {
	f := &shareFlags{bytes: 16 << 30}
	flags.IntVar(&f.files, "user-files", 100, "how many public `files` a user may own, 0 for any number")
	flags.Var(&f.bytes, "user-bytes", "how many `bytes` the public files of a user may have, 0 for any number")
	return f
}

func (f *shareFlags) check() error {
	if f.files < 0 {
		return usage("-user-files %d: write how many a user may own, 0 for any number", f.files)
	}
	return nil
}

// limit sets what a load balancer's limits say of files.
func (f *shareFlags) limit(limits *loadbalancer.Limits) {
	limits.UserFiles, limits.UserBytes = orAny(f.files), orAny(int64(f.bytes))
}
