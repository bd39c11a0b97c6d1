package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport"
)

// A part is what one side of a conversation says before it waits for the other.
type part struct {
	client bool
	bytes  []byte
}

func readConversation(t testing.TB, name string) (parts []part) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	var who, digits string
	for line := range strings.Lines(string(text) + "end\n") {
		switch line := strings.TrimSpace(line); line {
		case "client", "server", "end":
			if who != "" {
				parts = append(parts, part{who == "client", unhex(t, digits)})
			}
			who, digits = line, ""
		default:
			digits += line + "\n"
		}
	}
	return parts
}

// play takes one side's part of a conversation on conn, and checks the other's.
func play(t testing.TB, conn net.Conn, parts []part, client bool) {
	t.Helper()
	for i, p := range parts {
		if p.client == client {
			if _, err := conn.Write(p.bytes); err != nil {
				t.Fatalf("part %d: %v", i, err)
			}
			continue
		}
		got := make([]byte, len(p.bytes))
		n, err := io.ReadFull(conn, got)
		if err != nil || !bytes.Equal(got, p.bytes) {
			t.Fatalf("part %d: got %d bytes, %.200q, %v, want %d, %.200q", i, n, got[:n], err, len(p.bytes), p.bytes)
		}
	}
}

func conversations(t *testing.T) (names []string) {
	paths, err := filepath.Glob("testdata/*.hex")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for _, path := range paths {
		names = append(names, filepath.Base(path))
	}
	return names
}

func TestSessionVectorsServer(t *testing.T) {
	for _, name := range conversations(t) {
		t.Run(name, func(t *testing.T) {
			conn, there := connect(t)
			defer conn.Close()
			s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: testHandler})
			defer s.Close()
			play(t, conn, readConversation(t, name), true)
		})
	}
}

// clients do what the client does in the conversations, but for those that only another
// implementation could say.
var clients = map[string]func(s *transport.Session) error{
	"call.hex": func(s *transport.Session) error {
		request := transport.Request{Method: methodEcho, Params: []byte("Hello, y"), Metadata: []byte("\x00\x01\x00\x02id\x00\x0242")}
		return s.Call(context.Background(), &request, new(transport.Response))
	},
	"error.hex": func(s *transport.Session) error {
		_, first := call(s, methodFail, "\xaa\xbb")
		_, second := call(s, 7000, "")
		var a, b *transport.CallError
		if !errors.As(first, &a) || !errors.As(second, &b) || a.Name != "room.Gone" || b.Code != 12 {
			return fmt.Errorf("got %v and %v", first, second)
		}
		return nil
	},
	"stream.hex": func(s *transport.Session) error {
		stream, err := s.Open(context.Background(), &transport.Request{Method: methodItems})
		if err != nil {
			return err
		}
		for _, item := range []string{"one", ""} {
			if err := stream.Send([]byte(item)); err != nil {
				return err
			}
			if got, err := stream.Receive(); err != nil || string(got) != item {
				return fmt.Errorf("got %q, %v, want %q", got, err, item)
			}
		}
		stream.CloseSend()
		return stream.Reply(new(transport.Response))
	},
	"credit.hex": func(s *transport.Session) error {
		stream, err := s.Open(context.Background(), &transport.Request{Method: methodItems})
		if err != nil {
			return err
		}
		if err := stream.Send(bytes.Repeat([]byte("a"), 150_000)); err != nil {
			return err
		}
		if item, err := stream.Receive(); err != nil || len(item) != 150_000 {
			return fmt.Errorf("got %d bytes, %v, want 150,000", len(item), err)
		}
		stream.CloseSend()
		return stream.Reply(new(transport.Response))
	},
	"leave.hex": func(s *transport.Session) error {
		s.GoAway("bye")
		_, err := call(s, methodEcho, "x")
		return err
	},
	"cancel.hex": func(s *transport.Session) error {
		stream, err := s.Open(context.Background(), &transport.Request{Method: methodWait})
		if err != nil {
			return err
		}
		stream.Cancel(&transport.CallError{Code: 1, Message: "bore"})
		return nil
	},
	"ping.hex": func(s *transport.Session) error { return s.Ping(context.Background()) },
	"back.hex": func(s *transport.Session) error {
		_, err := call(s, methodBack, "hi")
		return err
	},
}

func TestSessionVectorsClient(t *testing.T) {
	for name, do := range clients {
		t.Run(name, func(t *testing.T) {
			here, conn := connect(t)
			defer conn.Close()
			s := transport.Dialled(here, &transport.SessionConfig{Handler: testHandler})
			defer s.Close()
			did := make(chan error, 1)
			go func() { did <- do(s) }()
			play(t, conn, readConversation(t, name), false)
			if err := <-did; err != nil {
				t.Error(err)
			}
		})
	}
}
