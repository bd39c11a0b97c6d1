package server

import (
	"net"
	"slices"
	"testing"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// catalogue collects the services that are registered with it.
type catalogue []runtime.Service

func (c *catalogue) Register(s runtime.Service) { *c = append(*c, s) }

// TestAccess has everybody call every method: it is refused but for those whose it is, before what they sent is
// looked at.
func TestAccess(t *testing.T) {
	cluster := newIdentity(t)
	address := startAlone(t, cluster)
	clients := map[identity.Role]*runtime.Client{}
	for _, role := range []identity.Role{identity.LoadBalancer, identity.Server, identity.Operator} {
		config, err := cluster.NodeTLS(role, "other")
		if err != nil {
			t.Fatal(err)
		}
		clients[role] = dial(t, address, runtime.WithTLS(config))
	}
	key, err := identity.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	clients[identity.Client] = dial(t, address, runtime.WithTLS(key.TLS(func(*identity.Authority) error { return nil })))
	var services catalogue
	api.RegisterMessageService(&services, &messageService{})
	api.RegisterNodeService(&services, &nodeService{})
	for _, service := range services {
		for _, handler := range service.Handlers {
			roles := callers[handler.Method.String()]
			if len(roles) == 0 {
				t.Errorf("nobody may call %v", handler.Method)
			}
			for role, client := range clients {
				call := runtime.NewCall(handler.Method)
				call.Out = append(call.Out, 0xff, 0xff, 0xff, 0xff) // no parameters of any method
				err := client.Call(t.Context(), call)
				call.Release()
				denied := runtime.CodeOf(err) == runtime.CodePermissionDenied
				if want := !slices.Contains(roles, role); denied != want {
					t.Errorf("%v by %s: got %v, want it refused: %v", handler.Method, role, err, want)
				}
			}
		}
	}
}

// TestAnotherSecret: a node of another cluster is not heard, and does not talk to this one.
func TestAnotherSecret(t *testing.T) {
	address := startAlone(t, newIdentity(t))
	for _, role := range []identity.Role{identity.LoadBalancer, identity.Server, identity.Operator} {
		config, err := newIdentity(t).NodeTLS(role, "other")
		if err != nil {
			t.Fatal(err)
		}
		err = api.NewNodeServiceClient(dial(t, address, runtime.WithTLS(config))).RemoveNode(t.Context(), "x")
		if runtime.CodeOf(err) != runtime.CodeUnavailable {
			t.Errorf("%s: got %v, want unavailable", role, err)
		}
	}
}

func newIdentity(t *testing.T) *identity.Cluster {
	t.Helper()
	cluster, err := identity.NewCluster(identity.NewSecret())
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// startAlone starts a server that finds no load balancer, and returns its address.
func startAlone(t *testing.T, cluster *identity.Cluster) string {
	t.Helper()
	log, err := messagelog.Open(t.TempDir(), messagelog.Options{})
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
	s, err := New(Config{
		Listener: listener, UDP: udp, LoadBalancers: "127.0.0.1:1", Cluster: cluster, Log: log,
		Logger: new(runtimetest.Log).Logger(-4),
	})
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(t.Context()) }()
	t.Cleanup(func() {
		s.Close()
		<-served
		log.Close()
	})
	return listener.Addr().String()
}

func dial(t *testing.T, address string, options ...runtime.ClientOption) *runtime.Client {
	t.Helper()
	client := runtime.Dial(address, append(options, runtime.WithLogger(new(runtimetest.Log).Logger(-4)))...)
	t.Cleanup(func() { client.Close() })
	return client
}
