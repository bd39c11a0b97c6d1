package rpcchat

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// shutdownGrace is how long calls that are under way may take to end.
const shutdownGrace = 5 * time.Second

// Serve lets room answer the calls that reach listener, in the classic form and
// over sessions, until somebody calls Shutdown or ctx ends; both are a nil error.
// It then closes listener, ends every Watch, and returns when the calls under way
// have ended, after five seconds at most.
func Serve(ctx context.Context, listener net.Listener, room *Room) error {
	server := runtime.NewServer(runtime.WithLogger(room.Log))
	rpcchat.RegisterChat(server, room)
	rpcchat.RegisterFeed(server, room)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // Shutdown ends it, and we wait for it
	select {
	case err := <-served:
		return err
	case <-room.ShutdownRequested():
		room.Log.Info("shutting down: a client asked for it")
	case <-ctx.Done():
		room.Log.Info("shutting down", "cause", context.Cause(ctx))
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownGrace)
	defer cancel()
	err := server.Shutdown(grace)
	<-served
	if errors.Is(err, context.DeadlineExceeded) {
		room.Log.Warn("calls were cut off", "after", shutdownGrace)
		return nil
	}
	return err
}
