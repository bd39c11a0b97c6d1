package justchat_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/heartbeat"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/generated/justchat/server/servertest"
	"github.com/parley-rpc/parley/runtime"
)

// A forger is a stranger in the room who is offered files and offers some, in her own way. Her functions are to be set
// before she comes in.
type forger struct {
	*stranger
	clienttest.FakeClientMessageService
	listener net.Listener // where others dial her; nil for nowhere

	mu    sync.Mutex
	files map[uint64]func(offset uint64) iter.Seq2[[]byte, error] // that she offers, by number
	asked []ask                                                   // for bytes
	shown []justchat.Offer                                        // of public files
}

// An ask is a call of GetFile.
type ask struct{ number, offset uint64 }

// forger returns one who has not come in yet.
func (c *cluster) forger(user string) *forger {
	c.t.Helper()
	f := &forger{stranger: c.stranger(user), files: make(map[uint64]func(uint64) iter.Seq2[[]byte, error])}
	f.ReceiveMessageFunc = func(context.Context, []clientapi.Delivery, uint64) error { return nil }
	f.UpdateRPCChatServerFunc = func(context.Context, clientapi.ChatServer) error { return nil }
	f.TransferFileFunc = func(_ context.Context, offer justchat.Offer) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.shown = append(f.shown, offer)
		return nil
	}
	f.GetFileFunc = func(_ context.Context, number, offset uint64) iter.Seq2[[]byte, error] {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.asked = append(f.asked, ask{number, offset})
		if from := f.files[number]; from != nil {
			return from(offset)
		}
		return func(yield func([]byte, error) bool) {
			yield(nil, &justchat.Withdrawn{Name: "it", Reason: "it never was"})
		}
	}
	clientapi.RegisterClientMessageService(f.rpc, f)
	return f
}

// listens has others dial her.
func (f *forger) listens() {
	var err error
	if f.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		f.c.t.Fatal(err)
	}
	server := runtime.NewServer(runtime.WithTLS(f.key.ListenTLS()), runtime.WithLogger(f.c.logger))
	clientapi.RegisterClientMessageService(server, f)
	f.c.serve(func(context.Context) error { server.Serve(f.listener); return nil }, server.Close)
}

// comesIn has her come into the room by a load balancer, and to the first server.
func (f *forger) comesIn() {
	f.c.t.Helper()
	balancer := runtime.Dial(f.c.addresses[0], runtime.WithTLS(f.key.TLS(func(*identity.Authority) error { return nil })), runtime.WithLogger(f.c.logger))
	f.c.t.Cleanup(func() { balancer.Close() })
	clientapi.RegisterClientMessageService(balancer, f)
	setup := lbapi.NewClientSetup{User: f.user, Password: "secret", SignUp: true, Client: f.key.Client}
	if f.listener != nil {
		setup.Port = uint16(f.listener.Addr().(*net.TCPAddr).Port)
	}
	next, stop := iter.Pull2(lbapi.NewMessageServiceClient(balancer).JoinChatService(f.c.t.Context(), setup))
	f.c.t.Cleanup(stop)
	if _, err, _ := next(); err != nil {
		f.c.t.Fatal(err)
	}
	f.enters()
}

// offer returns the offer of a file that is as it should be, and whose bytes she would send.
func (f *forger) offer(to, name string, content []byte) justchat.Offer {
	sum := sha256.Sum256(content)
	f.number++
	o := justchat.Offer{
		From: f.user, To: to, Number: f.number, Name: name, Size: uint64(len(content)), SHA256: sum[:], Sent: time.Now(), Token: f.token(),
	}
	f.sign(&o)
	f.sends(o.Number, func(offset uint64) iter.Seq2[[]byte, error] { return pieces(content[offset:]) })
	return o
}

// sign signs an offer, whatever it says.
func (f *forger) sign(o *justchat.Offer) { f.key.SignOffer(f.c.identity.Authority(), o) }

// sends has her send that when she is asked for a file.
func (f *forger) sends(number uint64, from func(offset uint64) iter.Seq2[[]byte, error]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.files[number] = from
}

// asks returns how she was asked for a file's bytes.
func (f *forger) asks(number uint64) (offsets []uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, one := range f.asked {
		if one.number == number {
			offsets = append(offsets, one.offset)
		}
	}
	return offsets
}

// dials connects her to somebody's listener, as a client does that would send a private file.
func (f *forger) dials(to string) (*clientapi.ClientMessageServiceClient, *runtime.Client) {
	f.c.t.Helper()
	item, err := f.api.SendPrivate(f.c.t.Context(), to)
	if err != nil || item.Address == "" {
		f.c.t.Fatalf("got %+v and %v, want where %s is", item, err, to)
	}
	rpc := runtime.Dial(item.Address, runtime.WithTLS(f.key.PeerTLS(item.Key)), runtime.WithLogger(f.c.logger))
	f.c.t.Cleanup(func() { rpc.Close() })
	clientapi.RegisterClientMessageService(rpc, f)
	return clientapi.NewClientMessageServiceClient(rpc), rpc
}

