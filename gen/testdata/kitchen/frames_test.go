package kitchen_test

import (
	"context"
	"errors"
	"iter"
	"math/rand/v2"
	"net"
	"reflect"
	"sync"
	"testing"

	"example.test/kitchen/kitchen"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// mirror is the Mirror behind the stubs.
type mirror struct{}

func (mirror) Show(_ context.Context, all kitchen.Everything) (kitchen.Everything, error) {
	return all, nil
}

func (mirror) Crack(_ context.Context, all kitchen.Everything) error {
	return &kitchen.Cracked{All: all}
}

func (mirror) Play(_ context.Context, all iter.Seq2[kitchen.Everything, error]) iter.Seq2[kitchen.Everything, error] {
	return all
}

// choppy is a connection that reads and writes a few bytes at a time, now and then many.
type choppy struct{ net.Conn }

func some(most int) int { return min(most, 1+rand.IntN(1<<rand.IntN(18))) }

func (c choppy) Read(b []byte) (int, error) { return c.Conn.Read(b[:some(len(b))]) }

func (c choppy) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var wrote int
		wrote, err = c.Conn.Write(b[n : n+some(len(b)-n)])
		n += wrote
	}
	return n, err
}

type choppyListener struct{ net.Listener }

func (l choppyListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	return choppy{conn}, err
}

// TestValuesThroughFrames sends random values of every shape, from next to nothing to 3 MiB, many at
// once over one connection: as parameters and results, as fields of an error, as items of
// streams. What comes back is what was sent, and items are in their order.
func TestValuesThroughFrames(t *testing.T) {
	var network runtimetest.Network
	listener, err := network.Listen("server:1")
	if err != nil {
		t.Fatal(err)
	}
	server := runtime.NewServer()
	kitchen.RegisterMirror(server, mirror{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(choppyListener{listener}) }()
	defer func() { server.Close(); <-served }()
	caller := runtime.Dial("server:1", runtime.WithDialer(func(ctx context.Context, kind, address string) (net.Conn, error) {
		conn, err := network.Dial(ctx, kind, address)
		return choppy{conn}, err
	}))
	defer caller.Close()

	client := kitchen.NewMirrorClient(caller)
	ways := []func(*testing.T, *kitchen.MirrorClient, *rand.Rand){show, crack, play}
	var callers sync.WaitGroup
	for i := range 12 {
		callers.Go(func() {
			r := rand.New(rand.NewPCG(3, uint64(i)))
			for range 30 {
				ways[i%len(ways)](t, client, r)
			}
		})
	}
	callers.Wait()
}

func show(t *testing.T, client *kitchen.MirrorClient, r *rand.Rand) {
	want := everything(r, 22)
	got, err := client.Show(t.Context(), want)
	compare(t, got, want, err)
}

func crack(t *testing.T, client *kitchen.MirrorClient, r *rand.Rand) {
	want := everything(r, 16)
	err := client.Crack(t.Context(), want)
	var cracked *kitchen.Cracked
	if !errors.As(err, &cracked) {
		t.Errorf("got %v, want a *Cracked", err)
		return
	}
	compare(t, cracked.All, want, nil)
}

func play(t *testing.T, client *kitchen.MirrorClient, r *rand.Rand) {
	all := make([]kitchen.Everything, r.IntN(20))
	for i := range all {
		all[i] = everything(r, 18)
	}
	n := 0
	for got, err := range client.Play(t.Context(), sequence(all...)) {
		if n < len(all) {
			compare(t, got, all[n], err)
		}
		n++
	}
	if n != len(all) {
		t.Errorf("got %d items, want %d", n, len(all))
	}
}

func compare(t *testing.T, got, want kitchen.Everything, err error) {
	t.Helper()
	if err != nil || !reflect.DeepEqual(got, want) {
		data, _ := want.MarshalBinary()
		t.Errorf("%d bytes came back otherwise, or with the error %v", len(data), err)
	}
}

// everything returns a random value, whose chaff makes it up to 3/4 of 1<<bits bytes long.
func everything(r *rand.Rand, bits int) (all kitchen.Everything) {
	fill(r, reflect.ValueOf(&all).Elem(), 4, false)
	all.Chaff = nil
	for left := 3 << r.IntN(bits-1); left > 0 && r.IntN(9) > 0; {
		chaff := make([]byte, 1+r.IntN(left))
		for i := range chaff {
			chaff[i] = byte(i * len(chaff))
		}
		all.Chaff = append(all.Chaff, chaff)
		left -= len(chaff)
	}
	return all
}
