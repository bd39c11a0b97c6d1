package transport

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
	"time"
)

// FuzzFrames reads frames from any bytes. Each that is within the rules is written again as
// the same bytes, and what its payload says too.
func FuzzFrames(f *testing.F) {
	names, _ := filepath.Glob("testdata/session/*.hex")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add(appendHello(nil, new(SessionConfig).limits()))
	f.Add(appendCancel(nil, 1, 2, "message"))
	f.Add(appendGoAway(appendCredit(nil, 1, 2), 1, "reason"))
	f.Add((&message{kind: kindCall, flags: flagMetadata, headSize: 2, metadata: []byte{0, 1, 0, 1, 'k', 0, 0}}).appendFrame(nil, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		for {
			h, payload, rest, whole := nextFrame(b)
			if !whole {
				return
			}
			if again := append(h.append(nil), payload...); !bytes.Equal(again, b[:len(again)]) {
				t.Fatalf("got % x, want % x", again, b[:len(again)])
			}
			if h.check() == nil {
				checkPayload(t, h, payload)
			}
			b = rest
		}
	})
}

func checkPayload(t *testing.T, h header, payload []byte) {
	var again []byte
	var err error
	switch h.kind {
	case kindHello:
		var l limits
		if l, err = parseHello(payload); err == nil {
			again = appendHello(nil, l)
			if l2, err := parseHello(again[headerSize:]); err != nil || l2 != l {
				t.Fatalf("got %v, %v, want %v", l2, err, l)
			}
		}
	case kindCall:
		var p callPayload
		if p, err = parseCall(h.flags, payload); err == nil && !bytes.HasSuffix(payload, append(bytes.Clone(p.metadata), p.params...)) {
			t.Fatalf("got %v from % x", p, payload)
		}
	case kindReply:
		var p replyPayload
		if p, err = parseReply(h.flags, payload); err == nil && p.err == nil {
			again = append(append(again, p.metadata...), p.results...)
		} else if err == nil {
			again = p.err.append(append(again, p.metadata...))
		}
		if err == nil && !bytes.Equal(again, payload) {
			t.Fatalf("got % x, want % x", again, payload)
		}
	case kindCancel:
		_, err = parseCancel(payload)
	case kindGoAway:
		_, _, err = parseGoAway(payload)
	}
	if rule := (*RuleError)(nil); err != nil && !errors.As(err, &rule) {
		t.Fatalf("got %T, want a rule: %v", err, err)
	}
}

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
			one.c = s.newCall(false)
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
			frame, at := randomPart(random, one.want, one.at)
			one.at = at
			h, payload, rest, whole := nextFrame(frame)
			if !whole || len(rest) > 0 || h.check() != nil {
				t.Fatalf("got frame %v of %d bytes: %v", h, len(frame), h.check())
			}
			got, flags, whole, err := s.assemble(one.c, h, payload)
			if err != nil || whole != (at == len(one.want)) {
				t.Fatalf("got %v, %v at byte %d of %d", whole, err, at, len(one.want))
			}
			if !whole {
				continue
			}
			left--
			if !bytes.Equal(got, one.want) || flags != flagMetadata {
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
	m := message{kind: kindReply, flags: flagMetadata, body: want}
	if random.IntN(2) == 0 && (at > 0 || len(want) > maxPayload) {
		return m.appendPart(nil, 2, at)
	}
	if at == 0 && len(want) <= maxPayload && random.IntN(2) == 0 {
		return m.appendFrame(nil, 2), len(want)
	}
	h := header{kind: kindReply, call: 2}
	var prefix []byte
	if at == 0 {
		h.flags = flagMetadata
		size := len(want)
		prefix = []byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)}
	}
	size := 1 + random.IntN(min(len(want)-at, maxPayload-4))
	if at == 0 && size == len(want) {
		if size--; size == 0 {
			return m.appendFrame(nil, 2), len(want)
		}
	}
	if at+size < len(want) {
		h.flags |= flagMore
	}
	h.size = len(prefix) + size
	return append(append(h.append(nil), prefix...), want[at:at+size]...), at + size
}

