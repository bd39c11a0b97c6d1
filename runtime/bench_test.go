package runtime_test

import (
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// BenchmarkClassic measures a classic call through stub, client, server, and handler
// against the least that could carry its bytes: dial, write, read, and close, with a
// server that accepts, reads, writes, and closes. The two alternate, so that both meet the
// same machine; x-floor is the ratio of their times.
//
// With one caller the bare server is a single loop, the least there is. With eight it
// has a goroutine for each connection.
func BenchmarkClassic(b *testing.B) {
	b.Run("callers=1", func(b *testing.B) {
		call, bare := contestants(b, func(handle func()) { handle() })
		var callTime, bareTime time.Duration
		for b.Loop() {
			callTime += timed(b, call)
			bareTime += timed(b, bare)
		}
		report(b, callTime, bareTime, b.N)
		b.ReportMetric(testing.AllocsPerRun(1000, func() { call() }), "call-allocs")
		b.ReportMetric(testing.AllocsPerRun(1000, func() { bare() }), "bare-allocs")
	})
	b.Run("callers=8", func(b *testing.B) {
		const callers, each = 8, 100
		call, bare := contestants(b, func(handle func()) { go handle() })
		var callTime, bareTime time.Duration
		for b.Loop() {
			callTime += timed(b, func() error { return together(callers, each, call) })
			bareTime += timed(b, func() error { return together(callers, each, bare) })
		}
		report(b, callTime, bareTime, b.N*callers*each)
	})
}

func report(b *testing.B, callTime, bareTime time.Duration, calls int) {
	b.ReportMetric(float64(callTime)/float64(bareTime), "x-floor")
	b.ReportMetric(float64(callTime)/float64(calls), "call-ns")
	b.ReportMetric(float64(bareTime)/float64(calls), "bare-ns")
}

// contestants starts both servers, the bare one with run for each connection's work,
// and returns what makes one call to each.
func contestants(b *testing.B, run func(handle func())) (call, bare func() error) {
	client := NewGuestbookClient(runtime.Classic(serveBook(b, Book{
		sign: func(context.Context, string, string) (uint16, error) { return 7, nil },
	})))
	address := serveBare(b, run)
	call = func() error {
		_, err := client.Sign(context.Background(), "alice", "hello, parley!")
		return err
	}
	return call, func() error { return bareCall(address) }
}

// The bytes of the call that is measured.
const (
	bareRequest  = "\x00\x19" + "\x00\x00" + "\x00\x05alice" + "\x00\x0ehello, parley!"
	bareResponse = "\x00\x04" + "\x00\x07" + "\x00\x00"
)

func bareCall(address string) error {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := conn.Write([]byte(bareRequest)); err != nil {
		return err
	}
	_, err = io.ReadFull(conn, make([]byte, len(bareResponse)))
	return err
}

func serveBare(b *testing.B, run func(handle func())) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var server sync.WaitGroup
	server.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			run(func() {
				io.ReadFull(conn, make([]byte, len(bareRequest)))
				conn.Write([]byte(bareResponse))
				conn.Close()
			})
		}
	})
	b.Cleanup(func() {
		listener.Close()
		server.Wait()
	})
	return listener.Addr().String()
}

func timed(b *testing.B, f func() error) time.Duration {
	began := time.Now()
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// together calls f from several goroutines, each as often, and returns an error of one.
func together(callers, each int, f func() error) error {
	errs := make(chan error, callers)
	for range callers {
		go func() {
			var err error
			for i := 0; i < each && err == nil; i++ {
				err = f()
			}
			errs <- err
		}()
	}
	var err error
	for range callers {
		if e := <-errs; e != nil {
			err = e
		}
	}
	return err
}
