//go:build unix

package runtime_test

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"syscall"
	"testing"

	"github.com/parley-rpc/parley/runtime"
)

// TestManyConnections opens 9,000 connections over TCP, uses each once all are open, and closes
// them. That no goroutine is left TestMain sees to.
func TestManyConnections(t *testing.T) {
	connections := 9000
	if testing.Short() || raceDetector(t) {
		connections = 1000 // the detector follows 8,128 goroutines at most, and a connection has four
	}
	needFiles(t, 2*connections+200)
	server := runtime.NewServer(runtime.WithMaxConnections(connections))
	RegisterDiary(server, Diary{write: func(_ context.Context, text string) (uint16, error) { return uint16(len(text)), nil }})
	address := serve(t, server)
	clients := make([]*runtime.Client, connections)
	each(clients, func(i int) {
		clients[i] = runtime.Dial(address)
		if err := clients[i].Connect(t.Context()); err != nil {
			t.Errorf("connection %d: %v", i, err)
		}
	})
	each(clients, func(i int) {
		if got, err := NewDiaryClient(clients[i]).Write(t.Context(), "hello"); got != 5 || err != nil {
			t.Errorf("connection %d: got %d, %v, want 5", i, got, err)
		}
	})
	each(clients, func(i int) { clients[i].Close() })
}

// each calls do for each client, 64 at a time, and waits.
func each(clients []*runtime.Client, do func(i int)) {
	const atOnce = 64
	var running sync.WaitGroup
	for first := range atOnce {
		running.Go(func() {
			for i := first; i < len(clients); i += atOnce {
				do(i)
			}
		})
	}
	running.Wait()
}

// raceDetector reports whether the test was built with it.
func raceDetector(t *testing.T) bool {
	t.Helper()
	info, ok := debug.ReadBuildInfo()
	if !ok {
		t.Fatal("the test does not know how it was built")
	}
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// needFiles skips the test where the process may not open so many files.
func needFiles(t *testing.T, n int) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	if uint64(limit.Cur) >= uint64(n) {
		return
	}
	if uint64(limit.Max) < uint64(n) {
		t.Skipf("needs %d open files, and may have %d: raise the limit with ulimit -Hn", n, limit.Max)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Skipf("needs %d open files: %v", n, err)
	}
}