// discardConn takes all that is written, and is at its end when read.
type discardConn struct{ net.Conn }

func (discardConn) Read([]byte) (int, error)    { return 0, io.EOF }
func (discardConn) Write(b []byte) (int, error) { return len(b), nil }
func (discardConn) Close() error                { return nil }
func (discardConn) RemoteAddr() net.Addr        { return nil }

func (discardConn) SetWriteDeadline(time.Time) error { return nil }

// scriptConn is a peer that says what it is made with, and reads everything.
type scriptConn struct {
	discardConn
	says io.Reader
}

func (c scriptConn) Read(b []byte) (int, error) { return c.says.Read(b) }

// FuzzSession has a peer send any frames. Whatever they are, the session ends, all its calls
// end, and nothing is left in its books.
func FuzzSession(f *testing.F) {
	opened := string(appendHello([]byte(preface), floors))
	for _, seed := range []string{
		"\x02\x00\x01\x02\x00\x01\x03\x00", "\x02\x01\x01\x04\x00\x01\x04\x02\x01", "\x02\x00\x01\x05\x00\x01\x06\x00\x01\x07\x00\x00\x08\x00\x00",
		"\x03\x00\x02\x04\x00\x02\x03\x04\x02",
	} {
		f.Add([]byte(seed), true)
		f.Add([]byte(seed), false)
	}
	f.Fuzz(func(t *testing.T, script []byte, dialled bool) {
		var says []byte
		if dialled {
			says = []byte(opened[len(preface):])
		} else {
			says = []byte(opened)
		}
		for ; len(script) >= 3; script = script[3:] {
			says = append(says, scriptFrame(script[0], script[1], script[2])...)
		}
		checkScript(t, says, dialled)
	})
}

// scriptFrame returns a frame that is within the rules but for its place among others.
func scriptFrame(k, flags, call byte) []byte {
	h := header{kind: kind(k%8 + 1), flags: flags, call: uint32(call)}
	payload := map[kind]string{
		kindHello: magic + "\x01", kindCall: "\x00\x01abc", kindReply: "\x00\x05\x00\x01m\x00\x00b", kindItem: "item",
		kindCancel: "\x00\x01\x00\x00", kindCredit: "\x00\x00\x10\x00", kindPing: "12345678", kindGoAway: "\x00\x00\x00\x03\x00\x00",
	}[h.kind]
	if h.flags&flagMore != 0 {
		payload = "\x00\x00\x00\x09" + payload
	}
	if h.flags&flagEnd != 0 {
		payload = ""
	}
	if !kinds[h.kind].ofCall {
		h.call = 0
	}
	h.size = len(payload)
	return append(h.append(nil), payload...)
}

func checkScript(t *testing.T, says []byte, dialled bool) {
	workers := NewWorkers()
	config := &SessionConfig{Workers: workers, Logger: slog.New(slog.DiscardHandler), Handler: func(in *Incoming) {
		stream := in.Stream()
		for item, err := stream.Receive(); err == nil; item, err = stream.Receive() {
			stream.Send(item)
		}
	}}
	conn := scriptConn{says: iotest.OneByteReader(bytes.NewReader(says))}
	var s *Session
	if dialled {
		s = Dialled(conn, config)
	} else {
		s = Accepted(conn, nil, config)
	}
	ended := make(chan struct{})
	go func() { // waited for below
		defer close(ended)
		for range 3 {
			s.Call(t.Context(), &Request{Params: []byte("x")}, new(Response))
		}
		if stream, err := s.Open(t.Context(), &Request{}); err == nil {
			stream.Send(nil)
			stream.Reply(new(Response))
		}
	}()
	<-s.Done()
	<-ended
	s.Close()
	workers.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.incoming.all { // those that never came whole have no handler
		if c.state != stateNew {
			t.Errorf("call %d is left in state %d", c.number, c.state)
		}
	}
	if s.outgoing.n != 0 || s.slots.used != 0 || s.sending.used != 0 || s.callers != 0 {
		t.Errorf("got %d calls, %d slots, %d bytes, %d callers left, want none", s.outgoing.n, s.slots.used, s.sending.used, s.callers)
	}
}
