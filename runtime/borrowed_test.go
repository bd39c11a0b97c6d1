package runtime_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"sync"
	"testing"
	"unsafe"

	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// chunkSize is that of the items of these tests: as many as make a window full.
const chunkSize = 32 << 10

// chunk returns the bytes of the nth item.
func chunk(n int) []byte { return bytes.Repeat([]byte{byte(n)}, chunkSize) }

// chunks yields so many items.
func chunks(items uint32) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for n := range items {
			if !yield(chunk(int(n)), nil) {
				return
			}
		}
	}
}

// checkChunks ranges over items that are those of chunks, and returns how many came and where they lay.
func checkChunks(t *testing.T, items iter.Seq2[[]byte, error]) (n int, places map[*byte]bool) {
	places = make(map[*byte]bool)
	for item, err := range items {
		if err != nil {
			t.Error(err)
			return n, places
		}
		if !bytes.Equal(item, chunk(n)) || cap(item) != len(item) {
			t.Errorf("item %d: got %d bytes with capacity %d, or others, want %d", n, len(item), cap(item), chunkSize)
		}
		places[unsafe.SliceData(item)] = true
		n++
	}
	return n, places
}

// dialParcels serves parcels and returns a client of them.
func dialParcels(t *testing.T, parcels Parcels, options ...runtime.ServerOption) ParcelsClient {
	server := runtime.NewServer(options...)
	RegisterParcels(server, parcels)
	return ParcelsClient{dial(t, serve(t, server))}
}

// TestBorrowedItems sends a stream each way, over which the memory of its items is used again.
func TestBorrowedItems(t *testing.T) {
	const many = 300
	client := dialParcels(t, Parcels{
		fetch: func(_ context.Context, items uint32) iter.Seq2[[]byte, error] { return chunks(items) },
		store: func(_ context.Context, items iter.Seq2[[]byte, error]) (uint32, error) {
			n, places := checkChunks(t, items)
			if len(places) >= n {
				t.Errorf("the handler's %d items lay at %d places, want fewer", n, len(places))
			}
			return uint32(n), nil
		},
	})
	if n, places := checkChunks(t, client.Fetch(t.Context(), many)); n != many || len(places) >= n {
		t.Errorf("the caller's %d items lay at %d places, want %d at fewer", n, len(places), many)
	}
	if n, err := client.Store(t.Context(), chunks(many)); n != many || err != nil {
		t.Errorf("Store: got %d, %v, want %d", n, err, many)
	}
}

// TestOwnItems keeps the items of a method that lends nothing: each stays what it was.
func TestOwnItems(t *testing.T) {
	client := dialParcels(t, Parcels{fetch: func(_ context.Context, items uint32) iter.Seq2[[]byte, error] { return chunks(items) }})
	var kept [][]byte
	for item, err := range client.Own(t.Context(), 100) {
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, item)
	}
	for n, item := range kept {
		if !bytes.Equal(item, chunk(n)) {
			t.Errorf("item %d is not what it was", n)
		}
	}
}

// TestBorrowedParams has handlers hold on to their parameters while others of all sizes come and go on the same
// connection: after the caller has given up, and where the reader has begun to run the method itself. The race detector sees
// who writes to what is lent.
func TestBorrowedParams(t *testing.T) {
	entered, leave, ended := make(chan bool), make(chan bool), make(chan bool, 1)
	client := dialParcels(t, Parcels{post: func(ctx context.Context, data []byte) ([]byte, error) {
		want := bytes.Clone(data)
		if len(data) > 0 && data[0] == 'h' { // to be held
			entered <- true
			<-leave
			defer func() { ended <- true }()
		}
		if !bytes.Equal(data, want) {
			t.Errorf("%d bytes are not what they were", len(data))
		}
		if len(data) > 0 && data[0] == 'p' {
			panic("with lent bytes")
		}
		return data, nil
	}}, logTo(new(runtimetest.Log)))
	others := func() {
		var callers sync.WaitGroup
		for caller := range 4 {
			callers.Go(func() {
				for n := range 50 {
					data := bytes.Repeat([]byte{byte(caller)}, 1+n*397)
					if back, err := client.Post(t.Context(), data); !bytes.Equal(back, data) || err != nil {
						t.Errorf("got %d bytes or others, %v, want %d as they were", len(back), err, len(data))
					}
				}
				client.Post(t.Context(), []byte("panic"))
			})
		}
		callers.Wait()
	}
	others() // until the method has proven quick
	for _, size := range []int{100, 50 << 10} {
		ctx, cancel := context.WithCancel(t.Context())
		called := make(chan error, 1)
		go func() {
			_, err := client.Post(ctx, bytes.Repeat([]byte("h"), size))
			called <- err
		}()
		<-entered
		others()
		cancel()
		if err := <-called; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
		others()
		leave <- true
		<-ended
	}
}

// TestBorrowedParamsAgain has an interceptor of the server call the handler twice: it is lent the same memory.
func TestBorrowedParamsAgain(t *testing.T) {
	var places []*byte
	again := func(ctx context.Context, call *runtime.Call, next func(context.Context) error) error {
		if err := next(ctx); err != nil {
			return err
		}
		return next(ctx)
	}
	client := dialParcels(t, Parcels{post: func(_ context.Context, data []byte) ([]byte, error) {
		places = append(places, unsafe.SliceData(data))
		return data, nil
	}}, runtime.WithInterceptors(again))
	if back, err := client.Post(t.Context(), []byte("parcel")); string(back) != "parcel" || err != nil {
		t.Errorf("got %q, %v, want parcel", back, err)
	}
	if len(places) != 2 || places[0] != places[1] {
		t.Errorf("the parameter lay at %v, want twice at one place", places)
	}
}

// TestBorrowedResult keeps the results of calls whose parameters are lent: they are the caller's own.
func TestBorrowedResult(t *testing.T) {
	client := dialParcels(t, Parcels{post: func(_ context.Context, data []byte) ([]byte, error) { return data, nil }})
	var kept [][]byte
	for n := range 20 {
		back, err := client.Post(t.Context(), chunk(n))
		if err != nil {
			t.Fatal(err)
		}
		kept = append(kept, back)
	}
	for n, back := range kept {
		if !bytes.Equal(back, chunk(n)) {
			t.Errorf("result %d is not what it was", n)
		}
	}
}
