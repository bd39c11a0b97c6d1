package memory_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/memory"
)

// bufferSize is what a direction holds.
const bufferSize = 64 << 10

var past = time.Unix(1, 0)

func pipe() (first, second *memory.Conn) { return memory.Pipe("first", "second") }

// contract has one row for each thing that a user of a net.Conn can rely on.
var contract = []struct {
	name string
	do   func(t *testing.T, a, b *memory.Conn)
}{
	{"bytes arrive both ways", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "there")
		write(t, b, "back")
		wantRead(t, b, "there", nil)
		wantRead(t, a, "back", nil)
	}},
	{"Read waits for Write", func(t *testing.T, a, b *memory.Conn) {
		go func() { time.Sleep(time.Second); a.Write([]byte("late")) }()
		wantRead(t, b, "late", nil)
	}},
	{"Read takes what fits and leaves the rest", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "hello")
		small := make([]byte, 2)
		if n, err := b.Read(small); n != 2 || err != nil {
			t.Errorf("got %d, %v, want 2", n, err)
		}
		wantRead(t, b, "llo", nil)
	}},
	{"Read and Write of nothing return at once", func(t *testing.T, a, b *memory.Conn) {
		if n, err := a.Write(nil); n != 0 || err != nil {
			t.Errorf("Write: got %d, %v, want 0", n, err)
		}
		if n, err := b.Read(nil); n != 0 || err != nil {
			t.Errorf("Read: got %d, %v, want 0", n, err)
		}
	}},
	{"Write waits when 64 KiB are not read", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, string(make([]byte, bufferSize)))
		wantWrite(t, a, 1, 0, os.ErrDeadlineExceeded, time.Second)
		wantRead(t, b, string(make([]byte, bufferSize)), nil)
		wantWrite(t, a, 1, 1, nil, time.Second)
	}},
	{"Write says how much it wrote", func(t *testing.T, a, _ *memory.Conn) {
		wantWrite(t, a, bufferSize+5, bufferSize, os.ErrDeadlineExceeded, time.Second)
	}},
	{"a deadline that is over ends Read though bytes are there", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "x")
		b.SetDeadline(past)
		wantRead(t, b, "", os.ErrDeadlineExceeded)
		b.SetDeadline(time.Time{})
		wantRead(t, b, "x", nil)
	}},
	{"a deadline ends a Read that waits", func(t *testing.T, _, b *memory.Conn) {
		began := time.Now()
		b.SetReadDeadline(began.Add(time.Minute))
		wantRead(t, b, "", os.ErrDeadlineExceeded)
		if took := time.Since(began); took != time.Minute {
			t.Errorf("got %v, want a minute", took)
		}
	}},
	{"a deadline that is set later ends a Read that waits", func(t *testing.T, _, b *memory.Conn) {
		go func() { time.Sleep(time.Second); b.SetReadDeadline(past) }()
		wantRead(t, b, "", os.ErrDeadlineExceeded)
	}},
	{"a deadline can be put off", func(t *testing.T, a, b *memory.Conn) {
		b.SetReadDeadline(time.Now().Add(time.Second))
		go func() {
			time.Sleep(500 * time.Millisecond)
			b.SetReadDeadline(time.Now().Add(time.Minute))
			time.Sleep(2 * time.Second)
			a.Write([]byte("x"))
		}()
		wantRead(t, b, "x", nil)
	}},
	{"a read deadline is not a write deadline", func(t *testing.T, a, b *memory.Conn) {
		a.SetReadDeadline(past)
		wantWrite(t, a, 1, 1, nil, 0)
		b.SetWriteDeadline(past)
		wantRead(t, b, "\x00", nil)
	}},
	{"a timeout is a net.Error", func(t *testing.T, a, _ *memory.Conn) {
		a.SetDeadline(past)
		_, err := a.Read(make([]byte, 1))
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() {
			t.Errorf("got %v, want a net.Error whose Timeout is true", err)
		}
		if want := "read memory first->second: i/o timeout"; err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}},
	{"after Close the peer reads what is there and then the end", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "last words")
		a.Close()
		wantRead(t, b, "last words", nil)
		wantRead(t, b, "", io.EOF)
		wantRead(t, b, "", io.EOF)
		wantWrite(t, b, 1, 0, syscall.EPIPE, 0)
	}},
	{"after Close nothing works at this end", func(t *testing.T, a, b *memory.Conn) {
		write(t, b, "not to be read")
		a.Close()
		wantRead(t, a, "", net.ErrClosed)
		wantWrite(t, a, 1, 0, net.ErrClosed, -1)
		for name, err := range map[string]error{"Close": a.Close(), "CloseWrite": a.CloseWrite(), "SetDeadline": a.SetDeadline(past)} {
			if !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: got %v, want net.ErrClosed", name, err)
			}
		}
	}},
	{"Close ends a Read that waits", func(t *testing.T, a, _ *memory.Conn) {
		go func() { time.Sleep(time.Second); a.Close() }()
		wantRead(t, a, "", net.ErrClosed)
	}},
	{"Close ends a Write that waits", func(t *testing.T, a, _ *memory.Conn) {
		go func() { time.Sleep(time.Second); a.Close() }()
		wantWrite(t, a, 2*bufferSize, bufferSize, net.ErrClosed, 0)
	}},
	{"the peer's Close ends a Write that waits", func(t *testing.T, a, b *memory.Conn) {
		go func() { time.Sleep(time.Second); b.Close() }()
		wantWrite(t, a, 2*bufferSize, bufferSize, syscall.EPIPE, 0)
	}},
	{"CloseWrite ends one direction", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "question")
		if err := a.CloseWrite(); err != nil {
			t.Errorf("CloseWrite: %v", err)
		}
		wantRead(t, b, "question", nil)
		wantRead(t, b, "", io.EOF)
		wantWrite(t, a, 1, 0, syscall.EPIPE, 0)
		write(t, b, "answer")
		wantRead(t, a, "answer", nil)
	}},
	{"Reset breaks it for both, after what has arrived", func(t *testing.T, a, b *memory.Conn) {
		write(t, a, "x")
		a.Reset()
		wantRead(t, b, "x", nil)
		for _, c := range []*memory.Conn{a, b} {
			wantRead(t, c, "", syscall.ECONNRESET)
			wantWrite(t, c, 1, 0, syscall.ECONNRESET, 0)
		}
	}},
	{"addresses have names", func(t *testing.T, a, b *memory.Conn) {
		for i, addr := range []net.Addr{a.LocalAddr(), b.RemoteAddr(), b.LocalAddr(), a.RemoteAddr()} {
			if want := []string{"first", "first", "second", "second"}[i]; addr.String() != want || addr.Network() != "memory" {
				t.Errorf("got %s %q, want memory %q", addr.Network(), addr, want)
			}
		}
	}},
}

