//go:build !race

// The race detector keeps memory of its own beside what is measured here.

package runtime_test

import (
	"context"
	"io"
	"net"
	goruntime "runtime"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/codec"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// idleCalls is how many calls a connection has carried before it is idle.
const idleCalls = 20

// idleSides open connections of which one side is ours, and the other a bare socket.
var idleSides = map[string]func(t testing.TB) (connect func()){
	"server": idleServer,
	"client": idleClient,
}

// BenchmarkIdle measures what an idle connection costs in heap and stacks on either side, its
// socket included.
func BenchmarkIdle(b *testing.B) {
	for side, open := range idleSides {
		b.Run(side, func(b *testing.B) {
			for b.Loop() {
				b.ReportMetric(idleCost(b, 1000, open, 0, time.Second), "B/connection")
			}
		})
	}
}

// TestIdle bounds what an idle connection costs. The benchmark tells what it is.
func TestIdle(t *testing.T) {
	for side, most := range map[string]float64{"server": 7 << 10, "client": 7 << 10} {
		if got := idleCost(t, 500, idleSides[side], most, 10*time.Second); got > most {
			t.Errorf("%s: an idle connection costs %.0f bytes, want at most %.0f", side, got, most)
		}
	}
}

// idleCost returns what each of n connections costs that open's function makes, without the
// bare socket at the other end. A connection gives things up once it is idle for a while: so
// the cost is taken again until it is at most enough, or patience is over.
func idleCost(t testing.TB, n int, open func(t testing.TB) (connect func()), enough float64, patience time.Duration) (cost float64) {
	t.Helper()
	before := inUse()
	sockets := bareSockets(t, n)
	socket := float64(inUse()-before) / float64(2*n)
	for _, conn := range sockets {
		conn.Close()
	}
	connect := open(t)
	connect() // with which comes what all share
	before = inUse()
	for range n {
		connect()
	}
	for began := time.Now(); time.Since(began) < patience; {
		cost = float64(inUse()-before)/float64(n) - socket
		if cost <= enough {
			break
		}
	}
	return cost
}

// inUse returns how many bytes of heap and stacks are in use.
func inUse() int64 {
	for range 4 { // pools empty and stacks shrink over several collections
		goruntime.GC()
	}
	var stats goruntime.MemStats
	goruntime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc + stats.StackInuse)
}

// bareSockets returns both ends of n connections.
func bareSockets(t testing.TB, n int) (sockets []net.Conn) {
	t.Helper()
	listener := listen(t)
	for range n {
		dialled, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		accepted, err := listener.Accept()
		if err != nil {
			t.Fatal(err)
		}
		sockets = append(sockets, dialled, accepted)
	}
	return sockets
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	return listener
}

// keeper returns a function whose arguments are closed when the test ends.
func keeper(t testing.TB) func(io.Closer) {
	kept := make([]io.Closer, 0, 1<<12)
	t.Cleanup(func() {
		for _, c := range kept {
			c.Close()
		}
	})
	return func(c io.Closer) { kept = append(kept, c) }
}

// idleServer serves, and returns what calls it from a bare socket.
func idleServer(t testing.TB) (connect func()) {
	address := serveBook(t, Book{sign: func(context.Context, string, string) (uint16, error) { return 7, nil }})
	params := codec.WriteString(codec.WriteString(nil, "alice"), "hello")
	keep := keeper(t)
	return func() {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		keep(conn)
		conn.Write(frame.AppendHello([]byte(frame.Preface), frame.Floors))
		awaitFrame(t, conn, frame.Hello)
		for i := range idleCalls {
			m := frame.NewCall(guestbookMethods.Sign.Type, 0, nil, params)
			conn.Write(m.AppendFrame(nil, uint32(2*i+1)))
			awaitFrame(t, conn, frame.Reply)
		}
	}
}

// idleClient returns what dials with a client of its own, and answers from a bare socket.
func idleClient(t testing.TB) (connect func()) {
	listener, keep := listen(t), keeper(t)
	return func() {
		client := runtime.Dial(listener.Addr().String())
		keep(client)
		answered := make(chan net.Conn)
		go func() { // ends with the calls
			conn, _ := listener.Accept()
			conn.Write(frame.AppendHello(nil, frame.Floors))
			io.ReadFull(conn, make([]byte, len(frame.Preface)))
			awaitFrame(t, conn, frame.Hello)
			for range idleCalls {
				number := awaitFrame(t, conn, frame.Call)
				m := frame.Message{Kind: frame.Reply, Body: []byte{0, 7}}
				conn.Write(m.AppendFrame(nil, number))
			}
			answered <- conn
		}()
		for range idleCalls {
			if _, err := NewGuestbookClient(client).Sign(t.Context(), "alice", "hello"); err != nil {
				t.Fatal(err)
			}
		}
		keep(<-answered)
	}
}

// awaitFrame reads a frame of that kind, and returns its call.
func awaitFrame(t testing.TB, conn net.Conn, kind frame.Kind) (call uint32) {
	head := make([]byte, frame.HeaderSize)
	if _, err := io.ReadFull(conn, head); err != nil {
		t.Errorf("got %v, want %s", err, kind)
		return 0
	}
	h := frame.ParseHeader(head)
	if h.Kind != kind {
		t.Errorf("got %s, want %s", h.Kind, kind)
	}
	io.ReadFull(conn, make([]byte, h.Size))
	return h.Call
}
