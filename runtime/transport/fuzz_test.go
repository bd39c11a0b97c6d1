package transport

import (
	"bytes"
	"io"
	"log/slog"
	"testing"
	"testing/iotest"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// scriptConn is a peer that says what it is made with, and reads everything.
type scriptConn struct {
	discardConn
	says io.Reader
}

func (c scriptConn) Read(b []byte) (int, error) { return c.says.Read(b) }

// FuzzSession has a peer send any frames. Whatever they are, the session ends, all its calls
// end, and nothing is left in its books.
func FuzzSession(f *testing.F) {
	opened := string(frame.AppendHello([]byte(frame.Preface), frame.Floors))
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
			says = []byte(opened[len(frame.Preface):])
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
	h := frame.Header{Kind: frame.Kind(k%8 + 1), Flags: flags, Call: uint32(call)}
	payload := map[frame.Kind]string{
		frame.Hello: "PRLY\x01", frame.Call: "\x00\x01abc", frame.Reply: "\x00\x05\x00\x01m\x00\x00b", frame.Item: "item",
		frame.Cancel: "\x00\x01\x00\x00", frame.Credit: "\x00\x00\x10\x00", frame.Ping: "12345678", frame.GoAway: "\x00\x00\x00\x03\x00\x00",
	}[h.Kind]
	if h.Flags&frame.FlagMore != 0 {
		payload = "\x00\x00\x00\x09" + payload
	}
	if h.Flags&frame.FlagEnd != 0 {
		payload = ""
	}
	if h.Kind == frame.Hello || h.Kind == frame.Ping || h.Kind == frame.GoAway {
		h.Call = 0
	}
	h.Size = len(payload)
	return append(h.Append(nil), payload...)
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
	if s.outgoing.n != 0 || s.slots.used != 0 || s.sending.used != 0 || s.callers != s.back {
		t.Errorf("got %d calls, %d slots, %d bytes, %d callers left, want none", s.outgoing.n, s.slots.used, s.sending.used, s.callers-s.back)
	}
}
