package main

import (
	"context"
	"errors"
	"io"
	"os/signal"
	"strings"
	"syscall"

	"github.com/parley-rpc/parley/examples/rpcchat/client"
	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// join is the client: it returns when the user has left. An address without a
// host means this computer.
func join(ctx context.Context, server, user string, stdin io.Reader, stdout io.Writer) error {
	if user == "" {
		return errors.New("empty user name")
	}
	signal.Ignore(syscall.SIGPIPE) // a reader of stdout who leaves does not kill us: log out first
	if strings.HasPrefix(server, ":") {
		server = "localhost" + server
	}
	c := client.Client{
		Chat:   rpcchat.NewChatClient(runtime.Classic(server)),
		User:   user,
		Stdin:  stdin,
		Stdout: stdout,
	}
	return c.Run(ctx)
}
