package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os/signal"
	"syscall"

	"github.com/parley-rpc/parley/examples/rpcchat"
)

// serve is the server: it returns after a Shutdown call, or when ctx ends.
func serve(ctx context.Context, port string, stderr io.Writer) error {
	if _, err := net.DefaultResolver.LookupPort(ctx, "tcp", port); err != nil || port == "" {
		return fmt.Errorf("%q is not a port; give a number from 0 to 65535, such as 3410", port)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("", port))
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGPIPE) // a reader of the log who leaves does not end the chat
	room := rpcchat.NewRoom()
	room.Log = slog.New(newLineHandler(stderr))
	room.Log.Info("listening on " + listener.Addr().String())
	return rpcchat.Serve(ctx, listener, room)
}
