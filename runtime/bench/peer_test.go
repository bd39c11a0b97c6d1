package main

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

// startPeer returns a connection to a server of c in this process.
func startPeer(t *testing.T, c contestant) connection {
	t.Helper()
	stands, err := open([]contestant{c}, enter)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeAll(stands) })
	return stands[0].conn
}

func TestCall(t *testing.T) {
	for _, c := range contestants() {
		t.Run(c.name(), func(t *testing.T) {
			conn, ok := startPeer(t, c).(caller)
			if !ok {
				return // it makes no unary calls
			}
			for _, size := range []int{0, 1, 32, 32 << 10} {
				for _, keep := range []int{0, size / 2, size} {
					checkCall(t, conn, pattern(size, size), keep)
				}
			}
		})
	}
}

func checkCall(t *testing.T, c caller, payload []byte, keep int) {
	t.Helper()
	got, err := c.call(payload, uint32(keep))
	if err != nil {
		t.Errorf("%d bytes, %d of them back: %v", len(payload), keep, err)
	} else if !bytes.Equal(got, payload[:keep]) {
		t.Errorf("%d bytes, %d of them back: got %d others", len(payload), keep, len(got))
	}
}

// TestCallsAtOnce has many callers on one connection, each of which must get back its own.
func TestCallsAtOnce(t *testing.T) {
	for _, c := range unaryWorkload.contestants {
		t.Run(c.name(), func(t *testing.T) {
			conn := startPeer(t, c)
			if len(able([]*stand{{conn: conn}}, 16)) == 0 {
				return // it takes one caller at a time
			}
			var running sync.WaitGroup
			for i := range 16 {
				running.Go(func() {
					for j := range 5 {
						checkCall(t, conn.(caller), pattern(i, 100*i+j), 100*i)
					}
				})
			}
			running.Wait()
		})
	}
}

// twisted is a caller whose answers are not what was sent.
type twisted struct{ twist func(kept []byte) []byte }

func (twisted) Close() error { return nil }

func (c twisted) call(payload []byte, keep uint32) ([]byte, error) {
	return c.twist(bytes.Clone(payload[:keep])), nil
}

// TestEchoLooks has loads notice a peer that answers something else.
func TestEchoLooks(t *testing.T) {
	payload := pattern(3, 32<<10)
	for name, twist := range map[string]func([]byte) []byte{
		"short":      func(kept []byte) []byte { return kept[:len(kept)-1] },
		"long":       func(kept []byte) []byte { return append(kept, 0) },
		"first byte": func(kept []byte) []byte { kept[0]++; return kept },
		"last byte":  func(kept []byte) []byte { kept[len(kept)-1]++; return kept },
		"another's":  func(kept []byte) []byte { return pattern(4, len(kept)) },
	} {
		if err := echo(twisted{twist}, payload); err == nil {
			t.Errorf("%s: went unnoticed", name)
		}
	}
	if err := echo(twisted{func(kept []byte) []byte { return kept }}, payload); err != nil {
		t.Errorf("the right answer: %v", err)
	}
}

// TestPause has a call that is blocked hold up no other.
func TestPause(t *testing.T) {
	conn := startPeer(t, sessions[0]).(pauser)
	blocked := make(chan error, 1)
	go func() { blocked <- conn.pause(200 * time.Millisecond) }()
	checkCall(t, conn, pattern(1, 32), 32)
	if err := <-blocked; err != nil {
		t.Error(err)
	}
}

// TestLargePayload exceeds the read buffer of the floors.
func TestLargePayload(t *testing.T) {
	for _, c := range unaryWorkload.contestants {
		t.Run(c.name(), func(t *testing.T) {
			checkCall(t, startPeer(t, c).(caller), pattern(0, 200<<10), 200<<10)
		})
	}
}

func TestWatch(t *testing.T) {
	for _, c := range streamWorkload.contestants {
		t.Run(c.name(), func(t *testing.T) {
			conn := startPeer(t, c).(streamer)
			for range 2 { // a connection carries one stream after the other
				if got, err := conn.watch(300, 1000); got != 300_000 || err != nil {
					t.Errorf("got %d bytes, %v; want 300000", got, err)
				}
				if conn, ok := conn.(lender); ok {
					if got, err := conn.lend(300, 1000); got != 300_000 || err != nil {
						t.Errorf("lent: got %d bytes, %v; want 300000", got, err)
					}
				}
			}
		})
	}
}

// TestCloseFailsCalls closes the floors' connection under a caller: an error, no hang.
func TestCloseFailsCalls(t *testing.T) {
	for _, p := range []peer{pingPong{}, pipelined{}, pipelined{eager: true}, pipelined{spawn: true}} {
		t.Run(p.name(), func(t *testing.T) {
			conn := startPeer(t, contestant{peer: p}).(caller)
			checkCall(t, conn, pattern(1, 10), 10)
			conn.Close()
			if _, err := conn.call(pattern(1, 10), 10); err == nil {
				t.Error("a call on a closed connection succeeded")
			}
		})
	}
}

func TestProcess(t *testing.T) {
	for _, c := range contestants() {
		t.Run(c.name(), func(t *testing.T) {
			t.Parallel()
			p, err := enterProcess(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.stop()
			if bytes, err := p.memory(); bytes <= 0 || err != nil {
				t.Errorf("memory: got %d, %v", bytes, err)
			}
			conn, err := c.dial(p.address)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if conn, ok := conn.(caller); ok {
				checkCall(t, conn, pattern(2, 32), 32)
			}
		})
	}
}

func TestProcessOfUnknownName(t *testing.T) {
	err := serveProcess("carrier pigeon", nil, nil)
	if want := `PARLEY_BENCH_SERVE="carrier pigeon" names no contestant`; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
