package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// A test cuts all connections; the client connects again.
func ExampleWithDialer() {
	var network runtimetest.Network
	listener, err := network.Listen("server:1")
	if err != nil {
		fmt.Println(err)
		return
	}
	server := runtime.NewServer()
	RegisterDiary(server, Diary{page: func(context.Context, uint16) (string, error) { return "dear diary", nil }})
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial("server:1", runtime.WithDialer(network.Dial))
	diary := NewDiaryClient(client)
	fmt.Println(diary.Page(context.Background(), 1))
	network.Cut()
	fmt.Println(diary.Page(context.Background(), 1)) // @idempotent, so it may be made again
	fmt.Println(client.Close(), server.Close(), <-served)
	// Output:
	// dear diary <nil>
	// dear diary <nil>
	// <nil> <nil> <nil>
}

// serveNetwork lets server serve address of network until the test ends.
func serveNetwork(t *testing.T, network *runtimetest.Network, address string, server *runtime.Server) {
	t.Helper()
	listener, err := network.Listen(address)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Close()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

// TestSlowNetwork has calls of both forms over a network that is slow, and one that is too slow.
func TestSlowNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network runtimetest.Network
		server := runtime.NewServer()
		RegisterGuestbook(server, Book{list: func(context.Context) ([]string, error) { return []string{"x"}, nil }})
		serveNetwork(t, &network, "server:1", server)
		session := dial(t, "server:1", runtime.WithDialer(network.Dial))
		for _, caller := range []runtime.Caller{runtime.Classic("server:1", runtime.WithDialer(network.Dial)), session} {
			for _, delay := range []time.Duration{time.Second, time.Minute} {
				network.Faults(func(l *runtimetest.Link) { l.Delay(delay) })
				began := time.Now()
				entries, err := NewGuestbookClient(caller).List(t.Context())
				took := time.Since(began)
				switch {
				case delay == time.Second && (err != nil || !slices.Equal(entries, []string{"x"}) || took != 2*delay):
					t.Errorf("%T: got %q, %v after %v, want x after %v", caller, entries, err, took, 2*delay)
				case delay == time.Minute && (runtime.CodeOf(err) != runtime.CodeDeadlineExceeded || took.Round(time.Second) != 10*time.Second):
					t.Errorf("%T: got %v after %v, want deadline_exceeded after 10s", caller, err, took)
				}
			}
		}
	})
}

// TestCutAnywhere cuts the connection amid 512 calls, after some number of bytes of one
// direction. Each call ends, with its own answer or a broken line; none runs twice; the next
// connection works.
func TestCutAnywhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network runtimetest.Network
		var runs [512]atomic.Int32
		server := runtime.NewServer()
		text := func(i uint16) string { return strings.Repeat(itoa(i), int(i)*4) }
		RegisterDiary(server, Diary{
			write: func(_ context.Context, text string) (i uint16, err error) {
				_, err = fmt.Sscan(text, &i)
				runs[i].Add(1)
				return i, err
			},
			follow: func(_ context.Context, i uint16) iter.Seq2[string, error] {
				runs[i].Add(1)
				return pages(nil, text(i), text(i), text(i))
			},
		})
		serveNetwork(t, &network, "server:1", server)
		client := dial(t, "server:1", runtime.WithDialer(network.Dial))
		diary := NewDiaryClient(client)
		random := rand.New(rand.NewPCG(1, 2))
		broken := 0
		for range 15 {
			cut, up := int64(1)<<random.IntN(19)+random.Int64N(100), random.IntN(2) == 0
			cutFirst(&network, cut, up)
			ended := make(chan error, len(runs))
			for i := range uint16(len(runs)) {
				go func() { ended <- callOnce(t, diary, i, text(i)) }()
			}
			for range runs {
				if err := <-ended; err != nil {
					broken++
				}
			}
			for i := range runs {
				if n := runs[i].Swap(0); n > 1 {
					t.Errorf("cut after %d bytes, towards the server %v: call %d ran %d times", cut, up, i, n)
				}
			}
			network.Faults(func(l *runtimetest.Link) { l.ToServer.CutAfter(-1); l.ToClient.CutAfter(-1) })
			if i, err := diary.Write(t.Context(), "7"); i != 7 || err != nil {
				t.Errorf("after the cut: got %d, %v, want 7", i, err)
			}
			runs[7].Store(0)
		}
		if broken < 512 {
			t.Errorf("got %d calls that broke in 15 rounds of 512, want more: the cuts miss", broken)
		}
	})
}

