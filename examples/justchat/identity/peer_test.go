package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"testing"

	"github.com/parley-rpc/parley/generated/justchat"
	"github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/runtime"
)

// asked is a client's service that tells who called it.
type asked struct {
	client.ClientMessageService
	peer chan Peer
	err  chan error // of Require, for load balancers and clients
}

func (a asked) ReceivePrivateMessage(ctx context.Context, _ justchat.Message) error {
	err := Require(ctx, LoadBalancer, Client)
	a.peer <- PeerOf(ctx)
	a.err <- err
	return err
}

// call has dial call what accept serves, and returns what the handler knew, and what it returned here and there.
func call(t *testing.T, accept, dial runtime.Option) (peer Peer, required, err error) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := runtime.NewServer(accept)
	service := asked{peer: make(chan Peer, 1), err: make(chan error, 1)}
	client.RegisterClientMessageService(server, service)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }() // until Close; the receive below waits
	caller := runtime.Dial(listener.Addr().String(), dial)
	err = client.NewClientMessageServiceClient(caller).ReceivePrivateMessage(t.Context(), justchat.Message{})
	caller.Close()
	server.Close()
	<-served
	select {
	case peer = <-service.peer:
		required = <-service.err
	default:
	}
	return peer, required, err
}

func TestPeerOf(t *testing.T) {
	c, k := newCluster(t), newKey(t)
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	pretender, err := signNode(publicOf(key), LoadBalancer, "lb", key)
	if err != nil {
		t.Fatal(err)
	}
	server := c.nodeTLS(t, Server, "s1")
	for what, test := range map[string]struct {
		dial *tls.Config
		want Peer
		ok   bool
	}{
		"load balancer":       {c.nodeTLS(t, LoadBalancer, "lb:5000"), Peer{Role: LoadBalancer, Name: "lb:5000"}, true},
		"server":              {c.nodeTLS(t, Server, "s2"), Peer{Role: Server, Name: "s2"}, false},
		"operator":            {c.nodeTLS(t, Operator, "root"), Peer{Role: Operator, Name: "root"}, false},
		"client":              {k.TLS(trust(c)), Peer{Role: Client, Key: k.Public}, true},
		"client with a title": {forged(t, key, pretender), Peer{Role: Client, Key: publicOf(key)}, true},
	} {
		got, required, err := call(t, runtime.WithTLS(server), runtime.WithTLS(test.dial))
		if test.want.Host = "127.0.0.1"; got.Role != test.want.Role || got.Name != test.want.Name || !got.Key.Equal(test.want.Key) || got.Host != test.want.Host {
			t.Errorf("%s: got %+v, want %+v", what, got, test.want)
		}
		e := new(runtime.Error)
		if test.ok && (required != nil || err != nil) || !test.ok && (!errors.As(err, &e) || e.Code() != runtime.CodePermissionDenied) {
			t.Errorf("%s: got %v, here %v, want it let in: %t", what, required, err, test.ok)
		}
	}
}

// TestPeerOfNobody calls without TLS, and outside a call.
func TestPeerOfNobody(t *testing.T) {
	got, required, _ := call(t, runtime.WithTimeout(0), runtime.WithTimeout(0))
	if got.Role != "" || got.Key != nil || got.Host != "127.0.0.1" {
		t.Errorf("got %+v, want only a host", got)
	}
	wantError(t, "in clear", required, "this call is for loadbalancer or client, and comes from somebody unknown")
	wantError(t, "outside a call", Require(t.Context(), Client, ""), "permission_denied")
}

// TestRefusedNotRetried has a client refuse a server: the call fails at once, with what pin said.
func TestRefusedNotRetried(t *testing.T) {
	changed := &ChangedKey{Cluster: "room"}
	tries := 0
	dial := newKey(t).TLS(func(*Authority) error { tries++; return changed })
	_, _, err := call(t, runtime.WithTLS(newCluster(t).nodeTLS(t, Server, "s1")), runtime.WithTLS(dial))
	if got := new(ChangedKey); !errors.As(err, &got) || tries != 1 {
		t.Errorf("got %v after %d tries, want what pin said after 1", err, tries)
	}
}

func BenchmarkHandshake(b *testing.B) {
	c := newCluster(b)
	accept, dial := c.nodeTLS(b, Server, "s1"), newKey(b).TLS(trust(c))
	for b.Loop() {
		if accepted, dialled := handshake(b, accept, dial); accepted != nil || dialled != nil {
			b.Fatal(accepted, dialled)
		}
	}
}
