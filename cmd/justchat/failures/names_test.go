package failures_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"github.com/parley-rpc/parley/cmd/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/loadbalancer"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// TestSoakNames has four people sign up for one name at once, at three load balancers that share an etcd, again and again:
// each time one of them gets it. The load balancers are in this process, for the sake of cheap hashes.
func TestSoakNames(t *testing.T) {
	races := 40
	if soaking {
		races = 1000
	}
	authority, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	member, err := registry.Embedded(t.Context(), filepath.Join(t.TempDir(), "registry"), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { member.Close() })
	var racers []*racer
	var at []string
	for range 3 {
		at = append(at, serveBalancer(t, authority, member))
	}
	for i := range 4 {
		racers = append(racers, newRacer(t, fmt.Sprint("password ", i), at[i%len(at)]))
	}
	for i := range races {
		name := fmt.Sprintf("name%04d", i)
		errs := make([]error, len(racers))
		var race sync.WaitGroup
		for at, r := range racers {
			race.Go(func() { errs[at] = r.signUp(t.Context(), name) })
		}
		race.Wait()
		wantOneWinner(t, name, errs)
	}
}

// serveBalancer runs a load balancer until the test ends, and returns its address.
func serveBalancer(t *testing.T, authority *identity.Cluster, member *registry.Member) string {
	t.Helper()
	shared, err := member.Dial()
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	udp, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	lb, err := loadbalancer.New(loadbalancer.Config{
		Listener: listener, Heartbeats: udp, Cluster: authority, Registry: shared,
		Limits: loadbalancer.Limits{FailedLogins: -1}, Hasher: &identity.Hasher{Cheap: true},
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- lb.Serve(context.Background()) }() // the cleanup waits
	t.Cleanup(func() {
		lb.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
		shared.Close()
	})
	return listener.Addr().String()
}

// A racer signs up by one load balancer.
type racer struct {
	key      *identity.Key
	password string
	api      *api.MessageServiceClient
}

func newRacer(t *testing.T, password, address string) *racer {
	t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	rpc := runtime.Dial(address, runtime.WithTLS(key.TLS(func(*identity.Authority) error { return nil })))
	t.Cleanup(func() { rpc.Close() })
	clientapi.RegisterClientMessageService(rpc, deaf{})
	return &racer{key, password, api.NewMessageServiceClient(rpc)}
}

// signUp tries to, and leaves at once.
func (r *racer) signUp(ctx context.Context, name string) error {
	setup := api.NewClientSetup{User: name, Password: r.password, SignUp: true, Client: r.key.Client}
	for joined, err := range r.api.JoinChatService(ctx, setup) {
		if err == nil && joined.Name != name {
			err = fmt.Errorf("signed up as %q", joined.Name)
		}
		return err
	}
	return errors.New("no answer")
}

// wantOneWinner expects one of those who wanted a name to have it, and the others to be told that it is taken.
func wantOneWinner(t *testing.T, name string, errs []error) {
	t.Helper()
	winners := 0
	for _, err := range errs {
		var taken *api.NameTaken
		switch {
		case err == nil:
			winners++
		case !errors.As(err, &taken):
			t.Errorf("%s: got %v, want that the name is taken", name, err)
		}
	}
	if winners != 1 {
		t.Errorf("%s: got %d winners, want 1", name, winners)
	}
}
