package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net"

	"github.com/parley-rpc/parley/runtime"
)

// The Guestbook of these examples is a service as parley generates it, and Book an
// implementation of it out of functions.

// A server is listened for by its user, so that the port can be of the system's choice.
func ExampleServer() {
	server := runtime.NewServer()
	RegisterGuestbook(server, Book{
		sign: func(_ context.Context, name, text string) (uint16, error) {
			fmt.Printf("%s writes: %s\n", name, text)
			return 1, nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := NewGuestbookClient(runtime.Classic(listener.Addr().String()))
	fmt.Println(client.Sign(context.Background(), "alice", "what a view"))

	fmt.Println(server.Shutdown(context.Background()), <-served)
	// Output:
	// alice writes: what a view
	// 1 <nil>
	// <nil> <nil>
}

// Nobody listens on port 1. The error names the call and what the system says.
func ExampleClassic() {
	client := NewGuestbookClient(runtime.Classic("127.0.0.1:1"))
	_, err := client.List(context.Background())
	fmt.Println(err)
	// Output: example.Guestbook.List: dial tcp 127.0.0.1:1: connect: connection refused
}

// All calls of a client share one connection. A declared error arrives with its fields.
func ExampleDial() {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{
		page: func(_ context.Context, page uint16) (string, error) { return "", &NoPage{Page: page, Pages: 3} },
		follow: func(_ context.Context, page uint16) iter.Seq2[string, error] {
			return func(yield func(string, error) bool) {
				for yield(fmt.Sprintf("page %d", page), nil) {
					page++
				}
			}
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial(listener.Addr().String())
	diary := NewDiaryClient(client)
	_, err = diary.Page(context.Background(), 7)
	if noPage := new(NoPage); errors.As(err, &noPage) {
		fmt.Println(err, "- the last is", noPage.Pages)
	}
	for text, err := range diary.Follow(context.Background(), 1) {
		fmt.Println(text, err)
		if text == "page 2" {
			break
		}
	}
	fmt.Println(client.Close(), server.Shutdown(context.Background()), <-served)
	// Output:
	// there is no page 7 of 3 - the last is 3
	// page 1 <nil>
	// page 2 <nil>
	// <nil> <nil> <nil>
}

// A client registers what its server may call.
func ExampleCallerFrom() {
	server := runtime.NewServer()
	RegisterDiary(server, Diary{
		write: func(ctx context.Context, text string) (uint16, error) {
			caller, ok := runtime.CallerFrom(ctx)
			if !ok {
				return 0, errors.New("a session is needed")
			}
			return NewGuestbookClient(caller).Sign(ctx, "the diary", "written: "+text)
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial(listener.Addr().String())
	RegisterGuestbook(client, Book{sign: func(_ context.Context, name, text string) (uint16, error) {
		fmt.Println(name, "signs:", text)
		return 1, nil
	}})
	fmt.Println(NewDiaryClient(client).Write(context.Background(), "what a view"))
	fmt.Println(client.Close(), server.Close(), <-served)
	// Output:
	// the diary signs: written: what a view
	// 1 <nil>
	// <nil> <nil> <nil>
}

// A handler that gives something away only once keeps it until its answer is written.
func ExampleAfterReply() {
	server := runtime.NewServer()
	settled := make(chan bool)
	RegisterGuestbook(server, Book{
		list: func(ctx context.Context) ([]string, error) {
			entries := []string{"what a view"}
			runtime.AfterReply(ctx, func(err error) {
				if err == nil {
					fmt.Println("written:", entries)
				} else {
					fmt.Println("to be kept:", entries)
				}
				close(settled)
			})
			return entries, nil
		},
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := NewGuestbookClient(runtime.Classic(listener.Addr().String()))
	entries, err := client.List(context.Background())
	<-settled
	fmt.Println("read:", entries, err)
	server.Close()
	<-served
	// Output:
	// written: [what a view]
	// read: [what a view] <nil>
}

func ExampleError() {
	show := func(err error) {
		var e *runtime.Error
		if !errors.As(err, &e) {
			return
		}
		switch {
		case e.Remote():
			fmt.Println("the peer says:", e)
		case e.Broken():
			fmt.Println("the line broke:", e.Message())
		default:
			fmt.Println(e.Code(), "on this side:", e.Message())
		}
	}

	_, err := NewGuestbookClient(runtime.Classic("127.0.0.1:1")).List(context.Background())
	show(err)
	show(fmt.Errorf("opening the book: %w", runtime.Errorf(runtime.CodeNotFound, "no book %q", "guests")))
	// Output:
	// the line broke: dial tcp 127.0.0.1:1: connect: connection refused
	// not_found on this side: no book "guests"
}

// A peer answers questions about itself without being told to.
func ExampleNewMetaClient() {
	server := runtime.NewServer(runtime.WithHealth(func(context.Context) error {
		return errors.New("the pen is dry")
	}))
	RegisterGuestbook(server, Book{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial(listener.Addr().String())
	meta := runtime.NewMetaClient(client)
	fmt.Println(meta.Ping(context.Background()))
	fmt.Println(meta.Health(context.Background()))
	services, schema, err := meta.Describe(context.Background())
	fmt.Println(services, err)
	fmt.Print(schema)
	fmt.Println(client.Close(), server.Close(), <-served)
	// Output:
	// <nil>
	// unavailable: the pen is dry
	// [example.Guestbook] <nil>
	// -- example/guestbook.parley --
	// package example
	//
	// @classic
	// service Guestbook = 0 {
	// 	0: Sign(name, text string) (number uint16)
	// 	1: List() (entries []string)
	// 	2: Clear()
	// 	@timeout(20ms)
	// 	3: Search(text string) (entries []string)
	// }
	// <nil> <nil> <nil>
}
