package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/parley-rpc/parley/runtime/transport"
)

func open(t testing.TB, s *transport.Session, method uint16) *transport.Stream {
	t.Helper()
	stream, err := s.Open(context.Background(), &transport.Request{Method: method})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stream.Cancel(&transport.CallError{Code: 1, Message: "the test ends"}) })
	return stream
}

// TestStreamExchange sends items of all sizes both ways at once, more than the windows hold.
func TestStreamExchange(t *testing.T) {
	client, server := pair(t)
	sizes := []int{0, 1, 100, 30_000, 65_535, 65_536, 300_000, 0, 1 << 20, 4 << 20, 7}
	for _, s := range []*transport.Session{client, server} {
		stream := open(t, s, methodItems)
		go func() { // ends with the session
			for round := range 3 {
				for _, size := range sizes {
					if err := stream.Send(bytes.Repeat([]byte{byte(round), byte(size)}, size/2+1)[:size]); err != nil {
						t.Errorf("Send of %d bytes: %v", size, err)
					}
				}
			}
			stream.CloseSend()
		}()
		for round := range 3 {
			for i, size := range sizes {
				got, err := stream.Receive()
				if err != nil || !bytes.Equal(got, bytes.Repeat([]byte{byte(round), byte(size)}, size/2+1)[:size]) {
					t.Fatalf("round %d: item %d: got %d bytes, %v, want %d", round, i, len(got), err, size)
				}
			}
		}
		if _, err := stream.Receive(); err != io.EOF {
			t.Errorf("got %v, want io.EOF", err)
		}
		var response transport.Response
		if err := stream.Reply(&response); err != nil || string(response.Results) != fmt.Sprint(3*len(sizes)) {
			t.Errorf("got %q, %v, want the number of items", response.Results, err)
		}
	}
}

// TestStreamOrder counts items from a server that sends as fast as it can.
func TestStreamOrder(t *testing.T) {
	client, _ := pair(t)
	stream := open(t, client, methodCount)
	for n := range 200_000 {
		got, err := stream.Receive()
		if err != nil || string(got) != fmt.Sprint(n) {
			t.Fatalf("got %q, %v, want %d", got, err, n)
		}
	}
	stream.Cancel(&transport.CallError{Code: 1, Message: "enough"})
	if _, err := stream.Receive(); err == nil || err == io.EOF {
		t.Errorf("got %v after Cancel, want why", err)
	}
}

// TestStreamBrokenAndCanceled gives a call up whose connection has broken: what has come before that is received without
// a gap.
func TestStreamBrokenAndCanceled(t *testing.T) {
	client, server := pair(t)
	stream := open(t, client, methodCount)
	next := 0
	receive := func() (string, error) {
		item, err := stream.Receive()
		if err == nil && string(item) != fmt.Sprint(next) {
			t.Fatalf("got item %s, want %d", item, next)
		}
		next++
		return string(item), err
	}
	call(client, methodEcho, "") // meanwhile a window of items comes
	for range 1000 {
		if _, err := receive(); err != nil {
			t.Fatal(err)
		}
	}
	for range 20 {
		call(client, methodEcho, "") // and some more
	}
	server.Close()
	<-client.Done()
	stream.Cancel(&transport.CallError{Code: 1, Message: "enough"})
	for {
		if _, err := receive(); err == io.EOF {
			t.Error("got io.EOF, want why the connection broke")
			break
		} else if err != nil {
			break
		}
	}
}

// TestStreamItemTooLarge sends an item that is too large; the stream goes on.
func TestStreamItemTooLarge(t *testing.T) {
	client, _ := pair(t)
	stream := open(t, client, methodItems)
	stream.Send(nil)
	stream.Receive() // so the peer's HELLO has come
	var tooLarge *transport.MessageError
	if err := stream.Send(make([]byte, 4<<20+1)); !errors.As(err, &tooLarge) {
		t.Errorf("got %v, want a MessageError", err)
	}
	stream.Send([]byte("x"))
	if got, err := stream.Receive(); err != nil || string(got) != "x" {
		t.Errorf("got %q, %v, want the next item", got, err)
	}
}

// TestStreamStopped sends until the callee asks for no more.
func TestStreamStopped(t *testing.T) {
	client, _ := pair(t)
	stream := open(t, client, methodStop)
	var err error
	for err == nil {
		err = stream.Send(make([]byte, 1000))
	}
	if err != io.EOF {
		t.Errorf("got %v, want io.EOF", err)
	}
}

// TestStreamBackpressure fills a stream that nobody receives; calls go on beside it.
func TestStreamBackpressure(t *testing.T) {
	client, _ := pair(t)
	stream := open(t, client, methodIgnore)
	if _, err := call(client, methodEcho, ""); err != nil { // so the peer's HELLO has come
		t.Fatal(err)
	}
	sent, full := make(chan int), make(chan error, 1)
	go func() { // ends with the call
		for n := 0; ; n++ {
			if err := stream.Send(make([]byte, 10_000)); err != nil {
				full <- err
				return
			}
			sent <- n
		}
	}()
	for want := range transport.DefaultWindow/10_008 + 1 {
		if got := <-sent; got != want {
			t.Fatalf("got item %d, want %d", got, want)
		}
	}
	for range 100 {
		if _, err := call(client, methodEcho, ""); err != nil {
			t.Fatal(err)
		}
		select {
		case <-sent:
			t.Fatal("an item was sent without credit")
		default:
		}
	}
	stream.Cancel(&transport.CallError{Code: 1, Message: "bye"})
	if err := <-full; err == nil || err == io.EOF {
		t.Errorf("got %v, want why the call is over", err)
	}
}

// TestStreamReplyDropsItems asks for the answer without receiving what the callee sends.
func TestStreamReplyDropsItems(t *testing.T) {
	client, server := pair(t)
	_ = server
	stream := open(t, client, methodItems)
	item := make([]byte, 100_000)
	for range 2 {
		stream.Send(item)
	}
	sent := make(chan error, 1)
	go func() {
		for range 20 {
			stream.Send(item)
		}
		sent <- stream.CloseSend()
	}()
	stream.Receive()
	var response transport.Response
	if err := stream.Reply(&response); err != nil || string(response.Results) != "22" {
		t.Errorf("got %q, %v, want 22 items", response.Results, err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
	if _, err := stream.Receive(); err != io.EOF {
		t.Errorf("got %v, want io.EOF", err)
	}
}

// TestStreamContext wants the end of the caller's context to end the handler.
func TestStreamContext(t *testing.T) {
	client, _ := pair(t)
	ctx, cancel := context.WithCancel(t.Context())
	stream, err := client.Open(ctx, &transport.Request{Method: methodWait})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := stream.Receive(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if err := stream.Reply(new(transport.Response)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}
