package rpcchat

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// An exchange is one call of testdata/wire.txt.
type exchange struct {
	call              []string
	request, response []byte
}

// readExchanges reads lines «CALL WORDS», «> HEX» and «< HEX».
func readExchanges(t *testing.T) []exchange {
	t.Helper()
	data, err := os.ReadFile("testdata/wire.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []exchange
	for line := range strings.Lines(string(data)) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		if line == "" {
			continue
		}
		bytes, err := hex.DecodeString(strings.Join(strings.Fields(line[1:]), ""))
		switch {
		case line[0] != '>' && line[0] != '<':
			all = append(all, exchange{call: strings.Fields(line)})
		case err != nil:
			t.Fatalf("%q: %v", line, err)
		case line[0] == '>':
			all[len(all)-1].request = bytes
		default:
			all[len(all)-1].response = bytes
		}
	}
	return all
}

// TestWireByteForByte makes the calls of testdata/wire.txt through the stub,
// and compares what stub and server sent.
func TestWireByteForByte(t *testing.T) {
	server := startServer(t, nil)
	for _, want := range readExchanges(t) {
		got := recorder{}
		chat := rpcchat.NewChatClient(runtime.Classic(server.address, runtime.WithDialer(got.dial)))
		callByName(t, chat, want.call)
		if !bytes.Equal(got.sent.Bytes(), want.request) {
			t.Errorf("%q: request\n got % x\nwant % x", want.call, got.sent.Bytes(), want.request)
		}
		if !bytes.Equal(got.received.Bytes(), want.response) {
			t.Errorf("%q: response\n got % x\nwant % x", want.call, got.received.Bytes(), want.response)
		}
	}
	if err := <-server.served; err != nil { // the last call was Shutdown
		t.Errorf("Serve returned %v", err)
	}
}

// TestServerStubsByteForByte gives the requests of testdata/wire.txt to the
// functions of the classic form, which know nothing of connections.
func TestServerStubsByteForByte(t *testing.T) {
	type stub func(ctx context.Context, service rpcchat.Chat, request []byte) []byte
	stubs := map[string]stub{
		"Register": rpcchat.RegisterServerStub, "List": rpcchat.ListServerStub, "CheckMessages": rpcchat.CheckMessagesServerStub,
		"Tell": rpcchat.TellServerStub, "Say": rpcchat.SayServerStub, "Logout": rpcchat.LogoutServerStub, "Shutdown": rpcchat.ShutdownServerStub,
	}
	room := NewRoom()
	for _, want := range readExchanges(t) {
		parameters, response := want.request[4:], want.response[2:] // without length and message type
		if got := stubs[want.call[0]](t.Context(), room, parameters); !bytes.Equal(got, response) {
			t.Errorf("%q: response\n got % x\nwant % x", want.call, got, response)
		}
	}
	<-room.ShutdownRequested()
}

// TestClientStubsOfTheAssignment calls the functions that take a server's address.
func TestClientStubsOfTheAssignment(t *testing.T) {
	server := startServer(t, nil)
	address := server.address
	err := errors.Join(
		rpcchat.RegisterRPC(address, "alice"), rpcchat.RegisterRPC(address, "bob"),
		rpcchat.TellRPC(address, "bob", "alice", "hi"), rpcchat.SayRPC(address, "alice", "yes"), rpcchat.LogoutRPC(address, "bob"))
	if err != nil {
		t.Error(err)
	}
	users, err := rpcchat.ListRPC(address)
	if want := []string{"alice"}; err != nil || !slices.Equal(users, want) {
		t.Errorf("got users %q, %v, want %q", users, err, want)
	}
	messages, err := rpcchat.CheckMessagesRPC(address, "alice")
	want := []string{"*** bob has logged in", "bob tells you hi", "alice says yes", "*** bob has logged out"}
	if err != nil || !slices.Equal(messages, want) {
		t.Errorf("got messages %q, %v, want %q", messages, err, want)
	}
	if err := rpcchat.ShutdownRPC(address); err != nil {
		t.Error(err)
	}
	if err := <-server.served; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// callByName makes a call; what it returns is seen in the bytes.
func callByName(t *testing.T, chat rpcchat.Chat, call []string) {
	t.Helper()
	ctx, args := t.Context(), append(call[1:], "", "", "")
	switch call[0] {
	case "Register":
		_ = chat.Register(ctx, args[0])
	case "List":
		_, _ = chat.List(ctx)
	case "CheckMessages":
		_, _ = chat.CheckMessages(ctx, args[0])
	case "Tell":
		_ = chat.Tell(ctx, args[0], args[1], args[2])
	case "Say":
		_ = chat.Say(ctx, args[0], args[1])
	case "Logout":
		_ = chat.Logout(ctx, args[0])
	case "Shutdown":
		_ = chat.Shutdown(ctx)
	default:
		t.Fatalf("no such call: %q", call)
	}
}

// recorder keeps what goes over the connection it dials.
type recorder struct{ sent, received bytes.Buffer }

func (r *recorder) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &recordedConn{conn, r}, nil
}

type recordedConn struct {
	net.Conn
	*recorder
}

func (c *recordedConn) Write(p []byte) (int, error) {
	c.sent.Write(p)
	return c.Conn.Write(p)
}

func (c *recordedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Write(p[:n])
	return n, err
}

// sendRaw sends request as it is, ends the sending side, and returns all that comes back.
func sendRaw(t *testing.T, address string, request []byte) []byte {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.Write(request) // the server may have had enough of it before its end
	conn.(*net.TCPConn).CloseWrite()
	response, _ := io.ReadAll(conn)
	return response
}
