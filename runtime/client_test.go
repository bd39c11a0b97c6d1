package runtime_test

import (
	"context"
	"errors"
	"io"
	"net"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/classic"
)

// TestDialRefused has nobody listen: the error is the system's.
func TestDialRefused(t *testing.T) {
	_, err := NewDiaryClient(dial(t, "127.0.0.1:1")).Write(t.Context(), "dear diary")
	failure{"example.Diary.Write: the call was not run: dial tcp 127.0.0.1:1: connect: connection refused",
		runtime.CodeUnavailable, false, true}.check(t, err)
	for _, err := range NewDiaryClient(dial(t, "127.0.0.1:1")).Follow(t.Context(), 1) {
		failure{"example.Diary.Follow: the call was not run: dial tcp 127.0.0.1:1: connect: connection refused",
			runtime.CodeUnavailable, false, true}.check(t, err)
	}
}

// TestDialLate has the time end while the client waits for its next attempt to connect: the error still says
// what the system said.
func TestDialLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refuse := func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no route") }
		client := runtime.Dial("there:1", runtime.WithDialer(refuse), runtime.WithTimeout(10*time.Millisecond))
		defer client.Close()
		_, err := NewDiaryClient(client).Write(t.Context(), "dear diary")
		failure{"example.Diary.Write: context deadline exceeded, while waiting to try again after: no route",
			runtime.CodeDeadlineExceeded, false, false}.check(t, err)
	})
}

// TestDialStalls has a dialer that hangs.
func TestDialStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() }
		client := runtime.Dial("there:1", runtime.WithDialer(hang))
		defer client.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := NewDiaryClient(client).Write(ctx, "dear diary")
		failure{"example.Diary.Write: no connection to there:1 yet: context deadline exceeded",
			runtime.CodeDeadlineExceeded, false, false}.check(t, err)
	})
}

// TestDialPauses counts the attempts to connect to a server that is down for a minute.
func TestDialPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dials := 0
		refuse := func(context.Context, string, string) (net.Conn, error) { dials++; return nil, errors.New("refused") }
		client := runtime.Dial("there:1", runtime.WithDialer(refuse))
		defer client.Close()
		for began := time.Now(); time.Since(began) < time.Minute; {
			if err := client.Connect(t.Context()); runtime.CodeOf(err) != runtime.CodeUnavailable {
				t.Fatalf("Connect: got %v, want unavailable", err)
			}
		}
		if dials < 30 || dials > 75 { // a second or two apart, but for the first few
			t.Errorf("got %d attempts, want 30 to 75", dials)
		}
	})
}

// TestDialFailover lists an address at which nobody listens before and after the one that is.
func TestDialFailover(t *testing.T) {
	address := serveBook(t, Book{list: func(context.Context) ([]string, error) { return []string{"x"}, nil }})
	for _, addresses := range []string{"127.0.0.1:1, " + address, address + ",127.0.0.1:1"} {
		entries, err := NewGuestbookClient(dial(t, addresses)).List(t.Context())
		if err != nil || !slices.Equal(entries, []string{"x"}) {
			t.Errorf("%s: got %q, %v, want an answer", addresses, entries, err)
		}
	}
	err := dial(t, "127.0.0.1:1,127.0.0.1:2").Connect(t.Context())
	want := "dial tcp 127.0.0.1:1: connect: connection refused; dial tcp 127.0.0.1:2: connect: connection refused"
	if err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("got error %v, want it to end in %q", err, want)
	}
}

