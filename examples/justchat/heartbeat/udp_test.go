package heartbeat

import (
	"fmt"
	"net"
	"testing"
	"time"
)

// listen returns a real socket.
func listen(t testing.TB) net.PacketConn {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// TestUDP: over real sockets, one that goes is found out, and one that comes at its address is too.
func TestUDP(t *testing.T) {
	verdicts := make(chan bool, 100)
	a := New(listen(t), Config{Key: key, Verdict: func(_ string, alive bool) { verdicts <- alive }})
	defer a.Close()
	answered := make(chan struct{}, 1000)
	b := New(listen(t), Config{Key: key, State: func() State { answered <- struct{}{}; return State{Clients: 3} }})
	address := b.conn.LocalAddr().String()
	a.Watch("b", address)
	for range 3 {
		<-answered
	}
	start := time.Now()
	b.Close()
	if alive := <-verdicts; alive {
		t.Error("got alive, want dead")
	}
	t.Log("verdict after", time.Since(start))
	if status, _ := a.Status("b"); status.Alive || status.State.Clients != 3 || status.RoundTrip <= 0 {
		t.Errorf("got %+v, want a dead node that had 3 clients", status)
	}
	conn, err := net.ListenPacket("udp", address)
	if err != nil {
		t.Skip("the port was taken by another: ", err)
	}
	b = New(conn, Config{Key: key})
	defer b.Close()
	if alive := <-verdicts; !alive {
		t.Error("got dead, want alive")
	}
}

// BenchmarkMonitor's op is a round of 100 nodes that answer, all in this process: 20 ms,
// of which this takes cpu-ms.
func BenchmarkMonitor(b *testing.B) {
	answered := make(chan struct{}, 10_000)
	others := New(listen(b), Config{Key: key, State: func() State { answered <- struct{}{}; return State{} }})
	defer others.Close()
	m := New(listen(b), Config{Key: key})
	defer m.Close()
	const nodes = 100
	for i := range nodes {
		m.Watch(fmt.Sprint(i), others.conn.LocalAddr().String())
	}
	before := processorTime()
	b.ReportAllocs()
	for b.Loop() {
		for range nodes {
			<-answered
		}
	}
	b.ReportMetric(float64((processorTime()-before).Microseconds())/1000/float64(b.N), "cpu-ms/op")
}
