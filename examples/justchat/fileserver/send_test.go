package fileserver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/runtime"
)

// shared starts two servers that hold a file of Elon's, and a third one that does not.
func shared(t *testing.T, w *world, data []byte) (a, b, c *site) {
	t.Helper()
	a, b = w.start("a", t.TempDir()), w.start("b", t.TempDir())
	elon := a.come("Elon")
	if got, err := elon.share(elon.offer("", "x", data)); got.Copies != 2 || err != nil {
		t.Fatalf("got %v, %v, want two copies", got, err)
	}
	return a, b, w.start("c", t.TempDir())
}

// TestKilledHolder kills the server that took a file: it is had from the other holder, by one that has it not.
func TestKilledHolder(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		a, b, c := shared(t, w, data)
		a.stop()
		natasha := c.come("Natasha")
		if got, err := natasha.get(data, 0); !bytes.Equal(got, data) || err != nil {
			t.Errorf("one lives: got %d bytes, %v, want the file", len(got), err)
		}
		c.wantHeld(data, false)
		b.stop()
		_, err := natasha.get(data, 0)
		wantAs[*justchat.NoSuchFile](t, "none lives", err, "no server that can be reached holds it")
		_, err = collect(c.GetFile(natasha.context(), []byte("short"), 0))
		wantAs[*justchat.NoSuchFile](t, "no hash", err, "no server")
		w.start("a", a.dir)
		if got, err := natasha.get(data, 1<<19); !bytes.Equal(got, data[1<<19:]) || err != nil {
			t.Errorf("one has come back: got %d bytes, %v, want the rest", len(got), err)
		}
	})
}

// TestHolderDiesWhilePassing breaks each line after a while: the next holder goes on where the one before it has stopped.
func TestHolderDiesWhilePassing(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		_, _, c := shared(t, w, data)
		c.cut = 600_000
		if got, err := c.come("Natasha").get(data, 0); !bytes.Equal(got, data) || err != nil {
			t.Errorf("got %d bytes, %v, want the file", len(got), err)
		}
		c.cut = 200_000
		got, err := c.come("Natasha").get(data, 0)
		wantAs[*justchat.NoSuchFile](t, "all break", err, "try again in a while")
		if !bytes.Equal(got, data[:len(got)]) || len(got) < 200_000 {
			t.Errorf("all break: got %d bytes, or others, want the beginning", len(got))
		}
	})
}

// TestUnreadable has a server's disk lose a file: another server has it.
func TestUnreadable(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		a, b, _ := shared(t, w, data)
		natasha := a.come("Natasha")
		name := fmt.Sprintf("%x", sha256.Sum256(data))
		if err := os.WriteFile(filepath.Join(a.dir, name), data[:1<<19], 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := natasha.get(data, 10); !bytes.Equal(got, data[10:]) || err != nil {
			t.Errorf("half of it is there: got %d bytes, %v, want the file", len(got), err)
		}
		if err := os.Remove(filepath.Join(a.dir, name)); err != nil {
			t.Fatal(err)
		}
		if got, err := natasha.get(data, 10); !bytes.Equal(got, data[10:]) || err != nil {
			t.Errorf("it is gone: got %d bytes, %v, want the file", len(got), err)
		}
		b.stop()
		_, err := natasha.get(data, 0)
		wantAs[*justchat.NoSuchFile](t, "nobody has it", err, "try again in a while")
	})
}

// TestSlowReader takes a file more slowly than a holder may be silent: that is no reason to give the holder up.
func TestSlowReader(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1 << 20)
		_, _, c := shared(t, w, data)
		sum := sha256.Sum256(data)
		var got []byte
		for piece, err := range c.GetFile(c.come("Natasha").context(), sum[:], 0) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, piece...)
			time.Sleep(2 * c.Limits.Idle)
		}
		if !bytes.Equal(got, data) {
			t.Errorf("got %d bytes, or others, want the file", len(got))
		}
	})
}

// TestStreams bounds the files that a client gets at once.
func TestStreams(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		w.limits.Streams = 2
		data := random(1 << 20)
		a, _, _ := shared(t, w, data)
		natasha, tony := a.come("Natasha"), a.come("Tony")
		sum := sha256.Sum256(data)
		var stops []func()
		for range 2 {
			next, stop := iter.Pull2(a.GetFile(natasha.context(), sum[:], 0))
			if _, err, _ := next(); err != nil {
				t.Fatal(err)
			}
			stops = append(stops, stop)
		}
		if _, err := natasha.get(data, 0); runtime.CodeOf(err) != runtime.CodeResourceExhausted {
			t.Errorf("the third: got %v, want resource_exhausted", err)
		}
		if _, err := tony.get(data, 0); err != nil {
			t.Errorf("another client: got %v, want the file", err)
		}
		for _, stop := range stops {
			stop()
		}
		if _, err := natasha.get(data, 0); err != nil {
			t.Errorf("later: got %v, want the file", err)
		}
	})
}

// TestNoStore has a server that keeps no files pass on those of others, and have others take hers who is there.
func TestNoStore(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		data := random(1000)
		shared(t, w, data)
		c := w.startQuota("c", t.TempDir(), -1)
		natasha := c.come("Natasha")
		if got, err := natasha.get(data, 0); !bytes.Equal(got, data) || err != nil {
			t.Errorf("got %d bytes, %v, want the file", len(got), err)
		}
		if got, err := natasha.share(natasha.offer("", "y", data[1:])); got.Copies != 2 || err != nil {
			t.Errorf("to share: got %v, %v, want two copies", got, err)
		}
		w.wantHolders("y", "a", "b")
		if err := c.DeleteFile(context.Background(), make([]byte, 32)); err != nil {
			t.Errorf("got %v, want nothing to be deleted", err)
		}
	})
}
