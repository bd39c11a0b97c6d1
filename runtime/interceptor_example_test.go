package runtime_test

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/parley-rpc/parley/runtime"
)

// An interceptor that logs the calls of a client, with how long they took.
func ExampleInterceptor() {
	logged := func(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
		began := time.Now()
		err := next(ctx)
		fmt.Println(call.Method, "took", time.Since(began).Round(time.Second), err)
		return err
	}
	server := runtime.NewServer()
	RegisterDiary(server, echoDiary())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial(listener.Addr().String(), runtime.WithInterceptors(logged))
	diary := NewDiaryClient(client)
	diary.Write(context.Background(), "dear diary")
	diary.Page(context.Background(), 7)
	for text := range diary.Follow(context.Background(), 1) {
		fmt.Println("item:", text)
	}
	fmt.Println(client.Close(), server.Close(), <-served)
	// Output:
	// example.Diary.Write took 0s <nil>
	// example.Diary.Page took 0s there is no page 7 of 3
	// item: one
	// item: two
	// example.Diary.Follow took 0s <nil>
	// <nil> <nil> <nil>
}

// A VectorClock counts the events of every node that one node knows of.
type VectorClock struct {
	node   string
	mu     sync.Mutex
	counts map[string]uint64
}

func NewVectorClock(node string) *VectorClock {
	return &VectorClock{node: node, counts: make(map[string]uint64)}
}

// Tick counts an event of this node, and returns the clock as text.
func (c *VectorClock) Tick() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[c.node]++
	text := fmt.Sprint(c.counts) // "map[a:2 b:1]", by name
	return text[len("map[") : len(text)-len("]")]
}

// Merge takes over what another node knows better.
func (c *VectorClock) Merge(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, entry := range strings.Fields(text) {
		node, digits, _ := strings.Cut(entry, ":")
		if n, err := strconv.ParseUint(digits, 10, 64); err == nil {
			c.counts[node] = max(c.counts[node], n)
		}
	}
}

// Intercept carries the clock with requests and replies. Both ends use it.
func (c *VectorClock) Intercept(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
	if call.Callee() {
		c.Merge(runtime.MetadataFrom(ctx)["clock"])
		err := next(ctx)
		runtime.AddReplyMetadata(ctx, "clock", c.Tick()) // fails in the classic form, which carries no clocks
		return err
	}
	var reply map[string]string
	err := next(runtime.WithReplyMetadata(runtime.AddMetadata(ctx, "clock", c.Tick()), &reply))
	c.Merge(reply["clock"])
	return err
}

// A vector clock that travels in the metadata of every request and reply.
func ExampleInterceptor_vectorClock() {
	here, there := NewVectorClock("here"), NewVectorClock("there")
	server := runtime.NewServer(runtime.WithInterceptors(there.Intercept))
	RegisterDiary(server, echoDiary())
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error)
	go func() { served <- server.Serve(listener) }()

	client := runtime.Dial(listener.Addr().String(), runtime.WithInterceptors(here.Intercept))
	diary := NewDiaryClient(client)
	diary.Write(context.Background(), "dear diary")
	_, err = diary.Page(context.Background(), 7) // an answer too, with a clock
	for range diary.Follow(context.Background(), 1) {
	}
	fmt.Println(err)
	fmt.Println("here knows", here.Tick())
	fmt.Println("there knows", there.Tick())
	fmt.Println(client.Close(), server.Close(), <-served)
	// Output:
	// there is no page 7 of 3
	// here knows here:4 there:3
	// there knows here:3 there:4
	// <nil> <nil> <nil>
}
