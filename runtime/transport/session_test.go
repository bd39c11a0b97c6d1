package transport_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime/transport"
	"github.com/parley-rpc/parley/runtime/transport/frame"
)

// Methods of the tests' handler.
const (
	methodEcho   = 1 // answers with the parameters and the metadata
	methodFail   = 2 // answers with an error that has the parameters for its body
	methodWait   = 3 // answers when it is cancelled
	methodBack   = 4 // calls methodEcho of the caller with its parameters
	methodPanic  = 5
	methodItems  = 6 // echoes each item, answers with their count
	methodStop   = 7 // receives one item, asks for no more, then answers when cancelled
	methodCount  = 8 // sends items until it is cancelled
	methodIgnore = 9 // receives nothing, answers when cancelled
)

// testHandler answers the methods above.
func testHandler(in *transport.Incoming) {
	switch in.Method {
	case methodEcho:
		in.Results = append(in.Results, in.Params...)
		in.ReplyMetadata = in.Metadata
	case methodFail:
		in.Error = &transport.CallError{Code: 5, Message: "no", Name: "room.Gone", Body: bytes.Clone(in.Params)}
	case methodWait, methodIgnore:
		waitCanceled(in)
	case methodBack:
		in.MayWait()
		var response transport.Response
		request := transport.Request{Method: methodEcho, Params: in.Params}
		if err := in.Session().Call(context.Background(), &request, &response); err != nil {
			in.Error = &transport.CallError{Code: 13, Message: err.Error()}
		}
		in.Results = append(in.Results, response.Results...)
	case methodPanic:
		panic("as told")
	default:
		streamHandler(in)
	}
}

func streamHandler(in *transport.Incoming) {
	stream := in.Stream()
	switch in.Method {
	case methodItems:
		n := 0
		for item, err := stream.Receive(); err == nil; item, err = stream.Receive() {
			if stream.Send(item) != nil {
				break
			}
			n++
		}
		in.Results = fmt.Append(in.Results, n)
	case methodStop:
		stream.Receive()
		stream.Cancel(&transport.CallError{Code: 1, Message: "enough"})
		waitCanceled(in)
	case methodCount:
		for n := 0; stream.Send(fmt.Append(nil, n)) == nil; n++ {
		}
	default:
		in.Error = &transport.CallError{Code: 12, Message: "unknown method"}
	}
}

func waitCanceled(in *transport.Incoming) {
	canceled := make(chan error, 1)
	in.AfterCancel(func(err error) { canceled <- err })
	err := <-canceled
	in.Error = &transport.CallError{Code: 1, Message: err.Error()}
}

// connect returns the two ends of a connection over the loopback.
func connect(t testing.TB) (dialled, accepted net.Conn) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	dialled, err = net.Dial("tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	accepted, err = listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	return dialled, accepted
}

// pair returns two sessions that talk to each other over the loopback, both with
// testHandler, closed when the test ends.
func pair(t testing.TB) (client, server *transport.Session) {
	t.Helper()
	here, there := connect(t)
	return pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler})
}

func pairOver(t testing.TB, here, there net.Conn, config *transport.SessionConfig) (client, server *transport.Session) {
	client = transport.Dialled(here, config)
	server = transport.Accepted(there, nil, config)
	t.Cleanup(func() { client.Close(); server.Close() })
	return client, server
}

func call(s *transport.Session, method uint16, params string) (string, error) {
	var response transport.Response
	err := s.Call(context.Background(), &transport.Request{Method: method, Params: []byte(params)}, &response)
	return string(response.Results), err
}

func TestSessionCall(t *testing.T) {
	client, server := pair(t)
	for _, s := range []*transport.Session{client, server} {
		got, err := call(s, methodEcho, "hello")
		if err != nil || got != "hello" {
			t.Errorf("got %q, %v, want %q", got, err, "hello")
		}
	}
}

func TestSessionCallBack(t *testing.T) {
	client, _ := pair(t)
	if got, err := call(client, methodBack, "there and back"); err != nil || got != "there and back" {
		t.Errorf("got %q, %v, want what was sent", got, err)
	}
}

func TestSessionCallError(t *testing.T) {
	client, _ := pair(t)
	_, err := call(client, methodFail, "body")
	var got *transport.CallError
	if !errors.As(err, &got) || got.Code != 5 || got.Message != "no" || got.Name != "room.Gone" || string(got.Body) != "body" {
		t.Errorf("got %+v, want all parts of the error", err)
	}
}

func TestSessionMetadata(t *testing.T) {
	client, _ := pair(t)
	block := []byte("\x00\x01\x00\x01k\x00\x02vv")
	response := transport.Response{Results: []byte("old")}
	err := client.Call(t.Context(), &transport.Request{Method: methodEcho, Metadata: block}, &response)
	if err != nil || !bytes.Equal(response.Metadata, block) || len(response.Results) > 0 {
		t.Errorf("got metadata %q, results %q, %v, want metadata %q", response.Metadata, response.Results, err, block)
	}
	large := transport.Request{Method: methodEcho, Metadata: make([]byte, frame.MaxMetadata+1)}
	var tooLarge *transport.MessageError
	if err := client.Call(t.Context(), &large, &response); !errors.As(err, &tooLarge) || !tooLarge.Metadata {
		t.Errorf("got %v, want a MessageError for metadata", err)
	}
}

func TestSessionHandlerPanics(t *testing.T) {
	client, _ := pair(t)
	var got *transport.CallError
	if _, err := call(client, methodPanic, ""); !errors.As(err, &got) || got.Code != 13 {
		t.Errorf("got %v, want code 13", err)
	}
	if _, err := call(client, methodEcho, ""); err != nil {
		t.Errorf("got %v after a panic, want an answer", err)
	}
}