// cutFirst cuts the open connection or, if there is none, the next.
func cutFirst(network *runtimetest.Network, after int64, up bool) {
	var once sync.Once
	network.Faults(func(l *runtimetest.Link) {
		once.Do(func() {
			if up {
				l.ToServer.CutAfter(after)
			} else {
				l.ToClient.CutAfter(after)
			}
		})
	})
}

// callOnce makes call number i, a unary one or a stream, and returns its error, which must
// be that the line broke.
func callOnce(t *testing.T, diary *DiaryClient, i uint16, text string) (err error) {
	if i%8 == 7 {
		var got []string
		got, err = gather(diary.Follow(t.Context(), i))
		if want := []string{text, text, text}; err == nil && !slices.Equal(got, want) {
			t.Errorf("Follow: got %d texts of %d, want 3 and the right ones", len(got), i)
		}
	} else {
		var got uint16
		got, err = diary.Write(t.Context(), itoa(i)+" "+text)
		if err == nil && got != i {
			t.Errorf("Write: got %d, want %d", got, i)
		}
	}
	var e *runtime.Error
	if err != nil && (!errors.As(err, &e) || !e.Broken()) {
		t.Errorf("call %d: got %v, want an answer or a broken line", i, err)
	}
	return err
}

// endless yields text again and again, and counts its bytes.
func endless(text string, count *atomic.Int64) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for yield(text, nil) {
			count.Add(int64(len(text)))
		}
	}
}

// TestStreamNotRead has a caller that stops reading one of its streams. The handler waits
// after a window and what is on the way; all else on the connection goes on.
func TestStreamNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var sent atomic.Int64
		server := runtime.NewServer()
		RegisterDiary(server, Diary{
			follow: func(_ context.Context, page uint16) iter.Seq2[string, error] {
				if page == 1 {
					return endless(strings.Repeat("x", 32<<10), &sent)
				}
				return pages(nil, slices.Repeat([]string{strings.Repeat("y", 32<<10)}, 300)...)
			},
			write: func(context.Context, string) (uint16, error) { return 1, nil },
		})
		client := runtime.InProcess(server)
		defer client.Close()
		diary := NewDiaryClient(client)
		for range diary.Follow(t.Context(), 1) {
			if texts, err := gather(diary.Follow(t.Context(), 2)); len(texts) != 300 || err != nil {
				t.Errorf("the other stream: got %d texts, %v, want 300", len(texts), err)
			}
			if _, err := diary.Write(t.Context(), strings.Repeat("z", 1<<20)); err != nil {
				t.Errorf("a call: %v", err)
			}
			break
		}
		if got, most := sent.Load(), int64(288<<10); got > most { // the window and an item
			t.Errorf("got %d bytes sent to a reader that took one item, want %d at most", got, most)
		}
	})
}

// TestConnectionNotRead has a client that takes in nothing more from its connection, amid many calls.
// The server has little stored for it, serves others, and gives it up.
func TestConnectionNotRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var network runtimetest.Network
		var sent, following atomic.Int64
		server := runtime.NewServer()
		RegisterDiary(server, Diary{
			follow: func(context.Context, uint16) iter.Seq2[string, error] {
				return func(yield func(string, error) bool) {
					following.Add(1)
					defer following.Add(-1)
					endless(strings.Repeat("x", 4<<10), &sent)(yield)
				}
			},
			write: func(context.Context, string) (uint16, error) { return 1, nil },
		})
		serveNetwork(t, &network, "server:1", server)
		deaf := dial(t, "server:1", runtime.WithDialer(network.Dial))
		if err := deaf.Connect(t.Context()); err != nil {
			t.Fatal(err)
		}
		network.Links()[0].ToClient.Hold()
		var followers sync.WaitGroup
		for range 200 {
			followers.Go(func() { gather(NewDiaryClient(deaf).Follow(t.Context(), 1)) })
		}
		synctest.Wait()
		if got := following.Load(); got != 200 {
			t.Errorf("got %d handlers at work, want 200", got)
		}
		if got, most := sent.Load(), int64(1152<<10); got > most { // 512 KiB being written, as much waiting, 64 KiB on the line
			t.Errorf("got %d bytes sent to a peer that reads nothing, want %d at most", got, most)
		}
		other := dial(t, "server:1", runtime.WithDialer(network.Dial))
		if _, err := NewDiaryClient(other).Write(t.Context(), "dear diary"); err != nil {
			t.Errorf("another client: %v", err)
		}
		time.Sleep(5 * time.Minute) // of the bubble's time
		if got := following.Load(); got != 0 {
			t.Errorf("got %d handlers after five minutes, want none: the connection is given up", got)
		}
		deaf.Close()
		followers.Wait()
	})
}
