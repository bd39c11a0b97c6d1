package rpcchat

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/runtime/codec"
)

// TestHostilePeers sends the server all that it should not get, while two users chat untouched.
func TestHostilePeers(t *testing.T) {
	server := startServer(t, nil)
	stalled := stall(t, server.address, 50)
	chatting := make(chan error, 1)
	go func() { chatting <- converse(t, server, 150) }()

	for _, hostile := range []struct{ name, request, errorHas string }{
		{"no bytes", "", ""},
		{"half a length", "\x00", "length"},
		{"truncated", "\x00\x20\x00\x00\x00\x05ali", "32"},
		{"no room for a type", "\x00\x01\x00", "type"},
		{"unknown type", "\x00\x02\x00\x07", "unknown message type"},
		{"another service's type", "\x00\x02\x07\x00", "unknown message type"},
		{"a type that is garbage", "\x00\x02\xff\xff", "unknown message type"},
		{"a string longer than its message", "\x00\x06\x00\x00\xff\x00al", "user"},
		{"a parameter missing", "\x00\x09\x00\x04\x00\x05alice", "message"},
		{"no parameters", "\x00\x02\x00\x02", "user"},
		{"oversized", "\xff\xff\x00\x04" + strings.Repeat("\xff", 65533), "user"},
		{"a web browser", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ""},
	} {
		t.Run(hostile.name, func(t *testing.T) {
			response := sendRaw(t, server.address, []byte(hostile.request))
			if len(response) == 0 && hostile.errorHas == "" {
				return
			}
			if got := errorIn(response); !strings.Contains(got, hostile.errorHas) || got == "" {
				t.Errorf("got response %q with error %q, want an error with %q", response, got, hostile.errorHas)
			}
		})
	}
	garbage(server.address, 200)
	if err := <-chatting; err != nil {
		t.Error(err)
	}
	stalled()
	for _, want := range []string{"unknown message type", "refused", "remote="} {
		if !strings.Contains(server.logs.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, server.logs.String())
		}
	}
	if strings.Contains(server.logs.String(), "panic") {
		t.Errorf("something panicked:\n%s", server.logs.String())
	}
}

// TestNamesAreSmall registers names in requests that are full of other bytes:
// the room keeps the names alone.
func TestNamesAreSmall(t *testing.T) {
	const users = 500
	server := startServer(t, nil)
	padding := strings.Repeat("x", 65_000)
	before := heap()
	for i := range users {
		body := codec.WriteString(codec.WriteUint16(nil, 0), fmt.Sprintf("user%d", i))
		body = append(body, padding...)
		response := sendRaw(t, server.address, append(codec.WriteUint16(nil, uint16(len(body))), body...))
		if string(response) != "\x00\x02\x00\x00" {
			t.Fatalf("got response %q, want that all went well", response)
		}
		server.CheckMessages(t.Context(), "user0") // its queue, the fullest, stays short
	}
	if grown := heap() - before; grown > users*len(padding)/2 {
		t.Errorf("%d names take %d bytes", users, grown)
	}
}

// heap returns the bytes that are in use.
func heap() int {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int(stats.HeapAlloc)
}

// TestShutdownLetsOthersFinish shuts the server down while half a request has come from somebody else.
func TestShutdownLetsOthersFinish(t *testing.T) {
	begun := make(chan bool, 1)
	server := startServer(t, func(l net.Listener) net.Listener { return &watchedListener{l, begun} })
	half, err := net.Dial("tcp", server.address)
	if err != nil {
		t.Fatal(err)
	}
	defer half.Close()
	io.WriteString(half, "\x00\x02\x00")
	<-begun
	if err := server.client().Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	for err == nil { // until nobody listens any more
		var conn net.Conn
		if conn, err = net.Dial("tcp", server.address); err == nil {
			conn.Close()
		}
	}
	io.WriteString(half, "\x01")
	if got, err := io.ReadAll(half); string(got) != "\x00\x04\x00\x00\x00\x00" || err != nil {
		t.Errorf("List: got %q, %v, want an empty list", got, err)
	}
	if err := <-server.served; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// watchedListener tells when the first bytes of its first connection have been read.
type watchedListener struct {
	net.Listener
	begun chan bool
}

type watchedConn struct {
	net.Conn
	begun chan bool
}

func (l *watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return &watchedConn{conn, l.begun}, err
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	select {
	case c.begun <- true:
	default:
	}
	return n, err
}

// errorIn returns the error string that ends a response, "" if there is none. Results are zero before it.
func errorIn(response []byte) string {
	length, rest, err := codec.ReadUint16(response)
	if err != nil || int(length) != len(rest) {
		return ""
	}
	for len(rest) > 0 {
		if text, tail, err := codec.ReadString(rest); err == nil && len(tail) == 0 {
			return text
		}
		rest = rest[2:] // the count of an empty list
	}
	return ""
}

// stall opens connections that send part of a request, or nothing, and then keep
// quiet. What it returns closes them.
func stall(t *testing.T, address string, count int) func() {
	var conns []net.Conn
	for i := range count {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte("\x00\x09\x00\x02\x00\x05alice")[:i%11]) // never all of its 11 bytes
		conns = append(conns, conn)
	}
	return func() {
		for _, conn := range conns {
			conn.Close()
		}
	}
}

// garbage sends random bytes. Logging users in or out, or stopping the server,
// would be within its rights: those types are left out.
func garbage(address string, count int) {
	random := rand.New(rand.NewPCG(1, 2))
	for range count {
		request := make([]byte, 4+random.IntN(300))
		for i := range request {
			request[i] = byte(random.Uint32())
		}
		if request[2] == 0 {
			request[2] = 1
		}
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Write(request)
			conn.Close()
		}
	}
}

// converse lets two users tell each other messages, and checks that each gets all of them.
func converse(t *testing.T, server *running, count int) error {
	users := []string{"alice", "bob"}
	for _, user := range users {
		if err := server.Room.Register(t.Context(), user); err != nil {
			return err
		}
	}
	errs := make([]error, len(users))
	var talking sync.WaitGroup
	for i, user := range users {
		talking.Go(func() { errs[i] = talkTo(t, server, user, users[1-i], count) })
	}
	talking.Wait()
	return errors.Join(errs...)
}

// talkTo tells target count messages and reads as many of target's.
func talkTo(t *testing.T, server *running, user, target string, count int) error {
	chat, ctx := server.client(), t.Context()
	read := 0
	for told := 0; told < count || read < count; {
		if told < count {
			told++
			if err := chat.Tell(ctx, user, target, fmt.Sprint(told)); err != nil {
				return err
			}
		}
		texts, err := chat.CheckMessages(ctx, user)
		if err != nil {
			return err
		}
		for _, text := range texts {
			if strings.HasPrefix(text, "***") { // the other one logs in
				continue
			}
			read++
			if want := fmt.Sprintf("%s tells you %d", target, read); text != want {
				return fmt.Errorf("%s got %q, want %q", user, text, want)
			}
		}
	}
	return nil
}
