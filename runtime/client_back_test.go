package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestCallBack has a handler call its caller.
func TestCallBack(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{write: func(ctx context.Context, text string) (uint16, error) {
		caller, ok := runtime.CallerFrom(ctx)
		if !ok {
			return 0, errors.New("no caller")
		}
		back := NewGuestbookClient(caller)
		if _, err := NewDiaryClient(caller).Page(ctx, 1); runtime.CodeOf(err) != runtime.CodeUnimplemented {
			t.Errorf("a service that the client has not: got %v, want unimplemented", err)
		}
		return back.Sign(ctx, "server", text)
	}})
	client := dial(t, serve(t, server))
	RegisterGuestbook(client, Book{sign: func(ctx context.Context, name, text string) (uint16, error) {
		if peer, ok := runtime.PeerFrom(ctx); !ok {
			t.Errorf("got peer %v, %v, want the server", peer, ok)
		}
		return uint16(len(name + text)), nil
	}})
	if got, err := NewDiaryClient(client).Write(t.Context(), "hello"); got != 11 || err != nil {
		t.Errorf("got %d, %v, want 11", got, err)
	}
}

// TestCallBackKept has a server keep a caller, and call it when no call of the client's is under way;
// then break the line: the client comes back by itself.
func TestCallBackKept(t *testing.T) {
	callers := make(chan runtime.Caller, 1)
	hello := Diary{write: func(ctx context.Context, _ string) (uint16, error) {
		caller, _ := runtime.CallerFrom(ctx)
		callers <- caller
		return 0, nil
	}}
	server := runtime.NewServer()
	RegisterDiary(server, hello)
	conns := make(chan net.Conn, 8)
	client := dial(t, serve(t, server), runtime.WithDialer(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		conns <- conn
		return conn, err
	}))
	RegisterGuestbook(client, Book{clear: func(context.Context) error { return nil }})
	NewDiaryClient(client).Write(t.Context(), "")
	caller := <-callers
	if err := NewGuestbookClient(caller).Clear(t.Context()); err != nil {
		t.Errorf("calling back: %v", err)
	}
	(<-conns).Close()
	<-conns // without a call
	if err := NewGuestbookClient(caller).Clear(t.Context()); runtime.CodeOf(err) != runtime.CodeUnavailable {
		t.Errorf("calling back on the old line: got %v, want unavailable", err)
	}
}

// TestCallBackTimeout has a client that does not answer its server, which has little time.
func TestCallBackTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := runtime.NewServer(runtime.WithTimeout(time.Second))
		RegisterDiary(server, Diary{write: func(ctx context.Context, text string) (uint16, error) {
			caller, _ := runtime.CallerFrom(ctx)
			return 0, NewGuestbookClient(caller).Clear(ctx)
		}})
		client, _, stop := inMemory(t, server, runtime.WithTimeout(time.Minute))
		defer stop()
		RegisterGuestbook(client, Book{clear: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		began := time.Now()
		_, err := NewDiaryClient(client).Write(t.Context(), "")
		if took := time.Since(began); runtime.CodeOf(err) != runtime.CodeDeadlineExceeded || took > 2*time.Second {
			t.Errorf("got %v after %v, want deadline_exceeded after a second", err, took)
		}
	})
}

// TestReconnectLog has a client with services lose a server that does not come back: the log says so, once.
func TestReconnectLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log runtimetest.Log
		server := runtime.NewServer()
		client, _, stop := inMemory(t, server, runtime.WithLogger(log.Logger(slog.LevelInfo)))
		defer stop()
		RegisterGuestbook(client, Book{})
		if err := client.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		server.Close()
		time.Sleep(time.Minute)
		log.Want(t, "level=WARN", "connecting again fails", "connection refused")
	})
}

func TestCallerFromClassic(t *testing.T) {
	client := NewGuestbookClient(runtime.Classic(serveBook(t, Book{clear: func(ctx context.Context) error {
		if _, ok := runtime.CallerFrom(ctx); ok {
			return errors.New("there is a caller")
		}
		return nil
	}})))
	if err := client.Clear(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestMetadata(t *testing.T) {
	client := dialDiary(t, Diary{page: func(ctx context.Context, _ uint16) (string, error) {
		return fmt.Sprint(runtime.MetadataFrom(ctx)), nil
	}})
	tests := []struct {
		name     string
		metadata map[string]string
		want     string
	}{
		{"none", nil, "map[]"},
		{"some", map[string]string{"token": "secret", "": "empty name", "trace": ""}, "map[:empty name token:secret trace:]"},
		{"most", map[string]string{"k": strings.Repeat("x", 8192-2-2-1-2)}, "map[k:" + strings.Repeat("x", 8185) + "]"},
	}
	for _, test := range tests {
		ctx := runtime.WithMetadata(t.Context(), test.metadata)
		if got, err := client.Page(ctx, 1); got != test.want || err != nil {
			t.Errorf("%s: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
	ctx := runtime.WithMetadata(t.Context(), map[string]string{"k": strings.Repeat("x", 8186)})
	_, err := client.Page(ctx, 1)
	failure{"example.Diary.Page: metadata of 8193 bytes, the peer accepts at most 8192", runtime.CodeResourceExhausted, false, false}.check(t, err)
}
