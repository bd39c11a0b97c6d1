package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

const help = `
  %[1]s 3410                 serve on port 3410; port 0 picks a free one
  %[1]s example.org:3410 al  log in at that server as al
  %[1]s :3410 al             log in at this computer's server as al
  %[1]s -session :3410 al    the same over one connection, on which messages come
                             at once; it is made again when it breaks

A server takes both kinds of client. Those without -session speak the classic
protocol: a connection for each call, and one every second to ask for messages.

Once you are logged in, type help for the commands. Input that is not a
terminal is read line by line, without prompts, to its end.
`

// run is the program: args as main gets them. Its errors are what main logs
// before it exits with 1, wrong usage too, as the classic binary does.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	switch {
	case len(args) == 2 && (args[1] == "-h" || args[1] == "--help"):
		fmt.Fprintf(stdout, "%s\n", usage(args))
		fmt.Fprintf(stdout, help, args[0])
		return nil
	case len(args) == 2 && !strings.HasPrefix(args[1], "-"):
		return serve(ctx, args[1], stderr)
	case len(args) == 3 && !isSession(args[1]):
		return join(ctx, args[1], strings.TrimSpace(args[2]), false, stdin, stdout)
	case len(args) == 4 && isSession(args[1]):
		return join(ctx, args[2], strings.TrimSpace(args[3]), true, stdin, stdout)
	}
	return errors.New(usage(args))
}

func isSession(arg string) bool { return arg == "-session" || arg == "--session" }

func usage(args []string) string {
	return fmt.Sprintf("Usage: %[1]s <port> OR %[1]s [-session] <server> <user>", args[0])
}
