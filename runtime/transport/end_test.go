package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// TestShutdownLingers has a peer make calls for as long as it can, which a session that is shut
// down does not run: the peer reads everything to the end, and no reset destroys it.
func TestShutdownLingers(t *testing.T) {
	conn, there := connect(t)
	defer conn.Close()
	s := transport.Accepted(there, nil, &transport.SessionConfig{Handler: testHandler})
	send(t, conn, frame.Preface+helloFrame)
	down := make(chan error, 1)
	go func() { down <- s.Shutdown(t.Context(), "restart") }()
	for number := uint32(1); number < 2000; number += 2 {
		send(t, conn, frameOf(callKind, 0, number, waitCall))
	}
	read := make(chan error, 1)
	go func() { // ends with what s sends
		_, err := io.Copy(io.Discard, conn)
		read <- err
	}()
	// The calls that came before GOAWAY are open until they are cancelled.
	for number := uint32(1); number < 2000; number += 2 {
		send(t, conn, frameOf(cancel, 0, number, "\x00\x01\x00\x00"))
	}
	if err := <-read; err != nil {
		t.Errorf("got %v, want the end of what was sent", err)
	}
	send(t, conn, frameOf(callKind, 0, 2001, waitCall))
	conn.Close()
	if err := <-down; err != nil {
		t.Errorf("Shutdown: got %v, want nil", err)
	}
}

// TestShutdownLingersNotForever has a peer that does not close, over a connection whose sides
// do not end by themselves.
func TestShutdownLingersNotForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, there := net.Pipe()
		defer conn.Close()
		s := transport.Accepted(there, nil, nil)
		go io.Copy(io.Discard, conn) // ends with s
		go io.WriteString(conn, frame.Preface+helloFrame)
		synctest.Wait()
		began := time.Now()
		if err := s.Shutdown(t.Context(), "restart"); err != nil {
			t.Errorf("Shutdown: got %v, want nil", err)
		}
		if took := time.Since(began); took != 500*time.Millisecond {
			t.Errorf("got %v, want 500ms", took)
		}
	})
}

// TestSessionCallbacks counts Drained and Ended on both sides of a session that is shut down.
func TestSessionCallbacks(t *testing.T) {
	told := make(chan string, 8)
	tell := func(what string) func(*transport.Session) {
		return func(s *transport.Session) {
			if what == "ended" && s.Err() == nil {
				what = "ended early"
			}
			told <- what
		}
	}
	here, there := connect(t)
	client, server := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler, Drained: tell("drained"), Ended: tell("ended")})
	if _, err := call(client, methodEcho, ""); err != nil {
		t.Fatal(err)
	}
	if err := server.Shutdown(t.Context(), "restart"); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	client.Close()
	close(told)
	count := make(map[string]int)
	for what := range told {
		count[what]++
	}
	if count["drained"] != 2 || count["ended"] != 2 || len(count) != 2 {
		t.Errorf("got %v, want each twice", count)
	}
	if !client.IsDraining() {
		t.Error("got a session that takes calls, want it to be draining")
	}
	<-client.Draining()
	<-client.Done()
}

// TestDoneHearsOfReplacement has handlers answer with more than their caller accepts.
func TestDoneHearsOfReplacement(t *testing.T) {
	tests := []struct {
		name   string
		answer func(in *transport.Incoming)
		code   uint16
	}{
		{"results", func(in *transport.Incoming) { in.Results = make([]byte, 2<<20) }, 8},
		{"error", func(in *transport.Incoming) {
			in.Error = &transport.CallError{Code: 5, Message: strings.Repeat("no ", 1<<20)}
		}, 5},
		{"metadata", func(in *transport.Incoming) { in.ReplyMetadata = make([]byte, frame.MaxMetadata+1) }, 8},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			heard := make(chan error, 1)
			here, there := connect(t)
			client, _ := pairOver(t, here, there, &transport.SessionConfig{MaxMessage: 1 << 20, Handler: func(in *transport.Incoming) {
				in.Done = repliedFunc(func(err error) { heard <- err })
				test.answer(in)
			}})
			err := client.Call(context.Background(), &transport.Request{Method: methodEcho}, new(transport.Response))
			var answer *transport.CallError
			if !errors.As(err, &answer) || answer.Code != test.code {
				t.Errorf("the caller: got %v, want code %d", err, test.code)
			}
			var why *transport.MessageError
			if err := <-heard; !errors.As(err, &why) {
				t.Errorf("Done: got %v, want a MessageError", err)
			}
		})
	}
}
