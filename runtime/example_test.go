package runtime_test

import (
	"context"
	"errors"
	"fmt"
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
