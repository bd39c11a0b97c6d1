package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
)

// A command is one of the words that may follow justchat.
type command struct {
	name    string // with its arguments, as its help shows them
	short   string // in the list of commands
	help    string // what it does and an example
	prepare func(*flag.FlagSet) func(context.Context, *environment) error
}

// An environment is what a command works in.
type environment struct {
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// commands are in the order of the list.
var commands = []*command{
	upCommand, initCommand, loadBalancerCommand, serverCommand, clientCommand, registryCommand, statusCommand, usersCommand, filesCommand, shivizCommand,
}

// A usageError is one of the command line: exit code 2.
type usageError struct{ error }

// usage says what is wrong with the command line.
func usage(format string, a ...any) error { return usageError{fmt.Errorf(format, a...)} }

// run is main, with all that it touches as parameters. It returns the exit code: 0 fine, 1 it went wrong,
// 2 the command line did.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" || args[0] == "help" {
		list(stdout)
		return 0
	}
	for _, c := range commands {
		if word, _, _ := strings.Cut(c.name, " "); word == args[0] {
			return c.run(ctx, &environment{args[1:], stdin, stdout, stderr})
		}
	}
	fmt.Fprintf(stderr, "justchat: there is no command %q; justchat -h lists them\n", args[0])
	return 2
}

func list(w io.Writer) {
	fmt.Fprint(w, "JustChat is a chat room in the terminal that goes on when nodes die.\n\nusage: justchat COMMAND [FLAG …] [ARGUMENT …]\n\n")
	for _, c := range commands {
		word, _, _ := strings.Cut(c.name, " ")
		fmt.Fprintf(w, "  %-13s %s\n", word, c.short)
	}
	fmt.Fprint(w, "\njustchat COMMAND -h says more. To try it: justchat up\n")
}

func (c *command) run(ctx context.Context, env *environment) int {
	word, _, _ := strings.Cut(c.name, " ")
	flags := flag.NewFlagSet(word, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	do := c.prepare(flags)
	err := flags.Parse(env.args)
	if errors.Is(err, flag.ErrHelp) {
		c.usage(env.stdout, flags)
		return 0
	}
	if err != nil {
		err = usageError{err}
	} else {
		env.args = flags.Args()
		err = do(ctx, env)
	}
	if err == nil {
		return 0
	}
	if text := err.Error(); text != "" {
		fmt.Fprintf(env.stderr, "justchat %s: %s\n", word, text)
	}
	if u := (usageError{}); errors.As(err, &u) {
		fmt.Fprintf(env.stderr, "justchat %s -h shows its flags and an example\n", word)
		return 2
	}
	return 1
}

func (c *command) usage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprintf(w, "usage: justchat %s\n\n%s\n", c.name, strings.TrimSpace(c.help))
	any := false
	flags.VisitAll(func(*flag.Flag) { any = true })
	if any {
		fmt.Fprint(w, "\nflags:\n")
		flags.SetOutput(w)
		flags.PrintDefaults()
	}
}
