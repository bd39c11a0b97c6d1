package justchat_test

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"math"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	stdruntime "runtime"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// TestNeverAnswers has clients take a message and say nothing more: their sessions end, and nobody else
// waits for them.
func TestNeverAnswers(t *testing.T) {
	c := newCluster(t, 0, 0)
	c.addresses = []string{"127.0.0.1:1"}
	c.limits.Receive = time.Second
	c.startServer(t.TempDir())
	var ended sync.WaitGroup
	for n := range 10 {
		s := c.stranger(fmt.Sprint("Silent", n))
		s.answers(func(ctx context.Context, _ []clientapi.Delivery) error { <-ctx.Done(); return ctx.Err() })
		next := s.enters()
		ended.Go(func() {
			if _, err, _ := next(); err == nil || !strings.Contains(err.Error(), "does not take messages") {
				t.Errorf("got %v, want the session to end since the client takes nothing", err)
			}
		})
	}
	good := c.stranger("Elon")
	good.listens()
	good.enters()
	for n := range 20 {
		text := fmt.Sprint("message ", n)
		began := time.Now()
		if _, err := good.says(nil, good.message(text)); err != nil {
			t.Fatal(err)
		}
		good.hears(text)
		if took := time.Since(began); took > c.limits.Receive {
			t.Errorf("message %d took %v, so it waited for those that take none", n, took)
		}
	}
	ended.Wait()
	if got := c.servers[0].Stats().CutOff; got != 10 {
		t.Errorf("got %d clients cut off, want 10", got)
	}
}

// A deaf connection reads nothing more once its ears are shut.
type deaf struct {
	net.Conn
	shut <-chan struct{}
	over <-chan struct{}
}

func (d *deaf) Read(b []byte) (int, error) {
	select {
	case <-d.shut:
		<-d.over
		return 0, net.ErrClosed
	default:
		return d.Conn.Read(b)
	}
}

// TestNeverReads has a client read nothing more from its connection while a megabyte is said: its session is cut
// off, others get everything, and what the server holds for it is bounded.
func TestNeverReads(t *testing.T) {
	c := newCluster(t, 0, 0)
	c.addresses = []string{"127.0.0.1:1"}
	c.limits.Receive = 2 * time.Second
	c.startServer(t.TempDir())
	shut, over := make(chan struct{}), make(chan struct{})
	s := c.stranger("Deaf", runtime.WithDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			conn.(*net.TCPConn).SetReadBuffer(4 << 10)
			conn = &deaf{conn, shut, over}
		}
		return conn, err
	}))
	t.Cleanup(func() { close(over) })
	s.listens()
	s.enters()
	close(shut)
	good := c.stranger("Elon")
	good.listens()
	good.enters()
	before := memory()
	text := strings.Repeat("x", 16<<10)
	for range 400 {
		if _, err := good.says(nil, good.message(text)); err != nil {
			t.Fatal(err)
		}
		good.hears(text)
	}
	await(t, "the client to be cut off", func() bool { return c.servers[0].Stats().Clients == 1 })
	// 400 messages of 16 KiB are in the tail and among the server's own; a copy for the one that is deaf would be
	// as much again.
	if grown := int64(memory()) - int64(before); grown > 12<<20 {
		t.Errorf("the process has grown by %d KiB, want little more than 400 messages", grown>>10)
	}
}

// memory returns the bytes that are in use.
func memory() uint64 {
	debug.FreeOSMemory()
	var m stdruntime.MemStats
	stdruntime.ReadMemStats(&m)
	return m.HeapAlloc
}