func TestSessionNoHandler(t *testing.T) {
	here, there := connect(t)
	client, _ := pairOver(t, here, there, nil)
	var got *transport.CallError
	if _, err := call(client, methodEcho, ""); !errors.As(err, &got) || got.Code != 12 {
		t.Errorf("got %v, want code 12", err)
	}
}

// TestSessionMessageSizes sends messages of sizes around those of frames, many at once, both ways.
func TestSessionMessageSizes(t *testing.T) {
	client, server := pair(t)
	var calls sync.WaitGroup
	for _, size := range []int{0, 1, 65_524, 65_525, 65_526, 65_531, 65_532, 65_533, 65_534, 131_000, 1 << 20, 4<<20 - 2} {
		for i, s := range []*transport.Session{client, server} {
			calls.Go(func() {
				want := bytes.Repeat([]byte{byte(size), byte(i), 1, 2, 3}, size/5+1)[:size]
				if got, err := call(s, methodEcho, string(want)); err != nil || got != string(want) {
					t.Errorf("size %d: got %d bytes, %v, want them back", size, len(got), err)
				}
			})
		}
	}
	calls.Wait()
	var tooLarge *transport.MessageError
	if _, err := call(client, methodEcho, string(make([]byte, 4<<20))); !errors.As(err, &tooLarge) ||
		tooLarge.Size != 4<<20+2 || tooLarge.Limit != 4<<20 {
		t.Errorf("got %v, want both sizes", err)
	}
}

func TestSessionManyCallers(t *testing.T) {
	client, server := pair(t)
	var callers sync.WaitGroup
	for i := range 512 {
		s := []*transport.Session{client, server}[i%2]
		callers.Go(func() {
			for n := range 50 {
				want := fmt.Sprint(i, n)
				if got, err := call(s, methodEcho, want); err != nil || got != want {
					t.Errorf("got %q, %v, want %q", got, err, want)
					return
				}
			}
		})
	}
	callers.Wait()
}

func TestSessionCancel(t *testing.T) {
	client, _ := pair(t)
	for range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		context.AfterFunc(ctx, func() {})
		go cancel() // ends at once
		err := client.Call(ctx, &transport.Request{Method: methodWait}, new(transport.Response))
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want context.Canceled", err)
		}
	}
	if got, err := call(client, methodEcho, "x"); err != nil || got != "x" {
		t.Errorf("got %q, %v afterwards, want an answer", got, err)
	}
}

func TestSessionDeadline(t *testing.T) {
	client, _ := pair(t)
	began := time.Now()
	request := transport.Request{Method: methodWait, Deadline: began.Add(30 * time.Millisecond)}
	err := client.Call(t.Context(), &request, new(transport.Response))
	var answer *transport.CallError // the callee's clock may be quicker
	if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &answer) {
		t.Errorf("got %v, want context.DeadlineExceeded", err)
	}
	if took := time.Since(began); took < 25*time.Millisecond {
		t.Errorf("got an error after %v, want 30ms", took)
	}
}

// TestSessionTimeout makes calls within one tick of the clock, which share a look at it.
func TestSessionTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		here, there := net.Pipe()
		client, _ := pairOver(t, here, there, &transport.SessionConfig{Handler: testHandler})
		var calls sync.WaitGroup
		for i, timeout := range []time.Duration{time.Minute, 30 * time.Millisecond, time.Minute, 2 * time.Second} {
			calls.Go(func() {
				time.Sleep(time.Duration(i) * 2 * time.Millisecond)
				began := time.Now()
				err := client.Call(t.Context(), &transport.Request{Method: methodIgnore, Timeout: timeout}, new(transport.Response))
				var answer *transport.CallError // the callee's clock may be quicker
				if !errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &answer) {
					t.Errorf("got %v, want context.DeadlineExceeded", err)
				}
				if took := time.Since(began); (took - timeout).Abs() > 20*time.Millisecond {
					t.Errorf("got an error after %v, want %v", took, timeout)
				}
			})
		}
		calls.Wait()
	})
}

func TestSessionShutdown(t *testing.T) {
	client, server := pair(t)
	stream, err := client.Open(t.Context(), &transport.Request{Method: methodItems})
	if err != nil {
		t.Fatal(err)
	}
	stream.Send([]byte("x"))
	stream.Receive()
	down := make(chan error)
	go func() { down <- server.Shutdown(t.Context(), "restart") }()
	<-client.Draining()
	var line *transport.LineError
	if _, err := call(client, methodEcho, ""); !errors.As(err, &line) || !line.NotRun || !errors.Is(err, transport.ErrGoAway) {
		t.Errorf("got %v, want a LineError for a call that did not run", err)
	}
	stream.CloseSend()
	var response transport.Response
	if err := stream.Reply(&response); err != nil || string(response.Results) != "1" {
		t.Errorf("got %q, %v, want the answer to a call that was open", response.Results, err)
	}
	if err := <-down; err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	<-client.Done()
	if err := client.Err(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want end of file", err)
	}
}

func TestSessionPing(t *testing.T) {
	client, server := pair(t)
	for _, s := range []*transport.Session{client, server} {
		if err := s.Ping(t.Context()); err != nil {
			t.Error(err)
		}
	}
	server.Close()
	var line *transport.LineError
	if err := client.Ping(t.Context()); !errors.As(err, &line) {
		t.Errorf("got %v, want a LineError", err)
	}
}
