package frame_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// FuzzFrames reads frames from any bytes. Each that is within the rules is written again as
// the same bytes, and what its payload says too.
func FuzzFrames(f *testing.F) {
	names, _ := filepath.Glob("../testdata/*.hex")
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add(frame.AppendHello(nil, frame.Floors))
	f.Add(frame.AppendCancel(nil, 1, 2, "message"))
	f.Add(frame.AppendGoAway(frame.AppendCredit(nil, 1, 2), 1, "reason"))
	call := frame.NewCall(2, 0, []byte{0, 1, 0, 1, 'k', 0, 0}, []byte("parameters"))
	f.Add(call.AppendFrame(nil, 1))
	f.Fuzz(func(t *testing.T, b []byte) {
		for {
			h, payload, rest, whole := frame.Next(b)
			if !whole {
				return
			}
			if again := append(h.Append(nil), payload...); !bytes.Equal(again, b[:len(again)]) {
				t.Fatalf("got % x, want % x", again, b[:len(again)])
			}
			if h.Check() == nil {
				checkPayload(t, h, payload)
			}
			b = rest
		}
	})
}

func checkPayload(t *testing.T, h frame.Header, payload []byte) {
	var again []byte
	var err error
	switch h.Kind {
	case frame.Hello:
		var l frame.Limits
		if l, err = frame.ParseHello(payload); err == nil {
			again = frame.AppendHello(nil, l)
			if l2, err := frame.ParseHello(again[frame.HeaderSize:]); err != nil || l2 != l {
				t.Fatalf("got %v, %v, want %v", l2, err, l)
			}
		}
	case frame.Call:
		var p frame.CallPayload
		if p, err = frame.ParseCall(h.Flags, payload); err == nil && !bytes.HasSuffix(payload, append(bytes.Clone(p.Metadata), p.Params...)) {
			t.Fatalf("got %v from % x", p, payload)
		}
	case frame.Reply:
		var p frame.ReplyPayload
		if p, err = frame.ParseReply(h.Flags, payload); err == nil && p.Err == nil {
			again = append(append(again, p.Metadata...), p.Results...)
		} else if err == nil {
			again = p.Err.Append(append(again, p.Metadata...))
		}
		if err == nil && !bytes.Equal(again, payload) {
			t.Fatalf("got % x, want % x", again, payload)
		}
	case frame.Cancel:
		_, err = frame.ParseCancel(payload)
	case frame.GoAway:
		_, _, err = frame.ParseGoAway(payload)
	}
	if rule := (*frame.RuleError)(nil); err != nil && !errors.As(err, &rule) {
		t.Fatalf("got %T, want a rule: %v", err, err)
	}
}