// TestDialOnce has many goroutines make the first call: they share one connection.
func TestDialOnce(t *testing.T) {
	address := serveBook(t, Book{list: func(context.Context) ([]string, error) { return nil, nil }})
	var dials atomic.Int32
	client := NewGuestbookClient(dial(t, address, runtime.WithDialer(
		func(ctx context.Context, network, address string) (net.Conn, error) {
			dials.Add(1)
			return new(net.Dialer).DialContext(ctx, network, address)
		})))
	var calls sync.WaitGroup
	for range 64 {
		calls.Go(func() {
			if _, err := client.List(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	calls.Wait()
	if got := dials.Load(); got != 1 {
		t.Errorf("got %d connections, want 1", got)
	}
}

// TestDialClassicOnly has a server that knows no sessions.
func TestDialClassicOnly(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := classic.Server{Handler: func(_ context.Context, x *classic.Exchange) {
		x.Reply = codec.WriteString(x.Reply, x.Fault.Error())
	}}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	defer func() { server.Close(); <-served }()

	_, err = NewDiaryClient(dial(t, listener.Addr().String())).Page(t.Context(), 1)
	if runtime.CodeOf(err) != runtime.CodeUnimplemented || !strings.Contains(err.Error(), "the peer speaks only the classic form") {
		t.Errorf("got error %v, want that the peer speaks only the classic form", err)
	}
}

func TestClientClosed(t *testing.T) {
	client := dial(t, serveBook(t, Book{list: func(context.Context) ([]string, error) { return nil, nil }}))
	if err := client.Connect(t.Context()); err != nil {
		t.Fatal(err)
	}
	client.Close()
	_, err := NewGuestbookClient(client).List(t.Context())
	failure{"example.Guestbook.List: the client is closed", runtime.CodeCanceled, false, false}.check(t, err)
}

// breaking returns a client whose first n connections break as soon as a call was read.
func breaking(t *testing.T, address string, n int32, options ...runtime.ClientOption) *runtime.Client {
	return dial(t, address, append(options, runtime.WithDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if n--; n >= 0 && err == nil {
			conn = &deaf{Conn: conn}
		}
		return conn, err
	}))...)
}

// A deaf is a connection that ends in place of the first REPLY.
type deaf struct{ net.Conn }

func (d *deaf) Read(b []byte) (int, error) {
	n, err := d.Conn.Read(b)
	if n > 43 || n > 2 && b[2] != 1 { // not HELLO alone
		d.Close()
		return 0, io.ErrUnexpectedEOF
	}
	return n, err
}

// TestIdempotent breaks the line after the server has answered.
func TestIdempotent(t *testing.T) {
	var pages, writes atomic.Int32
	server := runtime.NewServer()
	RegisterDiary(server, Diary{
		page:  func(context.Context, uint16) (string, error) { pages.Add(1); return "dear diary", nil },
		write: func(context.Context, string) (uint16, error) { writes.Add(1); return 1, nil },
	})
	address := serve(t, server)
	if text, err := NewDiaryClient(breaking(t, address, 2)).Page(t.Context(), 1); text != "dear diary" || err != nil {
		t.Errorf("got %q, %v, want the answer to the third try", text, err)
	}
	var e *runtime.Error
	if _, err := NewDiaryClient(breaking(t, address, 3)).Page(t.Context(), 1); !errors.As(err, &e) || !e.Broken() {
		t.Errorf("got %v, want a broken line after the third try", err)
	}
	if got := pages.Load(); got != 6 {
		t.Errorf("the idempotent method ran %d times, want 6", got)
	}
	if _, err := NewDiaryClient(breaking(t, address, 1)).Write(t.Context(), ""); !errors.As(err, &e) || !e.Broken() {
		t.Errorf("got %v, want a broken line", err)
	}
	if got := writes.Load(); got != 1 {
		t.Errorf("the other method ran %d times, want 1", got)
	}
}

// TestGoAway shuts a server down while calls keep coming: those that it did not run are
// made at the other one.
func TestGoAway(t *testing.T) {
	var servers [2]*runtime.Server
	var addresses []string
	for i := range servers {
		servers[i] = runtime.NewServer()
		RegisterDiary(servers[i], Diary{write: func(context.Context, string) (uint16, error) { return 1, nil }})
		addresses = append(addresses, serve(t, servers[i]))
	}
	client := NewDiaryClient(dial(t, strings.Join(addresses, ",")))
	var calls sync.WaitGroup
	halfway := make(chan bool, 64)
	for range 64 {
		calls.Go(func() {
			for i := range 50 {
				if i == 25 {
					halfway <- true
				}
				if _, err := client.Write(t.Context(), "dear diary"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	<-halfway
	if err := servers[0].Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	calls.Wait()
}

// TestServerKilled closes the server in the middle of 512 calls. Each ends, and the client
// connects to the next server on the same port.
func TestServerKilled(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	entered := make(chan bool, 512)
	start := func(listener net.Listener) (*runtime.Server, chan error) {
		server := runtime.NewServer()
		RegisterDiary(server, Diary{
			write: func(ctx context.Context, text string) (uint16, error) {
				entered <- true
				if text == "answer" {
					return 1, nil
				}
				<-ctx.Done()
				return 0, ctx.Err()
			},
		})
		served := make(chan error, 1)
		go func() { served <- server.Serve(listener) }()
		return server, served
	}
	server, served := start(listener)
	client := NewDiaryClient(dial(t, address))
	ended := make(chan error, 512)
	for i := range 512 {
		go func() {
			text := "wait"
			if i%2 == 0 {
				text = "answer"
			}
			_, err := client.Write(t.Context(), text)
			ended <- err
		}()
	}
	for range 300 {
		<-entered
	}
	server.Close()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	var e *runtime.Error
	for range 512 {
		if err := <-ended; err != nil && (!errors.As(err, &e) || !e.Broken()) {
			t.Errorf("got %v, want an answer or a broken line", err)
		}
	}

	if listener, err = net.Listen("tcp", address); err != nil {
		t.Fatal(err)
	}
	server, served = start(listener)
	defer func() { server.Close(); <-served }()
	if _, err := client.Write(t.Context(), "answer"); err != nil {
		t.Errorf("with the next server: %v", err)
	}
}

// TestDialerExits has the first dialling end its goroutine, as t.Fatal does: another is made.
func TestDialerExits(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	var dials atomic.Int32
	client := dial(t, serve(t, server), runtime.WithDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		if dials.Add(1) == 1 {
			goruntime.Goexit()
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	}))
	if _, err := NewDiaryClient(client).Write(t.Context(), "dear diary"); err != nil || dials.Load() != 2 {
		t.Errorf("got %v after %d dials, want an answer after 2", err, dials.Load())
	}
}
