package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// TestSessionCallLimit has more callers than the peer accepts calls; they wait for one another.
func TestSessionCallLimit(t *testing.T) {
	here, there := connect(t)
	client, _ := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler, MaxCalls: 1}) // counts as 64
	var callers sync.WaitGroup
	for range 300 {
		callers.Go(func() {
			for range 20 {
				if got, err := call(client, methodEcho, "x"); err != nil || got != "x" {
					t.Errorf("got %q, %v, want an answer", got, err)
					return
				}
			}
		})
	}
	callers.Wait()
}

// TestSessionAssemblyLimit sends more large messages at once than the peer puts together.
func TestSessionAssemblyLimit(t *testing.T) {
	here, there := connect(t)
	client, server := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler, MaxMessage: 1, MaxAssembly: 1}) // count as 1 MiB
	large := string(make([]byte, 700_000))
	var callers sync.WaitGroup
	for i := range 20 {
		s := []*transport.Session{client, server}[i%2]
		callers.Go(func() {
			if got, err := call(s, methodEcho, large); err != nil || got != large {
				t.Errorf("got %d bytes, %v, want them back", len(got), err)
			}
		})
	}
	callers.Wait()
}

// TestSessionWaitingCallEnds cancels calls that wait for room, and for the peer's limit.
func TestSessionWaitingCallEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, there := net.Pipe()
		defer conn.Close()
		s := transport.Dialled(there, nil)
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var calls sync.WaitGroup
		for i := range 200 {
			calls.Go(func() {
				request := transport.Request{Params: make([]byte, 30_000)}
				if i%2 == 0 {
					request.Deadline = time.Now().Add(time.Second)
				}
				// The writer itself stands in the write until conn is read.
				if err := s.Call(ctx, &request, new(transport.Response)); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("got %v, want context.DeadlineExceeded", err)
				}
			})
		}
		time.Sleep(2 * time.Second)
		go io.Copy(io.Discard, conn)
		calls.Wait()
	})
}
