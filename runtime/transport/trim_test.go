package transport

import (
	"context"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestTrim leaves a session alone after many calls: it keeps nothing for the next, and its clock
// waits for keepalive alone. Then it is used again.
func TestTrim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		config := &SessionConfig{Handler: func(in *Incoming) { in.Results = append(in.Results, in.Params...) }}
		client, server := Dialled(here, config), Accepted(there, nil, config)
		defer server.Close()
		defer client.Close()
		for range 2 {
			var calls sync.WaitGroup
			for range 100 {
				calls.Go(func() {
					request := Request{Method: 1, Params: make([]byte, 10_000)}
					if err := client.Call(context.Background(), &request, new(Response)); err != nil {
						t.Error(err)
					}
				})
			}
			calls.Wait()
			time.Sleep(3 * trimTime)
			synctest.Wait()
			for side, s := range map[string]*Session{"client": client, "server": server} {
				s.checkTrimmed(t, side)
			}
		}
	})
}

// TestTrimOpen leaves a session alone on which one call stays open: what many others needed is given up
// all the same.
func TestTrimOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const stays, goes = 1, 2
		end := make(chan struct{})
		here, there := net.Pipe()
		config := &SessionConfig{Handler: func(in *Incoming) {
			if in.Method == stays {
				<-end
			}
			in.Results = append(in.Results, in.Params...)
		}}
		client, server := Dialled(here, config), Accepted(there, nil, config)
		defer server.Close()
		defer client.Close()
		call := func(method uint16) {
			if err := client.Call(context.Background(), &Request{Method: method, Params: make([]byte, 10_000)}, new(Response)); err != nil {
				t.Error(err)
			}
		}
		var open, calls sync.WaitGroup
		open.Go(func() { call(stays) })
		for range 100 {
			calls.Go(func() { call(goes) })
		}
		calls.Wait()
		time.Sleep(3 * trimTime)
		synctest.Wait()
		for side, s := range map[string]*Session{"client": client, "server": server} {
			s.mu.Lock()
			if kept := cap(s.out) + len(s.spares) + s.freed; kept > 0 {
				t.Errorf("%s: got storage of %d that a quiet session keeps, want none", side, kept)
			}
			s.mu.Unlock()
		}
		close(end)
		open.Wait()
	})
}

func (s *Session) checkTrimmed(t *testing.T, side string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := cap(s.out) + len(s.spares) + cap(s.after) + s.freed + len(s.outgoing.slots) + len(s.incoming.slots) + cap(s.errand.batch)
	if kept > 0 {
		t.Errorf("%s: got storage of %d that an idle session keeps, want none", side, kept)
	}
	if s.clock.next != s.clock.checkAt {
		t.Errorf("%s: got the next tick in %v, want it for keepalive in %v", side, time.Until(s.clock.next), time.Until(s.clock.checkAt))
	}
}