// await waits for something that nobody tells.
func await(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestGarbage sends a server and a load balancer what is not TLS, and in TLS what is no frame, whole, half and never
// ending, a hundred times each. They go on.
func TestGarbage(t *testing.T) {
	c := newCluster(t, 1, 1)
	key, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	junk := make([]byte, 1<<12)
	rand.Read(junk)
	for _, address := range []string{c.addresses[0], c.servers[0].Address} {
		for _, garbage := range []string{"", "GET / HTTP/1.1\r\n\r\n", string(junk), "\x16\x03\x01\x40\x00", "PRLY", strings.Repeat("\xff", 9)} {
			for range 20 {
				bare, err := net.Dial("tcp", address)
				if err != nil {
					t.Fatal(err)
				}
				bare.Write([]byte(garbage))
				t.Cleanup(func() { bare.Close() }) // it stays, as long as it can
			}
			secure, err := tls.Dial("tcp", address, key.TLS(func(*identity.Authority) error { return nil }))
			if err != nil {
				t.Fatal(err)
			}
			secure.Write([]byte(garbage))
			t.Cleanup(func() { secure.Close() })
		}
	}
	elon, tony := c.join("Elon"), c.join("Tony")
	elon.say("hello")
	tony.hears("Elon: hello")
}

// TestFlood has one client make calls without end, hundreds at once: it is told to slow down, what it says beyond its
// measure is not taken, and others are heard.
func TestFlood(t *testing.T) {
	c := newCluster(t, 0, 0)
	c.addresses = []string{"127.0.0.1:1"}
	c.limits.Rate, c.limits.Burst = 20, 50
	c.startServer(t.TempDir())
	s := c.stranger("Loud")
	s.listens()
	s.enters()
	messages := make([]justchat.Message, 600)
	for i := range messages {
		messages[i] = s.message("noise")
	}
	began := time.Now()
	var flood sync.WaitGroup
	var mu sync.Mutex
	taken := 0
	for i := range messages {
		flood.Go(func() {
			_, err := s.says(nil, messages[i])
			var fast *justchat.TooFast
			switch {
			case err == nil:
				mu.Lock()
				taken++
				mu.Unlock()
			case !errors.As(err, &fast) || fast.Wait <= 0:
				t.Errorf("got %v, want *TooFast and how long to wait", err)
			}
		})
	}
	good := c.stranger("Elon")
	good.listens()
	good.enters()
	if _, err := good.says(nil, good.message("and still heard")); err != nil {
		t.Error(err)
	}
	flood.Wait()
	if most := 50 + int(20*time.Since(began).Seconds()) + 1; taken < 50 || taken > most {
		t.Errorf("got %d messages taken, want 50 to %d", taken, most)
	}
}

// TestHostileSeen tells a server that one has seen what nobody has: enormous numbers, of origins that exist and of
// thousands that do not. It costs the liar half a second for each message, and others nothing.
func TestHostileSeen(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon := c.join("Elon")
	elon.say("one")
	real := c.servers[0].log.Origin()
	hostile := map[string]uint64{real: math.MaxUint64, "": math.MaxUint64, "x.1": 1}
	for n := range 30_000 {
		hostile[fmt.Sprintf("%x.1", n)] = math.MaxUint64
	}
	s := c.stranger("Liar")
	s.listens()
	if _, err := s.presents(s.token(), s.key.Client, hostile); err != nil {
		t.Fatal(err)
	}
	if _, err := s.says(hostile, s.message("two")); err != nil {
		t.Fatal(err)
	}
	elon.hears("Liar: two")
	for _, server := range c.servers {
		records, err := server.log.Before(nil, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			for origin, number := range r.After {
				if number > 10 {
					t.Errorf("got a record after %d of %q, want none after what does not exist", number, origin)
				}
			}
		}
	}
	tooMuch := make(map[string]uint64, 100_000)
	for n := range 100_000 {
		tooMuch[fmt.Sprintf("%030d", n)] = 1
	}
	_, err := s.presents(s.token(), s.key.Client, tooMuch)
	wantCode(t, "a vector of 3 MB", err, runtime.CodeResourceExhausted)
	elon.say("three")
	s2 := c.stranger("Honest")
	s2.listens()
	s2.enters()
	if _, err := s2.says(nil, s2.message("four")); err != nil {
		t.Fatal(err)
	}
	elon.hears("Honest: four")
}

// TestHistoryAbuse asks for what nobody needs.
func TestHistoryAbuse(t *testing.T) {
	c := newCluster(t, 0, 1)
	s := c.stranger("Elon")
	_, err := s.api.History(t.Context(), nil, 10)
	wantCode(t, "history before ConnectionInit", err, runtime.CodeFailedPrecondition)
	s.listens()
	s.enters()
	for n := range 200 {
		if _, err := s.says(nil, s.message(fmt.Sprint(strings.Repeat("x", 15<<10), n))); err != nil {
			t.Fatal(err)
		}
	}
	for _, count := range []uint32{0, 1001, math.MaxUint32} {
		_, err := s.api.History(t.Context(), nil, count)
		wantCode(t, fmt.Sprint(count, " records"), err, runtime.CodeInvalidArgument)
		_, err = s.api.Search(t.Context(), []string{"x"}, count)
		wantCode(t, fmt.Sprint(count, " found"), err, runtime.CodeInvalidArgument)
	}
	for _, words := range [][]string{nil, make([]string, 17)} {
		_, err := s.api.Search(t.Context(), words, 1)
		wantCode(t, fmt.Sprint(len(words), " words"), err, runtime.CodeInvalidArgument)
	}
	page, err := s.api.History(t.Context(), nil, 1000) // 3 MB would be more than an answer has
	if err != nil || len(page) == 0 || !strings.HasSuffix(page[len(page)-1].Message.Text, "199") {
		t.Errorf("got %d records and %v, want the last ones", len(page), err)
	}
	for _, before := range []justchat.Record{{}, {Lamport: math.MaxUint64, Number: math.MaxUint64, Origin: strings.Repeat("x", 1<<10)}} {
		if _, err := s.api.History(t.Context(), &before, 10); err != nil {
			t.Errorf("before a record that does not exist: got %v, want none or some", err)
		}
	}
	var searches sync.WaitGroup
	ctx, stop := context.WithCancel(t.Context())
	for range 50 { // as many as one connection may have, about
		searches.Go(func() {
			for ctx.Err() == nil {
				_, _ = s.api.Search(ctx, []string{"not there", strings.Repeat("y", 1<<10)}, 1000)
			}
		})
	}
	other := c.stranger("Tony")
	other.listens()
	other.enters()
	began := time.Now()
	if _, err := other.says(nil, other.message("meanwhile")); err != nil {
		t.Error(err)
	}
	other.hears("meanwhile")
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("a message took %v while others search", took)
	}
	stop()
	searches.Wait()
}
