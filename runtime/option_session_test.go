package runtime_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// TestSessionLimits reads from a server's HELLO, and a client's, what they accept.
func TestSessionLimits(t *testing.T) {
	const kib, mib = 1 << 10, 1 << 20
	defaults := frame.Limits{Message: 4 * mib, Window: 256 * kib, Calls: 1024, Assembly: 8 * mib, Keepalive: 30 * time.Second}
	all := func(bytes, calls int, keepalive time.Duration) []runtime.SessionOption {
		return []runtime.SessionOption{runtime.WithMaxMessage(bytes), runtime.WithMaxAssembly(2 * bytes), runtime.WithStreamWindow(bytes),
			runtime.WithMaxCalls(calls), runtime.WithKeepalive(keepalive)}
	}
	tests := []struct {
		name    string
		options []runtime.SessionOption
		want    frame.Limits
	}{
		{"none", nil, defaults},
		{"zero", all(0, 0, 0), defaults},
		{"negative", all(-1, -1, -1), frame.Limits{Message: 4 * mib, Window: 256 * kib, Calls: 1024, Assembly: 8 * mib}},
		{"least", all(1, 1, time.Millisecond), frame.Limits{Message: mib, Window: 64 * kib, Calls: 64, Assembly: mib, Keepalive: time.Millisecond}},
		{"more", all(16*mib, 5000, time.Minute),
			frame.Limits{Message: 16 * mib, Window: 16 * mib, Calls: 5000, Assembly: 32 * mib, Keepalive: time.Minute}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := serverLimits(t, test.options); got != test.want {
				t.Errorf("server: got %+v, want %+v", got, test.want)
			}
			if got := clientLimits(t, test.options); got != test.want {
				t.Errorf("client: got %+v, want %+v", got, test.want)
			}
		})
	}
}

func serverLimits(t *testing.T, options []runtime.SessionOption) frame.Limits {
	var forServer []runtime.ServerOption
	for _, option := range options {
		forServer = append(forServer, option)
	}
	conn, err := net.Dial("tcp", serveBook(t, Book{}, forServer...))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(frame.AppendHello([]byte(frame.Preface), frame.Floors))
	return readLimits(t, conn)
}

func clientLimits(t *testing.T, options []runtime.SessionOption) frame.Limits {
	here, there := net.Pipe()
	forClient := []runtime.ClientOption{runtime.WithDialer(func(context.Context, string, string) (net.Conn, error) { return here, nil })}
	for _, option := range options {
		forClient = append(forClient, option)
	}
	client := dial(t, "there:1", forClient...)
	connected := make(chan error, 1)
	go func() { connected <- client.Connect(t.Context()) }()
	defer func() { there.Close(); client.Close(); <-connected }()
	if _, err := io.ReadFull(there, make([]byte, len(frame.Preface))); err != nil {
		t.Fatal(err)
	}
	return readLimits(t, there)
}

// readLimits reads a HELLO.
func readLimits(t *testing.T, conn net.Conn) frame.Limits {
	hello := make([]byte, len(frame.AppendHello(nil, frame.Floors)))
	if _, err := io.ReadFull(conn, hello); err != nil {
		t.Fatal(err)
	}
	limits, err := frame.ParseHello(hello[frame.HeaderSize:])
	if err != nil {
		t.Fatal(err)
	}
	return limits
}

// TestMaxMessage sends one that is too large, and one that only these options allow.
func TestMaxMessage(t *testing.T) {
	write := Diary{write: func(_ context.Context, text string) (uint16, error) { return uint16(len(text) >> 10), nil }}
	client := dialDiary(t, write, runtime.WithMaxMessage(1<<20))
	_, err := client.Write(t.Context(), strings.Repeat("x", 3<<20))
	failure{"example.Diary.Write: message of 3145740 bytes, the peer accepts at most 1048576", runtime.CodeResourceExhausted, false, false}.check(t, err)
	client = dialDiary(t, write, runtime.WithMaxMessage(8<<20))
	if got, err := client.Write(t.Context(), strings.Repeat("x", 6<<20)); got != 6<<10 || err != nil {
		t.Errorf("got %d KiB, %v, want %d", got, err, 6<<10)
	}
}

// inMemory lets server and a client meet in a network in memory, until stop is called. It is for
// bubbles of synctest, where serve and dial would end too late.
func inMemory(t *testing.T, server *runtime.Server, options ...runtime.ClientOption) (
	client *runtime.Client, network *runtimetest.Network, stop func()) {
	t.Helper()
	network = new(runtimetest.Network)
	listener, err := network.Listen("there:1")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client = runtime.Dial("there:1", append(options, runtime.WithDialer(network.Dial))...)
	return client, network, func() {
		client.Close()
		server.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	}
}

// TestMaxCalls makes more calls than the server answers at once: the others wait at the client.
func TestMaxCalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var running atomic.Int32
		release := make(chan bool)
		server := runtime.NewServer(runtime.WithMaxCalls(70))
		RegisterDiary(server, Diary{write: func(context.Context, string) (uint16, error) {
			running.Add(1)
			<-release
			return 1, nil
		}})
		client, _, stop := inMemory(t, server, runtime.WithTimeout(time.Hour))
		defer stop()
		if err := client.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() {
				if _, err := NewDiaryClient(client).Write(t.Context(), ""); err != nil {
					t.Error(err)
				}
			})
		}
		time.Sleep(time.Second)
		synctest.Wait()
		if got := running.Load(); got != 70 {
			t.Errorf("got %d calls that run, want 70", got)
		}
		close(release)
		calls.Wait()
	})
}

// TestStreamWindow does not take what comes: the sender gets as far as the window.
func TestStreamWindow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int32
		server := runtime.NewServer()
		RegisterDiary(server, Diary{follow: func(context.Context, uint16) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for yield(strings.Repeat("x", 1000), nil) {
					sent.Add(1)
				}
			}
		}})
		client, _, stop := inMemory(t, server, runtime.WithStreamWindow(100_000))
		defer stop()
		if err := client.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range NewDiaryClient(client).Follow(t.Context(), 1) {
			time.Sleep(time.Second)
			synctest.Wait()
			if got := sent.Load(); got < 90 || got > 110 {
				t.Errorf("got %d items of 1,000 bytes on their way, want about 100", got)
			}
			break
		}
	})
}

// TestKeepalive loses the peer without a word: the call that waits for it fails, in the time that was set.
func TestKeepalive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered := make(chan bool)
		server := runtime.NewServer(runtime.WithKeepalive(-1))
		RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
			entered <- true
			<-ctx.Done()
			return 0, ctx.Err()
		}})
		client, network, stop := inMemory(t, server, runtime.WithKeepalive(time.Second), runtime.WithTimeout(time.Hour))
		defer stop()
		called := make(chan error, 1)
		go func() {
			_, err := NewDiaryClient(client).Write(t.Context(), "dear diary")
			called <- err
		}()
		<-entered
		time.Sleep(time.Minute) // alive
		began := time.Now()
		network.Links()[0].Hold()
		err := <-called
		var e *runtime.Error
		if took := time.Since(began); !errors.As(err, &e) || !e.Broken() || took > 4*time.Second {
			t.Errorf("got %v after %v, want a broken line within 4s", err, took)
		}
	})
}
