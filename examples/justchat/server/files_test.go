package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/generated/justchat/loadbalancer/loadbalancertest"
	"github.com/parley-rpc/parley/runtime"
)

// A registrar is a load balancer that binds the names of files, and does nothing else.
type registrar struct {
	loadbalancertest.FakeNodeService
	address string

	mu    sync.Mutex
	files map[string]justchat.File
	users map[string]string // the servers at which they are
}

// startRegistrar starts a load balancer; the servers that are started afterwards know it.
func (w *world) startRegistrar() *registrar {
	w.t.Helper()
	tls, err := w.cluster.NodeTLS(identity.LoadBalancer, "lb")
	if err != nil {
		w.t.Fatal(err)
	}
	r := &registrar{files: make(map[string]justchat.File), users: make(map[string]string)}
	r.SingleNodeFunc = func(ctx context.Context, _ justchat.ServerNode) iter.Seq2[lbapi.News, error] {
		return func(func(lbapi.News, error) bool) { <-ctx.Done() }
	}
	server := runtime.NewServer(runtime.WithTLS(tls))
	lbapi.RegisterNodeService(server, r)
	listener := listen(w.t)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	w.t.Cleanup(func() {
		server.Close()
		<-served
	})
	r.address = listener.Addr().String()
	w.balancers = r.address
	return r
}

func (r *registrar) NewFile(_ context.Context, file justchat.File) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[file.Name] = file
	return nil
}

func (r *registrar) CheckFile(_ context.Context, file justchat.File) (*justchat.File, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if there, ok := r.files[file.Name]; ok {
		return &there, nil
	}
	return nil, nil
}

func (r *registrar) GetClientAddr(_ context.Context, user string) (justchat.ClientItem, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if server, here := r.users[user]; here {
		return justchat.ClientItem{User: user, Server: server}, nil
	}
	return justchat.ClientItem{}, &justchat.NotHere{User: user}
}

// gives has a guest offer bytes, and returns the offer.
func (g *guest) gives(to, name string, data []byte) justchat.Offer {
	g.face.GetFileFunc = func(_ context.Context, _, offset uint64) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece := range slices.Chunk(data[offset:], transfer.PieceSize) {
				if !yield(piece, nil) {
					return
				}
			}
		}
	}
	sum := sha256.Sum256(data)
	o := justchat.Offer{From: g.user, To: to, Number: 1, Name: name, Size: uint64(len(data)), SHA256: sum[:], Sent: time.Now()}
	o.Token = g.w.cluster.Grant(g.user, g.key.Public, time.Now(), time.Minute)
	g.key.SignOffer(g.w.cluster.Authority(), &o)
	return o
}

// asks returns what is told of each offer of a public file that a guest is asked about.
func (g *guest) asks() <-chan string {
	asked := make(chan string, 10)
	g.face.TransferFileFunc = func(_ context.Context, o justchat.Offer) error {
		asked <- o.Name
		return nil
	}
	return asked
}

// last returns the last item of a stream, and its error.
func last[T any](items iter.Seq2[T, error]) (item T, err error) {
	for next, err := range items {
		if err != nil {
			return item, err
		}
		item = next
	}
	return item, nil
}

// whole returns the bytes of a stream, and its error.
func whole(pieces iter.Seq2[[]byte, error]) (all []byte, err error) {
	for piece, err := range pieces {
		if err != nil {
			return all, err
		}
		all = append(all, piece...)
	}
	return all, nil
}

// TestFiles is a public file's story: shared at one server, held by two, had from a third; and from the second once the first one
// is killed.
func TestFiles(t *testing.T) {
	w := newWorld(t)
	r := w.startRegistrar()
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon, tony := w.newGuest("Elon"), w.newGuest("Tony")
	asked := tony.asks()
	elon.move(a)
	tony.move(b)
	data := bytes.Repeat([]byte("SELDOM"), 1<<19)
	offer := elon.gives("", "SELDOM_2016.png", data)
	elon.move(a)
	got, err := last(elon.SendPublicFile(t.Context(), offer))
	if want := (justchat.Transfer{Taken: true, Have: uint64(len(data)), Copies: 2}); got != want || err != nil {
		t.Fatalf("got %v, %v, want %v", got, err, want)
	}
	if name := <-asked; name != offer.Name {
		t.Errorf("got asked about %q, want %q", name, offer.Name)
	}
	if holders := r.files[offer.Name].Holders; !slices.Equal(holders, []string{a.Name(), b.Name()}) {
		t.Errorf("got the holders %q, want both servers", holders)
	}
	c := w.start(t.TempDir())
	introduce(t, a, b, c)
	natasha := w.come(c, "Natasha")
	for _, killed := range []*site{nil, a} {
		if killed != nil {
			killed.stop()
		}
		if got, err := whole(natasha.GetFile(t.Context(), offer.SHA256, 10)); !bytes.Equal(got, data[10:]) || err != nil {
			t.Errorf("killed %v: got %d bytes, %v, want the rest of the file", killed != nil, len(got), err)
		}
	}
	robert := w.newGuest("Robert")
	asked = robert.asks()
	robert.seen["x.1"] = 1 // he comes from another server
	robert.move(b)
	if name := <-asked; name != offer.Name {
		t.Errorf("who moves: got asked about %q, want %q", name, offer.Name)
	}
	if got := b.Stats().Files; got.Held != 1 || got.Bytes != int64(len(data)) || got.Served == 0 {
		t.Errorf("got %+v, want one file and some bytes served", got)
	}
}

