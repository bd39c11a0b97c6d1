package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/term"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// adminFlags are those of the commands that ask a load balancer as an operator.
type adminFlags struct{ data, secret, balancers string }

func addAdminFlags(flags *flag.FlagSet) *adminFlags {
	f := new(adminFlags)
	flags.StringVar(&f.data, "data", dataFolder(), "`folder` with the secret")
	flags.StringVar(&f.secret, "secret", "", "`file` with the cluster's secret (default secret in the data folder)")
	flags.StringVar(&f.balancers, "lb", "127.0.0.1:5000,127.0.0.1:5001,127.0.0.1:5002", "`addresses` of load balancers, separated by commas; the first that answers is asked")
	return f
}

// dial returns the operators' service of a load balancer.
func (f *adminFlags) dial() (*loadbalancer.AdminServiceClient, io.Closer, error) {
	secret, err := identity.ReadSecret(cmp.Or(f.secret, filepath.Join(f.data, "secret")))
	if err != nil {
		return nil, nil, err
	}
	cluster, err := identity.NewCluster(secret)
	if err != nil {
		return nil, nil, err
	}
	config, err := cluster.NodeTLS(identity.Operator, "operator")
	if err != nil {
		return nil, nil, err
	}
	client := runtime.Dial(f.balancers, runtime.WithTLS(config), runtime.WithTimeout(5*time.Second))
	return loadbalancer.NewAdminServiceClient(client), client, nil
}

// explain says what an operator can do about an error of a call.
func (f *adminFlags) explain(err error) error {
	var e *runtime.Error
	if !errors.As(err, &e) || !e.Broken() {
		return err
	}
	return fmt.Errorf("no load balancer answers: %s; -lb names others", strings.TrimPrefix(e.Message(), "the call was not run: "))
}

var statusCommand = &command{
	name:  "status [FLAG …]",
	short: "print the cluster as its load balancers see it",
	help: `
Status asks a load balancer what it knows of the cluster. It needs the cluster's secret.

example: justchat status -lb lb1:5000`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := addAdminFlags(flags)
		return func(ctx context.Context, env *environment) error {
			if len(env.args) > 0 {
				return usage("no arguments are taken; name load balancers with -lb")
			}
			admin, client, err := f.dial()
			if err != nil {
				return err
			}
			defer client.Close()
			status, err := admin.Status(ctx)
			if err != nil {
				return f.explain(err)
			}
			return printStatus(env.stdout, status)
		}
	},
}

func printStatus(w io.Writer, s loadbalancer.Status) error {
	quorum := "answers"
	if !s.Quorum {
		quorum = "has no quorum: no sign-ups, no new file names"
	}
	fmt.Fprintf(w, "as %s sees it: %d here, %d signed up, %d files of %s; the registry %s\n\n",
		s.LoadBalancer, s.Clients, s.Users, s.Files, talk.Size(int64(s.FileBytes)), quorum)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NODE\tADDRESS\tSTATE\tCLIENTS\tROUND TRIP")
	for _, address := range slices.Sorted(slices.Values(s.LoadBalancers)) {
		fmt.Fprintf(table, "load balancer\t%s\t\t\t\n", address)
	}
	for _, n := range s.Servers {
		state := "alive"
		switch {
		case !n.Alive:
			state = "silent"
		case n.Draining:
			state = "takes no new clients"
		}
		fmt.Fprintf(table, "server %s\t%s\t%s\t%d\t%v\n", n.Node.Name, n.Node.Address, state, n.Clients, n.RoundTrip.Round(time.Microsecond))
	}
	return table.Flush()
}

var usersCommand = &command{
	name:  "users [FLAG …] list | remove USER | passwd USER | mute USER [DURATION] | unmute USER | ban USER | unban USER",
	short: "list those who have signed up; remove, mute or ban them",
	help: `
Users is for those who run the room: it needs the cluster's secret. Muted users read, and may not speak to
all; without a duration that is for good. Banned ones are not let in, and are cut off. A removed user's
name is free again. passwd reads the new password from the terminal, or a line of a pipe.

example: justchat users mute robert 10m`,
	prepare: func(flags *flag.FlagSet) func(context.Context, *environment) error {
		f := addAdminFlags(flags)
		return func(ctx context.Context, env *environment) error {
			act, err := userAction(env)
			if err != nil {
				return err
			}
			admin, client, err := f.dial()
			if err != nil {
				return err
			}
			defer client.Close()
			return f.explain(act(ctx, admin))
		}
	},
}

