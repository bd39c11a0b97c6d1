package transport_test

import (
	"encoding/binary"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/runtimetest"
	"github.com/parley-rpc/parley/runtime/transport"
)

// Kinds and flags of frames, as the specification numbers them.
const (
	hello, callKind, replyKind, item, cancel, credit, ping, goAway = 1, 2, 3, 4, 5, 6, 7, 8

	more, end, errorFlag, deadline, metadata, ack = 1, 2, 4, 8, 16, 32
)

// frame returns a frame as bytes.
func frameOf(kind, flags byte, call uint32, payload string) string {
	b := binary.BigEndian.AppendUint16(nil, uint16(len(payload)))
	b = append(b, kind, flags)
	b = binary.BigEndian.AppendUint32(b, call)
	return string(b) + payload
}

const (
	helloPayload = "PRLY\x01"
	echoCall     = "\x00\x01"
	waitCall     = "\x00\x03"
	ignoreCall   = "\x00\x09"
)

var helloFrame = frameOf(hello, 0, 0, helloPayload)

// rules are what a peer that dialled may not send, after its HELLO unless raw, and the
// words by which the rule is named.
var rules = []struct{ name, bytes, rule string }{
	{"garbage", "GET / HTTP/1.1\r\n\r\n", "kind"},
	{"kind 0", frameOf(0, 0, 1, ""), "kind 0"},
	{"kind 9", frameOf(9, 0, 1, ""), "kind 9"},
	{"kind before its payload", frameOf(9, 0, 1, strings.Repeat("x", 1000))[:8], "kind 9"},
	{"unknown flag", frameOf(callKind, 0x40, 1, echoCall), "CALL has no flags 0x40"},
	{"flag of another kind", frameOf(cancel, end, 1, "\x00\x01\x00\x00"), "CANCEL has no flags 0x02"},
	{"hello twice", helloFrame, "HELLO comes once"},
	{"call 0", frameOf(callKind, 0, 0, echoCall), "CALL belongs to a call"},
	{"ping of a call", frameOf(ping, 0, 1, "12345678"), "PING belongs to call 0"},
	{"even call", frameOf(callKind, 0, 2, echoCall), "odd calls"},
	{"falling number", frameOf(callKind, 0, 3, waitCall) + frameOf(callKind, 0, 1, waitCall), "rise"},
	{"number twice", frameOf(callKind, 0, 1, waitCall) + frameOf(callKind, 0, 1, waitCall), "rise"},
	{"empty call", frameOf(callKind, 0, 1, ""), "CALL ends early"},
	{"half deadline", frameOf(callKind, deadline, 1, echoCall+"\x00"), "CALL ends early"},
	{"half metadata", frameOf(callKind, metadata, 1, echoCall+"\x00\x01\x00"), "CALL ends early"},
	{"metadata that lies", frameOf(callKind, metadata, 1, echoCall+"\x00\x01\xff\x00"), "metadata over"},
	{"reply to its own call", frameOf(callKind, 0, 1, waitCall) + frameOf(replyKind, 0, 1, ""), "answers the other's"},
	{"reply to no call", frameOf(replyKind, 0, 2, ""), "was opened"},
	{"item of no call", frameOf(item, 0, 1, ""), "was opened"},
	{"cancel of no call", frameOf(cancel, 0, 1, "\x00\x01\x00\x00"), "was opened"},
	{"credit of no call", frameOf(credit, 0, 7, "\x00\x00\x00\x01"), "was opened"},
	{"short cancel", frameOf(callKind, 0, 1, waitCall) + frameOf(cancel, 0, 1, "\x00"), "CANCEL ends early"},
	{"short credit", frameOf(credit, 0, 1, "\x00"), "CREDIT is 4 bytes"},
	{"short ping", frameOf(ping, 0, 0, "1"), "PING is 8 bytes"},
	{"short goaway", frameOf(goAway, 0, 0, "1"), "GOAWAY ends early"},
	{"long string that is short", frameOf(goAway, 0, 0, "\x00\x00\x00\x00\xff\xff\x00\x00\x00\x01x"), "long length"},
	{"credit overflow", frameOf(callKind, 0, 1, waitCall) + frameOf(credit, 0, 1, "\x7f\xff\xff\xff"), "credit of a stream"},
	{"end with payload", frameOf(callKind, 0, 1, waitCall) + frameOf(item, end, 1, "x"), "END has no payload"},
	{"item after end", frameOf(callKind, 0, 1, waitCall) + frameOf(item, end, 1, "") + frameOf(item, 0, 1, ""), "nothing follows END"},
	{"items without credit", frameOf(callKind, 0, 1, ignoreCall) + strings.Repeat(frameOf(item, 0, 1, strings.Repeat("x", 1<<15)), 9), "while there is credit"},
	{"empty items without credit", frameOf(callKind, 0, 1, ignoreCall) + strings.Repeat(frameOf(item, 0, 1, ""), 1<<15+1), "while there is credit"},
	{"more without length", frameOf(callKind, more, 1, "\x00\x00\x00"), "begins with the length"},
	{"empty more", frameOf(callKind, more, 1, ""), "MORE has a payload"},
	{"message too large", frameOf(callKind, more, 1, "\x00\x40\x00\x01"), "at most 4194304"},
	{"more than the whole", frameOf(callKind, more, 1, "\x00\x00\x00\x02\x00\x01"), "as long as its first frame says"},
	{"more for ever", frameOf(callKind, more, 1, "\x00\x00\x00\x08\x00\x01") + strings.Repeat(frameOf(callKind, more, 1, "x"), 10), "as long as its first frame says"},
	{"less than the whole", frameOf(callKind, more, 1, "\x00\x00\x00\x08\x00\x01") + frameOf(callKind, 0, 1, "x"), "as long as its first frame says"},
	{"flags on a later frame", frameOf(callKind, more, 1, "\x00\x00\x00\x08\x00\x01") + frameOf(callKind, deadline, 1, "123456"), "stand on its first frame"},
	{"item within a call", frameOf(callKind, more, 1, "\x00\x00\x00\x08\x00\x01") + frameOf(item, 0, 1, ""), "after the whole CALL"},
	{"too much in assembly", frameOf(callKind, more, 1, "\x00\x40\x00\x00") + frameOf(callKind, more, 3, "\x00\x40\x00\x00") + frameOf(callKind, more, 5, "\x00\x00\x00\x01"), "in assembly"},
	{"too many calls", calls(1025), "at most 1024 calls"},
}

