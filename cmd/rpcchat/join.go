package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"

	"github.com/parley-rpc/parley/examples/rpcchat/client"
	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// join is the client: it returns when the user has left. An address without a
// host means this computer. A session client shares one connection among its
// calls, and has its messages brought.
func join(ctx context.Context, server, user string, session bool, stdin io.Reader, stdout io.Writer) error {
	if user == "" {
		return errors.New("empty user name")
	}
	signal.Ignore(syscall.SIGPIPE) // a reader of stdout who leaves does not kill us: log out first
	if strings.HasPrefix(server, ":") {
		server = "localhost" + server
	}
	c := client.Client{User: user, Stdin: stdin, Stdout: stdout}
	if session {
		line := runtime.Dial(server, runtime.WithLogger(slog.New(slog.DiscardHandler))) // a log would tear the typed line
		defer line.Close()
		c.Chat, c.Feed = rpcchat.NewChatClient(line), rpcchat.NewFeedClient(line)
	} else {
		c.Chat = rpcchat.NewChatClient(runtime.Classic(server))
	}
	return c.Run(ctx)
}