// TestHangingOffer has a client not answer an offer: it hears messages all the same, until it is cut off.
func TestHangingOffer(t *testing.T) {
	w := newWorld(t)
	w.limits.Receive = time.Second
	w.startRegistrar()
	a := w.start(t.TempDir())
	elon, tony := w.newGuest("Elon"), w.newGuest("Tony")
	hangs, let := make(chan struct{}), make(chan struct{})
	tony.face.TransferFileFunc = func(context.Context, justchat.Offer) error {
		close(hangs)
		<-let
		return nil
	}
	defer close(let)
	offer := elon.gives("", "x", nil)
	elon.move(a)
	tony.move(a)
	if _, err := last(elon.SendPublicFile(t.Context(), offer)); err != nil {
		t.Fatal(err)
	}
	<-hangs
	elon.say(1, elon.message("hello"))
	tony.wantHeard("hello")
	if err := <-tony.ended; runtime.CodeOf(err) != runtime.CodeAborted {
		t.Errorf("got %v, want the client cut off", err)
	}
}

// TestRelayFile passes a private file on by two servers.
func TestRelayFile(t *testing.T) {
	w := newWorld(t)
	r := w.startRegistrar()
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon, tony := w.newGuest("Elon"), w.newGuest("Tony")
	data := bytes.Repeat([]byte("secret"), 1<<17)
	var got []byte
	tony.face.TransferFilePrivateFunc = func(ctx context.Context, o justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			var err error
			if got, err = whole(tony.GetPrivateFile(ctx, o.Client, o.Number, 0)); err != nil {
				yield(justchat.Transfer{}, err)
				return
			}
			yield(justchat.Transfer{Taken: true, Have: o.Size}, nil)
		}
	}
	offer := elon.gives("Tony", "x", data)
	elon.move(a)
	_, err := last(elon.RelayFile(t.Context(), offer))
	wantAs[*justchat.NotHere](t, "before he comes", err)
	tony.move(b)
	r.mu.Lock()
	r.users["Tony"] = b.Name()
	r.mu.Unlock()
	if _, err := last(elon.RelayFile(t.Context(), offer)); err != nil || !bytes.Equal(got, data) {
		t.Errorf("got %v and %d bytes, want the file", err, len(got))
	}
	tony.face.TransferFilePrivateFunc = func(context.Context, justchat.Offer) iter.Seq2[justchat.Transfer, error] {
		return func(yield func(justchat.Transfer, error) bool) {
			yield(justchat.Transfer{}, &justchat.Declined{User: "Tony", Name: "x", Reason: "no"})
		}
	}
	tony.move(b)
	_, err = last(elon.RelayFile(t.Context(), offer))
	wantAs[*justchat.Declined](t, "declined", err)
	if got := a.Stats().Files.Relayed; got != 2 {
		t.Errorf("got %d relayed, want the two that somebody was asked about", got)
	}
}

// TestKilledWhileSharing closes the server while it gets a file, and starts it anew: it goes on from where it was.
func TestKilledWhileSharing(t *testing.T) {
	w := newWorld(t)
	w.startRegistrar()
	a := w.start(t.TempDir())
	elon := w.newGuest("Elon")
	data := bytes.Repeat([]byte("SELDOM"), 1<<19)
	offer := elon.gives("", "x", data)
	rest := elon.face.GetFileFunc
	elon.face.GetFileFunc = func(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
		return func(yield func([]byte, error) bool) {
			for piece := range slices.Chunk(data[:len(data)/2], transfer.PieceSize) {
				if !yield(piece, nil) {
					return
				}
			}
			<-ctx.Done()
			yield(nil, ctx.Err())
		}
	}
	elon.move(a)
	stop := sync.OnceFunc(a.stop)
	var broken error
	for progress, err := range elon.SendPublicFile(t.Context(), offer) {
		if broken = err; err == nil && progress.Have >= uint64(len(data)/2) {
			stop()
		}
	}
	if broken == nil {
		t.Error("got no error, want the line broken")
	}
	a = w.start(a.dir)
	elon.face.GetFileFunc = func(ctx context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
		if offset < uint64(len(data)/2) {
			t.Errorf("got %d asked for, want it to go on from %d", offset, len(data)/2)
		}
		return rest(ctx, number, offset)
	}
	elon.move(a)
	if _, err := last(elon.SendPublicFile(t.Context(), offer)); err != nil {
		t.Errorf("got %v, want it shared", err)
	}
}

// BenchmarkShare is a file's way from a client into the store of its server, and of another one.
func BenchmarkShare(b *testing.B) {
	elon, data := newBenchmark(b)
	for n := uint64(0); b.Loop(); n++ {
		binary.BigEndian.PutUint64(data, n) // another file each time
		if _, err := last(elon.SendPublicFile(b.Context(), elon.gives("", fmt.Sprint(n), data))); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkGet is a file's way from a server's store to a client.
func BenchmarkGet(b *testing.B) {
	elon, data := newBenchmark(b)
	offer := elon.gives("", "x", data)
	if _, err := last(elon.SendPublicFile(b.Context(), offer)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		for _, err := range elon.GetFile(b.Context(), offer.SHA256, 0) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// newBenchmark returns a guest at one of two servers, and bytes for a file.
func newBenchmark(b *testing.B) (elon *guest, data []byte) {
	w := newWorld(b)
	w.startRegistrar()
	s, other := w.start(b.TempDir()), w.start(b.TempDir())
	introduce(b, s, other)
	data = make([]byte, 256<<20)
	b.SetBytes(int64(len(data)))
	return w.come(s, "Elon"), data
}