// calls returns frames that open n calls, none of which is answered.
func calls(n int) string {
	var frames strings.Builder
	for i := range n {
		frames.WriteString(frameOf(callKind, 0, uint32(2*i+1), waitCall))
	}
	return frames.String()
}

func TestSessionRules(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule.name, func(t *testing.T) {
			checkRule(t, "\x00\x00"+helloFrame+rule.bytes, rule.rule)
		})
	}
}

func TestSessionFirstBytes(t *testing.T) {
	for _, rule := range []struct{ name, bytes, rule string }{
		{"no preface", "\x00\x09123456789", "00 00"},
		{"no hello", "\x00\x00" + frameOf(callKind, 0, 1, echoCall), "first frame is HELLO"},
		{"wrong magic", "\x00\x00" + frameOf(hello, 0, 0, "PRLX\x01"), "PRLY"},
		{"version 0", "\x00\x00" + frameOf(hello, 0, 0, "PRLY\x00"), "versions begin at 1"},
		{"half setting", "\x00\x00" + frameOf(hello, 0, 0, "PRLY\x01\x00\x01\x00"), "6 bytes"},
		{"undercut", "\x00\x00" + frameOf(hello, 0, 0, "PRLY\x01\x00\x01\x00\x00\x00\x01"), "at least 1048576"},
	} {
		t.Run(rule.name, func(t *testing.T) { checkRule(t, rule.bytes, rule.rule) })
	}
}

// checkRule sends bytes to a session that was accepted, and wants it to say, in its log and to
// the peer, that they break the rule.
func checkRule(t *testing.T, bytes, rule string) {
	var log runtimetest.Log
	conn, there := net.Pipe()
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: testHandler, Logger: log.Logger(slog.LevelWarn)})
	defer s.Close()
	go io.WriteString(conn, bytes) // ends when conn does
	answer, _ := io.ReadAll(conn)
	<-s.Done()
	if !strings.Contains(string(answer), rule) {
		t.Errorf("got %q, want it to end with a GOAWAY for %q", answer[max(0, len(answer)-300):], rule)
	}
	log.Want(t, "session closed", rule)
}

// TestSessionLaterVersion greets with a version and a setting that are not known yet.
func TestSessionLaterVersion(t *testing.T) {
	conn, there := connect(t)
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: testHandler})
	defer s.Close()
	send(t, conn, "\x00\x00"+frameOf(hello, 0, 0, "PRLY\x09\x00\x63\x00\x00\x00\x01")+frameOf(callKind, 0, 1, echoCall+"x"))
	got := make([]byte, 43+9)
	if _, err := io.ReadFull(conn, got); err != nil || string(got[43:]) != frameOf(replyKind, 0, 1, "x") {
		t.Errorf("got % x, %v, want a REPLY", got[43:], err)
	}
}

// TestSessionLateFrames sends frames for a call that has ended; they are dropped.
func TestSessionLateFrames(t *testing.T) {
	conn, there := connect(t)
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: testHandler})
	defer s.Close()
	send(t, conn, "\x00\x00"+helloFrame+frameOf(callKind, 0, 1, echoCall))
	got := make([]byte, 43+8)
	io.ReadFull(conn, got)
	send(t, conn, frameOf(item, 0, 1, "late")+frameOf(cancel, 0, 1, "\x00\x01\x00\x00")+frameOf(credit, 0, 1, "\x00\x00\x00\x01")+
		frameOf(item, end, 1, "")+frameOf(callKind, 0, 3, echoCall+"y"))
	got = make([]byte, 9)
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != frameOf(replyKind, 0, 3, "y") {
		t.Errorf("got % x, %v, want a REPLY", got, err)
	}
}
