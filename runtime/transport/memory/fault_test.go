package memory_test

import (
	"io"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/memory"
)

// TestDelay sends while the delay is changed: nothing overtakes.
func TestDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe()
		began := time.Now()
		a.Outgoing().Delay(time.Second)
		write(t, a, "slow")
		time.Sleep(100 * time.Millisecond)
		a.Outgoing().Delay(0)
		write(t, a, " and quick")
		a.Close()
		wantAt := func(text string, err error, want time.Duration) {
			t.Helper()
			wantRead(t, b, text, err)
			if took := time.Since(began); took != want {
				t.Errorf("%q: got it after %v, want %v", text, took, want)
			}
		}
		wantAt("slow and quick", nil, time.Second)
		wantAt("", io.EOF, time.Second)
	})
}

// TestDelayClose closes an end: the other hears of it later.
func TestDelayClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe()
		a.Outgoing().Delay(time.Second)
		a.Close()
		write(t, b, string(make([]byte, 3*bufferSize))) // to nobody, and it does not know
		wantRead(t, b, "", io.EOF)
		wantWrite(t, b, 1, 0, syscall.EPIPE, 0)
	})
}

// TestCutAfter cuts within a write, between two, at once, and never.
func TestCutAfter(t *testing.T) {
	tests := []struct {
		name      string
		cut       int64
		written   []int // by each Write of 10 bytes
		delivered string
	}{
		{"within a write", 15, []int{10, 5, 0}, "aaaaaaaaaabbbbb"},
		{"between two", 20, []int{10, 10, 0}, "aaaaaaaaaabbbbbbbbbb"},
		{"at once", 0, []int{0, 0, 0}, ""},
	}
	for _, test := range tests {
		for _, delay := range []time.Duration{0, time.Second} {
			t.Run(test.name+" after "+delay.String(), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a, b := pipe()
					b.Outgoing().Delay(2 * time.Second)
					write(t, b, "lost on the way")
					a.Outgoing().Delay(delay)
					a.Outgoing().CutAfter(test.cut)
					for i, want := range test.written {
						if delay > 0 {
							want = 10 // the sender does not know yet
						}
						if n, _ := a.Write([]byte("aaaaaaaaaabbbbbbbbbbcccccccccc")[10*i : 10*i+10]); n != want {
							t.Errorf("write %d: got %d bytes, want %d", i, n, want)
						}
					}
					got, err := io.ReadAll(b)
					if string(got) != test.delivered {
						t.Errorf("got %q, want %q", got, test.delivered)
					}
					wantReset(t, a, b)
					if err == nil || !a.Closed() {
						t.Errorf("got %v, closed %v, want a broken connection", err, a.Closed())
					}
				})
			})
		}
	}
}

// wantReset wants the connection to be broken at both ends.
func wantReset(t *testing.T, ends ...*memory.Conn) {
	t.Helper()
	for _, c := range ends {
		wantRead(t, c, "", syscall.ECONNRESET)
		wantWrite(t, c, 1, 0, syscall.ECONNRESET, 0)
	}
}

// TestCutAfterTakenBack goes on as if nothing had been.
func TestCutAfterTakenBack(t *testing.T) {
	a, b := pipe()
	a.Outgoing().CutAfter(3)
	write(t, a, "ab")
	a.Outgoing().CutAfter(-1)
	write(t, a, "cd")
	wantRead(t, b, "abcd", nil)
}

// TestCutAfterLarge cuts beyond what the buffer holds, with a reader that is slow.
func TestCutAfterLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe()
		a.Outgoing().CutAfter(2*bufferSize + 7)
		go wantWrite(t, a, 4*bufferSize, 2*bufferSize+7, syscall.ECONNRESET, 0)
		synctest.Wait()
		got, err := io.ReadAll(b)
		if len(got) != 2*bufferSize+7 || err == nil {
			t.Errorf("got %d bytes, %v, want %d and an error", len(got), err, 2*bufferSize+7)
		}
	})
}

// TestHold keeps all news back, that of an end too.
func TestHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := pipe()
		write(t, a, "before")
		a.Outgoing().Hold()
		write(t, a, "meanwhile")
		a.Close()
		wantRead(t, b, "before", nil)
		b.SetReadDeadline(time.Now().Add(time.Hour))
		wantRead(t, b, "", os.ErrDeadlineExceeded)
		wantWrite(t, b, 1, 1, nil, 0)
		b.SetReadDeadline(time.Time{})
		a.Outgoing().Release()
		wantRead(t, b, "meanwhile", nil)
		wantRead(t, b, "", io.EOF)
		wantWrite(t, b, 1, 0, syscall.EPIPE, 0)
	})
}

// TestEnd ends a direction under its sender's feet.
func TestEnd(t *testing.T) {
	a, b := pipe()
	write(t, a, "x")
	a.Outgoing().End()
	wantRead(t, b, "x", nil)
	wantRead(t, b, "", io.EOF)
	wantWrite(t, a, 1, 0, syscall.EPIPE, 0)
	write(t, b, "y")
	wantRead(t, a, "y", nil)
}
