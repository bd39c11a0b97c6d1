package rpcchat

import (
	"context"
	"log/slog"
	"net"
	"testing"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// running is a server on a port of this computer.
type running struct {
	*Room
	address string
	logs    *runtimetest.Log
	served  chan error // gets Serve's result
	stop    context.CancelFunc
}

// startServer serves a new room on a listener that wrap may change, until the test ends.
func startServer(t *testing.T, wrap func(net.Listener) net.Listener) *running {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	s := &running{NewRoom(), listener.Addr().String(), new(runtimetest.Log), make(chan error, 1), stop}
	s.Log = s.logs.Logger(slog.LevelInfo)
	if wrap != nil {
		listener = wrap(listener)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.served <- Serve(ctx, listener, s.Room)
	}()
	t.Cleanup(func() { stop(); <-ended })
	return s
}

// client returns a stub that calls the server over the network.
func (s *running) client() rpcchat.Chat { return rpcchat.NewChatClient(runtime.Classic(s.address)) }
