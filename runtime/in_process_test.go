package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"
	goruntime "runtime"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// A client in the same program calls through memory, and leaves nothing open.
func ExampleInProcess() {
	server := runtime.NewServer()
	RegisterGuestbook(server, Book{
		sign: func(_ context.Context, name, text string) (uint16, error) {
			fmt.Printf("%s writes: %s\n", name, text)
			return 1, nil
		},
	})
	client := runtime.InProcess(server)
	fmt.Println(NewGuestbookClient(client).Sign(context.Background(), "alice", "what a view"))

	fmt.Println(server.Shutdown(context.Background()))
	_, err := NewGuestbookClient(client).Sign(context.Background(), "bob", "me too")
	fmt.Println(err)
	client.Close()
	// Output:
	// alice writes: what a view
	// 1 <nil>
	// <nil>
	// example.Guestbook.Sign: the call was not run: dial tcp in-process: connect: connection refused
}

// TestInProcess has two clients in memory, one after the other, beside one over TCP.
func TestInProcess(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{
		page: func(_ context.Context, page uint16) (string, error) { return "", &NoPage{page, 3} },
		write: func(ctx context.Context, text string) (uint16, error) {
			caller, _ := runtime.CallerFrom(ctx)
			return NewGuestbookClient(caller).Sign(ctx, "the diary", text)
		},
		talk: func(_ context.Context, lines iter.Seq2[string, error]) iter.Seq2[string, error] { return lines },
	})
	address := serve(t, server)
	for _, client := range []*runtime.Client{runtime.InProcess(server), dial(t, address), runtime.InProcess(server)} {
		RegisterGuestbook(client, Book{sign: func(_ context.Context, _, text string) (uint16, error) { return uint16(len(text)), nil }})
		diary := NewDiaryClient(client)
		var noPage *NoPage
		if _, err := diary.Page(t.Context(), 7); !errors.As(err, &noPage) || *noPage != (NoPage{7, 3}) {
			t.Errorf("Page: got %v, want NoPage{7, 3}", err)
		}
		if got, err := diary.Write(t.Context(), "hello"); got != 5 || err != nil {
			t.Errorf("Write: got %d, %v, want 5 by way of the client's own service", got, err)
		}
		if got, err := gather(diary.Talk(t.Context(), pages(nil, "a", "b"))); fmt.Sprint(got) != "[a b]" || err != nil {
			t.Errorf("Talk: got %q, %v, want [a b]", got, err)
		}
		if err := client.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}

// TestInProcessClose closes the client amid a call: when Close returns, the handler has.
func TestInProcessClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := runtime.NewServer()
		returned := false
		RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
			<-ctx.Done()
			time.Sleep(time.Second) // of the bubble's time
			returned = true
			return 0, ctx.Err()
		}})
		client := runtime.InProcess(server)
		called := make(chan error, 1)
		go func() {
			_, err := NewDiaryClient(client).Write(t.Context(), "dear diary")
			called <- err
		}()
		synctest.Wait()
		client.Close()
		if !returned {
			t.Error("Close returned before the handler")
		}
		var e *runtime.Error
		if err := <-called; !errors.As(err, &e) || !e.Broken() {
			t.Errorf("got %v, want a broken line", err)
		}
	})
}

// TestInProcessShutdown lets a call end; the next finds nobody, and neither does a new client.
func TestInProcessShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server := runtime.NewServer()
		RegisterDiary(server, Diary{write: func(context.Context, string) (uint16, error) {
			time.Sleep(time.Second) // of the bubble's time
			return 7, nil
		}})
		client := runtime.InProcess(server)
		defer client.Close()
		called := make(chan error, 1)
		go func() {
			page, err := NewDiaryClient(client).Write(t.Context(), "dear diary")
			if page != 7 {
				t.Errorf("got page %d, want 7", page)
			}
			called <- err
		}()
		synctest.Wait()
		if err := server.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-called; err != nil {
			t.Errorf("the call amid Shutdown: %v", err)
		}
		late := runtime.InProcess(server)
		defer late.Close()
		for _, caller := range []runtime.Caller{client, late} {
			if _, err := NewDiaryClient(caller).Write(t.Context(), ""); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("after Shutdown: got %v, want ECONNREFUSED", err)
			}
		}
	})
}

// TestInProcessTogether opens and closes clients of one server at once, so that the
// server's last ends while its first begins.
func TestInProcessTogether(t *testing.T) {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{write: func(ctx context.Context, _ string) (uint16, error) {
		runtime.AfterReply(ctx, func(error) {
			for range 1000 {
				goruntime.Gosched()
			}
		})
		return 1, nil
	}})
	ignored := runtime.WithDialer(func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("dialled") })
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for range 30 {
				client := runtime.InProcess(server, ignored)
				if got, err := NewDiaryClient(client).Write(t.Context(), ""); got != 1 || err != nil {
					t.Errorf("got %d, %v, want 1", got, err)
				}
				client.Close()
			}
		})
	}
	clients.Wait()
}
