package messagelog

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/server"
)

func wantFull(t *testing.T, l *Log, err error, reason string) {
	t.Helper()
	var full *server.Full
	if !errors.As(err, &full) || full.Server != l.Name() || !strings.Contains(full.Reason, reason) {
		t.Errorf("got %v, want a *server.Full because of %q", err, reason)
	}
}

// TestFailingDisk: after a failed write the log takes nothing more, whatever the disk
// does then, and tells what it has; what was acknowledged is there when it is opened
// again.
func TestFailingDisk(t *testing.T) {
	for name, fault := range map[string]func(op, name string, n int) (int, error){
		"no room":  func(op, _ string, n int) (int, error) { return n / 2, ifOp(op == "write", syscall.ENOSPC) },
		"nothing":  func(op, _ string, n int) (int, error) { return 0, ifOp(op == "write", syscall.EIO) },
		"short":    func(op, _ string, n int) (int, error) { return n - 1, ifOp(op == "write", errShort) },
		"sync":     func(op, _ string, n int) (int, error) { return 0, ifOp(op == "sync", syscall.EIO) },
		"new file": func(op, _ string, n int) (int, error) { return 0, ifOp(op == "create", syscall.EMFILE) },
		"its header": func(op, f string, n int) (int, error) {
			return 3, ifOp(op == "write" && f == segmentName(2), syscall.EIO)
		},
		"sync folder": func(op, _ string, n int) (int, error) { return 0, ifOp(op == "sync folder", syscall.EIO) },
	} {
		t.Run(name, func(t *testing.T) {
			m := newMemory()
			l := openIn(t, m, Options{SegmentSize: 600})
			acknowledged := records("a.1", 1, 3)
			mustAppend(t, l, acknowledged...)
			m.set(fault)
			var err error
			for n := uint64(4); err == nil; n++ { // some faults are met when the segment is full
				err = l.Append(t.Context(), record("a.1", n))
				if err == nil {
					acknowledged = append(acknowledged, record("a.1", n))
				}
			}
			wantFull(t, l, err, "failed")
			m.set(nil)
			wantFull(t, l, l.Append(t.Context(), record("b.1", 1)), "failed")
			wantFull(t, l, l.Skip(causal.Vector{"c.1": 1}), "failed")
			mustAppend(t, l, acknowledged...) // which it has
			wantRecords(t, l, acknowledged)
			l.Close()
			l = openIn(t, m, Options{})
			if got := since(t, l, nil); len(got) < len(acknowledged) {
				t.Errorf("opened again: got %d records, want %d", len(got), len(acknowledged))
			}
			mustAppend(t, l, record("b.1", 1))
		})
	}
}

// ifOp returns the error if the operation is the one that fails.
func ifOp(fails bool, err error) error {
	if fails {
		return err
	}
	return nil
}

// TestReserve: a log leaves room on the disk, and goes on when there is more.
func TestReserve(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{Reserve: 1000})
	m.mutex.Lock()
	m.room = 1100
	m.mutex.Unlock()
	wantFull(t, l, l.Append(t.Context(), record("a.1", 1)), "its disk is full")
	wantSeen(t, l, causal.Vector{})
	m.mutex.Lock()
	m.room = 2000
	m.mutex.Unlock()
	mustAppend(t, l, record("a.1", 1))
}

// TestOneSyncForAll: what is asked for while the disk is busy is written together.
func TestOneSyncForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		l, err := open(m, Options{}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		busy, syncs := make(chan struct{}), 0
		m.set(func(op, _ string, _ int) (int, error) {
			if op == "sync" {
				syncs++
				<-busy
			}
			return 0, nil
		})
		done := make(chan error, 300)
		for i := range 300 {
			go func() { done <- l.Append(context.Background(), record("a.1", uint64(i+1))) }()
			if i == 0 {
				synctest.Wait() // the first is being written now
			}
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := l.Append(ctx, record("b.1", 1)); !errors.Is(err, context.Canceled) {
			t.Errorf("without time: got %v", err)
		}
		if got := len(done); got != 0 {
			t.Errorf("%d appends returned before they were synced", got)
		}
		close(busy)
		for range 300 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		m.set(nil)
		if syncs != 2 {
			t.Errorf("got %d syncs, want 2", syncs)
		}
		if l.Seen()["a.1"] != 300 {
			t.Errorf("seen: got %v, want 300", l.Seen())
		}
	})
}

// TestRecordsOfOneBatchMayBeTheSame: two callers bring one record at once, and one copy is kept.
func TestRecordsOfOneBatchMayBeTheSame(t *testing.T) {
	m := newMemory()
	l := openIn(t, m, Options{})
	r := record("a.1", 1)
	mustAppend(t, l, r, r, record("a.1", 2), r)
	count := 0
	scan(m.content(segmentName(1)), headerSize, func(piece) { count++ })
	if count != 2 {
		t.Errorf("got %d records on disk, want 2", count)
	}
	wantRecords(t, l, []*justchat.Record{r, record("a.1", 2)})
}
