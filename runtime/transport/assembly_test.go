package transport

import (
	"bytes"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// TestMessagesThroughFrames sends messages of any sizes through frames of any sizes, those of several
// calls mixed, and wants them to arrive as they were.
func TestMessagesThroughFrames(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := newSession(discardConn{}, &SessionConfig{Logger: slog.New(slog.DiscardHandler)})
		var sending [3]struct {
			c    *call
			want []byte
			at   int
		}
		for i := range sending {
			one := &sending[i]
			one.c = s.newIncoming()
			one.want = make([]byte, 1+random.IntN(1<<random.IntN(18)))
			for i := range one.want {
				one.want[i] = byte(random.Uint32())
			}
		}
		for left := len(sending); left > 0; {
			i := random.IntN(len(sending))
			one := &sending[i]
			if one.at == len(one.want) {
				continue
			}
			part, at := randomPart(random, one.want, one.at)
			one.at = at
			h, payload, rest, whole := frame.Next(part)
			if !whole || len(rest) > 0 || h.Check() != nil {
				t.Fatalf("got frame %v of %d bytes: %v", h, len(part), h.Check())
			}
			got, flags, whole, err := s.assemble(one.c, h, payload)
			if err != nil || whole != (at == len(one.want)) {
				t.Fatalf("got %v, %v at byte %d of %d", whole, err, at, len(one.want))
			}
			if !whole {
				continue
			}
			left--
			if !bytes.Equal(got, one.want) || flags != frame.FlagMetadata {
				t.Fatalf("got %d bytes, flags %#x, want %d", len(got), flags, len(one.want))
			}
		}
		if s.assembling != 0 {
			t.Errorf("got %d bytes in assembly afterwards, want 0", s.assembling)
		}
		s.Close()
	}
}

// randomPart returns the next frame of a message, of a random size.
func randomPart(random *rand.Rand, want []byte, at int) ([]byte, int) {
	m := frame.Message{Kind: frame.Reply, Flags: frame.FlagMetadata, Body: want}
	if random.IntN(2) == 0 && (at > 0 || len(want) > frame.MaxPayload) {
		return m.AppendPart(nil, 2, at)
	}
	if at == 0 && len(want) <= frame.MaxPayload && random.IntN(2) == 0 {
		return m.AppendFrame(nil, 2), len(want)
	}
	h := frame.Header{Kind: frame.Reply, Call: 2}
	var prefix []byte
	if at == 0 {
		h.Flags = frame.FlagMetadata
		size := len(want)
		prefix = []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}
	}
	size := 1 + random.IntN(min(len(want)-at, frame.MaxPayload-4))
	if at == 0 && size == len(want) {
		if size--; size == 0 {
			return m.AppendFrame(nil, 2), len(want)
		}
	}
	if at+size < len(want) {
		h.Flags |= frame.FlagMore
	}
	h.Size = len(prefix) + size
	return append(append(h.Append(nil), prefix...), want[at:at+size]...), at + size
}

// discardConn takes all that is written, and is at its end when read.
type discardConn struct{ net.Conn }

func (discardConn) Read([]byte) (int, error)    { return 0, io.EOF }
func (discardConn) Write(b []byte) (int, error) { return len(b), nil }
func (discardConn) Close() error                { return nil }
func (discardConn) RemoteAddr() net.Addr        { return nil }

func (discardConn) SetWriteDeadline(time.Time) error { return nil }