// pieces yields bytes.
func pieces(content []byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for len(content) > 0 {
			n := min(len(content), 64<<10)
			if !yield(content[:n], nil) {
				return
			}
			content = content[n:]
		}
	}
}

// endless yields zeros.
func endless(uint64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for piece := make([]byte, 64<<10); yield(piece, nil); {
		}
	}
}

// collect returns what a stream of bytes brings, and the error at its end.
func collect(stream iter.Seq2[[]byte, error]) ([]byte, error) {
	var all bytes.Buffer
	for piece, err := range stream {
		if err != nil {
			return all.Bytes(), err
		}
		all.Write(piece)
	}
	return all.Bytes(), nil
}

// endOf returns how a stream of progress ends.
func endOf(stream iter.Seq2[justchat.Transfer, error]) (err error) {
	for _, err = range stream {
		if err != nil {
			return err
		}
	}
	return nil
}

// A forgedServer is a node with the cluster's secret that lies: the load balancers send clients to it.
type forgedServer struct {
	servertest.FakeMessageService
	c       *cluster
	name    string
	balance *lbapi.NodeServiceClient
	guests  chan *clientapi.ClientMessageServiceClient // the clients that came
}

// forgedServer starts one. Its functions may be set in prepare.
func (c *cluster) forgedServer(name string, prepare func(*forgedServer)) *forgedServer {
	c.t.Helper()
	s := &forgedServer{c: c, name: name, guests: make(chan *clientapi.ClientMessageServiceClient, 10)}
	s.ConnectionInitFunc = s.welcome
	if prepare != nil {
		prepare(s)
	}
	config, err := c.identity.NodeTLS(identity.Server, name)
	if err != nil {
		c.t.Fatal(err)
	}
	listener, udp := listen(c.t)
	server := runtime.NewServer(runtime.WithTLS(config), runtime.WithLogger(c.logger))
	serverapi.RegisterMessageService(server, s)
	c.serve(func(context.Context) error { server.Serve(listener); return nil }, server.Close)
	pulse := heartbeat.New(udp, heartbeat.Config{Key: c.identity.HeartbeatKey(), State: func() heartbeat.State { return heartbeat.State{} }})
	c.t.Cleanup(func() { pulse.Close() })
	rpc := runtime.Dial(c.addresses[0], runtime.WithTLS(config), runtime.WithLogger(c.logger))
	c.t.Cleanup(func() { rpc.Close() })
	s.balance = lbapi.NewNodeServiceClient(rpc)
	next, stop := iter.Pull2(s.balance.SingleNode(c.t.Context(), justchat.ServerNode{Name: name, Address: listener.Addr().String(), Start: 1}))
	c.t.Cleanup(stop)
	if _, err, _ := next(); err != nil {
		c.t.Fatal(err)
	}
	return s
}

// welcome implements ConnectionInit.
func (s *forgedServer) welcome(ctx context.Context, _, _ []byte, _ map[string]uint64) iter.Seq2[serverapi.Welcome, error] {
	return func(yield func(serverapi.Welcome, error) bool) {
		caller, ok := runtime.CallerFrom(ctx)
		if !ok {
			yield(serverapi.Welcome{}, errors.New("no way back"))
			return
		}
		if yield(serverapi.Welcome{Server: s.name, Copies: 2, Next: 1}, nil) {
			s.guests <- clientapi.NewClientMessageServiceClient(caller)
			<-ctx.Done()
		}
	}
}

// guest waits for the next client that comes to it.
func (s *forgedServer) guest() *clientapi.ClientMessageServiceClient {
	s.c.t.Helper()
	select {
	case guest := <-s.guests:
		return guest
	case <-time.After(patience):
		s.c.t.Fatal("nobody comes to the forged server")
		return nil
	}
}

// offerOf signs an offer in the name of anybody, as whoever has the cluster's secret can.
func (c *cluster) offerOf(user, to, name string, content []byte) justchat.Offer {
	c.t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		c.t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	o := justchat.Offer{
		From: user, To: to, Number: 1, Name: name, Size: uint64(len(content)), SHA256: sum[:], Sent: time.Now(),
		Token: c.identity.Grant(user, key.Public, time.Now(), time.Minute),
	}
	key.SignOffer(c.identity.Authority(), &o)
	return o
}

// refusedFile expects an offer to be refused, by its name.
func refusedFile(t *testing.T, what string, err error) {
	t.Helper()
	refused := wantError[*justchat.RefusedFile](t, what, err)
	if refused != nil && refused.Reason == "" {
		t.Errorf("%s: got %+v, want the reason", what, fmt.Sprintf("%+v", *refused))
	}
}