// TestContract does each on a fresh connection, in a bubble, so that what hangs is found.
func TestContract(t *testing.T) {
	for _, test := range contract {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a, b := pipe()
				test.do(t, a, b)
			})
		})
	}
}

func write(t *testing.T, c net.Conn, text string) {
	t.Helper()
	if n, err := io.WriteString(c, text); n != len(text) || err != nil {
		t.Errorf("Write: got %d, %v, want %d", n, err, len(text))
	}
}

// wantRead wants one Read to give text and an error that is err.
func wantRead(t *testing.T, c net.Conn, text string, err error) {
	t.Helper()
	buf := make([]byte, 2*bufferSize)
	n, got := c.Read(buf)
	if string(buf[:n]) != text || !errors.Is(got, err) {
		t.Errorf("Read: got %.20q (%d bytes), %v, want %.20q (%d bytes), %v", buf[:n], n, got, text, len(text), err)
	}
}

// wantWrite writes size bytes, within limit unless that is 0 or less.
func wantWrite(t *testing.T, c net.Conn, size, want int, err error, limit time.Duration) {
	t.Helper()
	if limit > 0 {
		c.SetWriteDeadline(time.Now().Add(limit))
	}
	if n, got := c.Write(make([]byte, size)); n != want || !errors.Is(got, err) {
		t.Errorf("Write: got %d, %v, want %d, %v", n, got, want, err)
	}
}

// TestBytesStayInOrder moves bytes by reads and writes of all sizes, both ways at once.
func TestBytesStayInOrder(t *testing.T) {
	a, b := pipe()
	random := rand.New(rand.NewPCG(1, 2))
	var moving sync.WaitGroup
	for _, ends := range [][2]*memory.Conn{{a, b}, {b, a}} {
		data := make([]byte, 3<<20)
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		sizes := rand.New(rand.NewPCG(random.Uint64(), 1))
		moving.Go(func() {
			for rest := data; len(rest) > 0; {
				n := min(sizes.IntN(200_000)>>sizes.IntN(18), len(rest))
				write(t, ends[0], string(rest[:n]))
				rest = rest[n:]
			}
			ends[0].CloseWrite()
		})
		chunks := rand.New(rand.NewPCG(random.Uint64(), 2))
		moving.Go(func() {
			var got []byte
			for buf := make([]byte, 100_000); ; {
				n, err := ends[1].Read(buf[:1+chunks.IntN(len(buf))>>chunks.IntN(17)])
				got = append(got, buf[:n]...)
				if err != nil {
					break
				}
			}
			if !bytes.Equal(got, data) {
				t.Errorf("got %d bytes that differ from the %d written", len(got), len(data))
			}
		})
	}
	moving.Wait()
}

// TestWritesStayTogether has many write at once, each more than there is room for.
func TestWritesStayTogether(t *testing.T) {
	a, b := pipe()
	const size, writers = bufferSize + 1000, 8
	var writing sync.WaitGroup
	for i := range writers {
		writing.Go(func() { write(t, a, string(bytes.Repeat([]byte{byte(i)}, size))) })
	}
	for range writers {
		got := make([]byte, size)
		if _, err := io.ReadFull(b, got); err != nil {
			t.Fatal(err)
		}
		if want := bytes.Repeat(got[:1], size); !bytes.Equal(got, want) {
			t.Error("the bytes of two writes are mixed")
		}
	}
	writing.Wait()
}
