package runtime_test

import (
	"context"
	"log/slog"
	"net"
	goruntime "runtime"
	"testing"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) {
	slog.SetDefault(slog.New(slog.DiscardHandler)) // tests that read a log have one of their own
	runtimetest.Main(m)
}

// logTo is an option for a server whose log the test reads.
func logTo(log *runtimetest.Log) runtime.ServerOption {
	return runtime.WithLogger(log.Logger(slog.LevelInfo))
}

// serve lets server serve a port of the system's choice until the test ends, and returns its address.
func serve(t testing.TB, server *runtime.Server) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	return listener.Addr().String()
}

// serveBook serves a Guestbook, and returns its address.
func serveBook(t testing.TB, book Guestbook, options ...runtime.ServerOption) string {
	t.Helper()
	server := runtime.NewServer(options...)
	RegisterGuestbook(server, book)
	return serve(t, server)
}

// answering is an option for a client whose peer reads the request and then answers so,
// whatever the request was.
func answering(answer func(conn net.Conn)) runtime.ClassicOption {
	return runtime.WithDialer(func(context.Context, string, string) (net.Conn, error) {
		here, there := net.Pipe()
		go func() { // ends when the client closes its end
			defer there.Close()
			there.Read(make([]byte, 1<<17))
			answer(there)
		}()
		return here, nil
	})
}

// goexit is runtime.Goexit of Go's own package runtime.
func goexit() { goruntime.Goexit() }