// forGood is how long a user is muted for whom nobody said how long.
const forGood = 100 * 365 * 24 * time.Hour

// userAction returns what the arguments of users say.
func userAction(env *environment) (func(context.Context, *loadbalancer.AdminServiceClient) error, error) {
	word, user, rest := "", "", []string(nil)
	if len(env.args) > 0 {
		word = env.args[0]
	}
	if len(env.args) > 1 {
		user, rest = env.args[1], env.args[2:]
	}
	if (user == "") != (word == "list") || len(rest) > 0 && word != "mute" || len(rest) > 1 {
		return nil, usage("write list, or one of remove, passwd, mute, unmute, ban and unban with a user")
	}
	moderate := func(change func(*justchat.UserState)) (func(context.Context, *loadbalancer.AdminServiceClient) error, error) {
		return func(ctx context.Context, admin *loadbalancer.AdminServiceClient) error {
			return moderate(ctx, admin, user, change)
		}, nil
	}
	switch word {
	case "list":
		return env.listUsers, nil
	case "remove":
		return func(ctx context.Context, admin *loadbalancer.AdminServiceClient) error {
			return admin.RemoveUser(ctx, user)
		}, nil
	case "passwd":
		return func(ctx context.Context, admin *loadbalancer.AdminServiceClient) error {
			password, err := env.readPassword("new password for " + user + ": ")
			if err != nil {
				return err
			}
			return admin.SetPassword(ctx, user, password)
		}, nil
	case "mute":
		d := forGood
		if len(rest) == 1 {
			var err error
			if d, err = time.ParseDuration(rest[0]); err != nil || d <= 0 {
				return nil, usage("%q is no duration; write 10m or 2h", rest[0])
			}
		}
		return moderate(func(s *justchat.UserState) { s.Muted = time.Now().Add(d).Round(time.Second) })
	case "unmute":
		return moderate(func(s *justchat.UserState) { s.Muted = time.Time{} })
	case "ban":
		return moderate(func(s *justchat.UserState) { s.Banned = true })
	case "unban":
		return moderate(func(s *justchat.UserState) { s.Banned = false })
	}
	return nil, usage("there is no %q for users", word)
}

// moderate changes what is decided about a user.
func moderate(ctx context.Context, admin *loadbalancer.AdminServiceClient, user string, change func(*justchat.UserState)) error {
	users, err := admin.ListUsers(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.State.User == user {
			change(&u.State)
			return admin.Moderate(ctx, u.State)
		}
	}
	return &loadbalancer.UnknownUser{User: user}
}

func (env *environment) listUsers(ctx context.Context, admin *loadbalancer.AdminServiceClient) error {
	users, err := admin.ListUsers(ctx)
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "USER\tSIGNED UP\tSTATE")
	for _, u := range users {
		var state []string
		if u.Here {
			state = append(state, "here")
		}
		if u.State.Banned {
			state = append(state, "banned")
		}
		if until := u.State.Muted; time.Now().Before(until) {
			state = append(state, "muted until "+until.Local().Format(time.DateTime))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", u.State.User, u.Signed.Local().Format(time.DateTime), strings.Join(state, ", "))
	}
	return table.Flush()
}

// readPassword reads a line that is not shown on a terminal.
func (env *environment) readPassword(prompt string) (string, error) {
	if file, ok := env.stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		fmt.Fprint(env.stderr, prompt)
		password, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(env.stderr)
		return string(password), err
	}
	var line strings.Builder
	b := make([]byte, 1)
	for line.Len() < 1024 {
		if n, err := env.stdin.Read(b); n == 0 && err != nil && line.Len() == 0 {
			return "", fmt.Errorf("a line with the password is expected: %w", err)
		} else if n == 0 || b[0] == '\n' {
			break
		}
		line.WriteByte(b[0])
	}
	return strings.TrimRight(line.String(), "\r"), nil
}
