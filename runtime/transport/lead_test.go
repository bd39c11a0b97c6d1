package transport_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
)

// led returns two sessions of which the dialled one has nobody reading: it has made one call,
// and the peer none.
func led(t *testing.T) (client, server *transport.Session) {
	t.Helper()
	client, server = pair(t)
	for range 10 {
		if _, err := call(client, methodEcho, "x"); err != nil {
			t.Fatal(err)
		}
	}
	return client, server
}

func TestLeadPeerCalls(t *testing.T) {
	_, server := led(t)
	for range 10 {
		if got, err := call(server, methodEcho, "push"); err != nil || got != "push" {
			t.Errorf("got %q, %v, want an answer of the side that dialled", got, err)
		}
	}
}

func TestLeadNoticesEnd(t *testing.T) {
	client, server := led(t)
	server.Close()
	<-client.Done()
	if err := client.Err(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want end of file", err)
	}
}

func TestLeadPing(t *testing.T) {
	client, server := led(t)
	if err := client.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	if err := server.Ping(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestLeadDeadline wants the deadline to end a call whose caller reads, and the session to go on.
func TestLeadDeadline(t *testing.T) {
	client, _ := led(t)
	for range 3 {
		request := transport.Request{Method: methodWait, Deadline: time.Now().Add(20 * time.Millisecond)}
		err := client.Call(context.Background(), &request, new(transport.Response))
		var answer *transport.CallError
		if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &answer) {
			t.Errorf("got %v, want context.DeadlineExceeded", err)
		}
		if got, err := call(client, methodEcho, "on"); err != nil || got != "on" {
			t.Errorf("got %q, %v, want the session to go on", got, err)
		}
	}
}

// TestLeadBreaks cuts the connection while a caller reads.
func TestLeadBreaks(t *testing.T) {
	client, server := led(t)
	failed := make(chan error)
	go func() {
		_, err := call(client, methodWait, "")
		failed <- err
	}()
	stream, err := server.Open(t.Context(), &transport.Request{Method: methodItems})
	if err != nil {
		t.Fatal(err)
	}
	stream.Send(nil)
	stream.Receive() // whoever reads at the client has read this
	client.Close()
	var line *transport.LineError
	if err := <-failed; !errors.As(err, &line) {
		t.Errorf("got %v, want a LineError", err)
	}
}

// TestLeadHandsOn has one caller that reads answered before another that does not.
func TestLeadHandsOn(t *testing.T) {
	client, _ := led(t)
	done := make(chan error)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() {
		done <- client.Call(ctx, &transport.Request{Method: methodWait}, new(transport.Response))
	}()
	for range 100 {
		if _, err := call(client, methodEcho, ""); err != nil {
			t.Error(err)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
