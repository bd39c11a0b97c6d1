package transport_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// BenchmarkSession measures echoes against floors, in turn within one run: raw ping-pong for one
// caller, pipelined frames for many. x-floor is how many calls a second we make for
// each of the floor's; x-yielding the same for a floor that lets others run before each write.
func BenchmarkSession(b *testing.B) {
	for _, size := range []int{32, 1 << 10, 32 << 10} {
		for _, callers := range []int{1, 8, 64, 512} {
			if size > 32 && callers != 64 {
				continue
			}
			b.Run(fmt.Sprintf("%dB/%d", size, callers), func(b *testing.B) { compare(b, size, callers) })
		}
	}
}

// rounds is how often each of two is measured, in turn.
const rounds = 5

func compare(b *testing.B, size, callers int) {
	client, _ := pair(b)
	floors := map[string]func(n int){"x-floor": pingPong(b, size)}
	if callers > 1 {
		floors["x-floor"] = newPipeline(b, size, callers, false).run
		floors["x-yielding"] = newPipeline(b, size, callers, true).run
	}
	ours := func(n int) { echoCalls(b, client, size, callers, n) }
	ours(callers * 50)
	b.ReportAllocs()
	metrics := make(map[string][]float64)
	n := b.N/rounds + 1
	b.ResetTimer()
	for range rounds {
		took := timed(ours, n)
		metrics["calls/s"] = append(metrics["calls/s"], float64(n)/took.Seconds())
		b.StopTimer()
		for name, floor := range floors {
			metrics[name] = append(metrics[name], float64(timed(floor, n))/float64(took))
		}
		b.StartTimer()
	}
	b.StopTimer()
	for name, values := range metrics {
		slices.Sort(values)
		b.ReportMetric(values[rounds/2], name)
	}
}

func timed(do func(n int), n int) time.Duration {
	began := time.Now()
	do(n)
	return time.Since(began)
}

func echoCalls(b *testing.B, s *transport.Session, size, callers, n int) {
	var all sync.WaitGroup
	for range callers {
		all.Go(func() {
			request := transport.Request{Method: methodEcho, Params: make([]byte, size)}
			var response transport.Response
			for range (n + callers - 1) / callers {
				if err := s.Call(context.Background(), &request, &response); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

// pingPong writes and reads on one goroutine, and on another the other way round.
func pingPong(b *testing.B, size int) func(n int) {
	here, there := connect(b)
	b.Cleanup(func() { here.Close() })
	go func() { // ends with here
		defer there.Close()
		buf := make([]byte, size+8)
		for {
			if _, err := io.ReadFull(there, buf); err != nil {
				return
			}
			there.Write(buf)
		}
	}()
	buf := make([]byte, size+8)
	return func(n int) {
		for range n {
			here.Write(buf)
			io.ReadFull(here, buf)
		}
	}
}

// A pipeline is the least that a connection with many callers can do: frames of a length and a
// number, writers that share a buffer, a large reader, answers written on the reading goroutine.
type pipeline struct {
	conn    net.Conn
	size    int
	yields  bool // before each write, so that others append as well
	callers []chan struct{}

	mu         sync.Mutex
	out, spare []byte
	writing    bool
}

func newPipeline(b *testing.B, size, callers int, yields bool) *pipeline {
	here, there := connect(b)
	b.Cleanup(func() { here.Close() })
	p := &pipeline{conn: here, size: size, yields: yields}
	for range callers {
		p.callers = append(p.callers, make(chan struct{}, 1))
	}
	go echoFrames(there) // ends with here
	go frames(here, func(number uint32, _ []byte) { p.callers[number] <- struct{}{} }, func() {})
	return p
}

// frames reads frames until conn ends, and says when it has seen all that have come.
func frames(conn net.Conn, each func(number uint32, payload []byte), batch func()) {
	buf := make([]byte, 128<<10)
	filled := 0
	for {
		n, err := conn.Read(buf[filled:])
		if err != nil {
			return
		}
		filled += n
		b := buf[:filled]
		for len(b) >= 8 && len(b) >= 8+int(binary.BigEndian.Uint32(b)) {
			end := 8 + int(binary.BigEndian.Uint32(b))
			each(binary.BigEndian.Uint32(b[4:]), b[8:end])
			b = b[end:]
		}
		filled = copy(buf, b)
		batch()
	}
}

func echoFrames(conn net.Conn) {
	defer conn.Close()
	var out []byte
	frames(conn, func(number uint32, payload []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(payload)))
		out = binary.BigEndian.AppendUint32(out, number)
		out = append(out, payload...)
	}, func() {
		conn.Write(out)
		out = out[:0]
	})
}

func (p *pipeline) run(n int) {
	var all sync.WaitGroup
	for i, answered := range p.callers {
		all.Go(func() {
			payload := make([]byte, p.size)
			for range (n + len(p.callers) - 1) / len(p.callers) {
				p.send(uint32(i), payload)
				<-answered
			}
		})
	}
	all.Wait()
}

func (p *pipeline) send(number uint32, payload []byte) {
	p.mu.Lock()
	p.out = binary.BigEndian.AppendUint32(p.out, uint32(len(payload)))
	p.out = binary.BigEndian.AppendUint32(p.out, number)
	p.out = append(p.out, payload...)
	if p.writing {
		p.mu.Unlock()
		return
	}
	p.writing = true
	for len(p.out) > 0 {
		p.mu.Unlock()
		if p.yields {
			runtime.Gosched()
		}
		p.mu.Lock()
		out := p.out
		p.out = p.spare[:0]
		p.mu.Unlock()
		p.conn.Write(out)
		p.mu.Lock()
		p.spare = out
	}
	p.writing = false
	p.mu.Unlock()
}

// BenchmarkSessionStream receives items of 32 KiB.
func BenchmarkSessionStream(b *testing.B) {
	const size = 32 << 10
	here, there := connect(b)
	client, _ := pairOver(b, here, there, &transport.SessionConfig{Handler: func(in *transport.Incoming) {
		stream, item := in.Stream(), make([]byte, size)
		for stream.Send(item) == nil {
		}
	}})
	stream := open(b, client, methodCount)
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stream.Receive(); err != nil {
			b.Fatal(err)
		}
	}
}
