package loadbalancer

import (
	"context"
	"fmt"
	"iter"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	"github.com/parley-rpc/parley/runtime"
)

// show returns what a server is told, in short.
func show(n api.News) string {
	var parts []string
	if n.Complete {
		parts = append(parts, "all")
	}
	for _, s := range n.Servers {
		parts = append(parts, s.Name)
	}
	for _, name := range n.Removed {
		parts = append(parts, "-"+name)
	}
	for _, u := range n.Users {
		parts = append(parts, fmt.Sprint(u.User, " banned ", u.Banned, " muted ", !u.Muted.IsZero()))
	}
	slices.Sort(parts[min(1, len(parts)):])
	return strings.Join(parts, ", ")
}

// wantNews reports an error of the test unless some news is that. What comes before it is left out, since what is
// known may be told twice.
func (s *chatServer) wantNews(want string) {
	s.Helper()
	var before []string
	for {
		select {
		case n := <-s.news:
			got := show(n)
			if got == want {
				return
			}
			before = append(before, got)
		case <-time.After(longEnough):
			s.Fatalf("got %q, want %q", before, want)
		}
	}
}

func TestNews(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	one := c.starts("one", all[0])
	one.wantNews("all, one")
	two := c.starts("two", all[1])
	two.wantNews("all, one, two")
	one.wantNews("two")
	c.person("elon", nil, all[0]).enters()
	admin := api.NewAdminServiceClient(c.dial(identity.Operator, all[1].Address()))
	until(t, "elon is known", func() bool { return all[1].Stats().Users == 1 })
	if err := admin.Moderate(t.Context(), justchat.UserState{User: "ELON", Muted: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*chatServer{one, two} {
		s.wantNews("elon banned false muted true")
	}
	until(t, "both have heard of it", func() bool { u, _ := all[0].directory.User("elon"); return !u.State.Muted.IsZero() })
	three := c.starts("three", all[0])
	three.wantNews("all, elon banned false muted true, one, three, two")
	two.dies()
	one.wantNews("-two")
	if err := admin.RemoveUser(t.Context(), "elon"); err != nil {
		t.Fatal(err)
	}
	one.wantNews("elon banned false muted false")
}

// A server that loses its line, and announces itself again within a lease, was never gone.
func TestServerChangesLoadBalancer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	watcher := c.starts("watcher", all[0])
	moving := c.starts("moving", all[0])
	elon := c.person("elon", nil, all[0])
	elon.setup.Server = "moving"
	elon.enters()
	moving.client.Close()
	moving.dials(all[1])
	moving.announce()
	elon.wantNoOrder()
	time.Sleep(2 * c.limits.Lease) // in which it would have gone
	elon.wantNoOrder()
	for len(watcher.news) > 0 {
		if n := <-watcher.news; len(n.Removed) > 0 {
			t.Errorf("got news that %v is gone, want none", n.Removed)
		}
	}
}

func TestAnnouncements(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	first := c.starts("one", b)
	second := &chatServer{cluster: c, NodeServiceClient: first.NodeServiceClient, node: first.node, news: first.news, ended: make(chan error, 1)}
	second.node.Start = 2
	second.announce()
	wantCode(t, next(t, "the end", first.ended), runtime.CodeAborted)
	refused := func(node justchat.ServerNode) error {
		for _, err := range first.SingleNode(t.Context(), node) {
			return err
		}
		return nil
	}
	wantCode(t, refused(justchat.ServerNode{Name: "one", Address: "127.0.0.1:1", Start: 1}), runtime.CodeFailedPrecondition)
	for _, node := range []justchat.ServerNode{{Name: "", Address: "x:1"}, {Name: "x", Address: "x"}, {Name: "x\n", Address: "x:1"}, {Name: strings.Repeat("x", 1000), Address: "x:1"}} {
		wantCode(t, refused(node), runtime.CodeInvalidArgument)
	}
	open := c.starts("open", b)
	_, port, _ := net.SplitHostPort(open.node.Address)
	open.node.Address = "[::]:" + port
	open.announce()
	until(t, "the address is the one that was seen", func() bool {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		return b.servers["open"].node.Address == "127.0.0.1:"+port
	})
}

// A server that does not take its news loses its call, and nobody waits for it.
func TestSlowServer(t *testing.T) {
	c := newCluster(t)
	c.limits.News = 10
	b := c.balancers(1)[0]
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	began, stuck := make(chan struct{}), make(chan error)
	slow := api.NewNodeServiceClient(c.dial(identity.Server, b.Address()))
	go func() { // stuck tells when it has ended
		var got error
		for _, err := range slow.SingleNode(ctx, justchat.ServerNode{Name: "slow", Address: "127.0.0.1:1"}) {
			if got = err; err == nil {
				close(began)
				<-ctx.Done()
				break
			}
		}
		stuck <- got
	}()
	next(t, "the first news", began)
	open := func() bool {
		b.mutex.Lock()
		defer b.mutex.Unlock()
		return b.servers["slow"].feed != nil
	}
	for i := 0; open(); i++ {
		b.mutex.Lock()
		b.tell(api.News{Removed: []string{strings.Repeat("x", 10_000)}})
		b.mutex.Unlock()
		if i > 1000 {
			t.Fatal("got 1,000 news on their way, want an end")
		}
	}
	cancel()
	next(t, "the end", stuck)
}

func TestGetClientAddr(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(2)
	server := c.starts("one", all[1])
	until(t, "it is known", func() bool { return all[0].Stats().Usable == 1 })
	elon := c.person("Elon", nil, all[0])
	elon.enters()
	elon.wantOrder(1, server)
	var item justchat.ClientItem
	until(t, "elon is found", func() (found bool) {
		var err error
		item, err = server.GetClientAddr(t.Context(), "ELON")
		return err == nil && item.Server == "one"
	})
	if item.User != "Elon" || item.Address != "127.0.0.1:4711" || string(item.Key) != string(elon.Public) || string(item.Client) != string(elon.Client) {
		t.Errorf("got %+v, want Elon at 127.0.0.1:4711 with her key", item)
	}
	later := c.person("Elon", nil, all[1])
	later.setup.Port = 0
	later.enters()
	item, err := server.GetClientAddr(t.Context(), "Elon")
	if string(item.Client) != string(later.Client) || item.Address != "" || err != nil {
		t.Errorf("got %+v, %v, want the client that came last, nowhere to be dialled", item, err)
	}
	later.leave()
	elon.leave()
	until(t, "nobody is here", func() bool {
		_, err = server.GetClientAddr(t.Context(), "Elon")
		return err != nil
	})
	wantError[*justchat.NotHere](t, err)
	_, err = server.GetClientAddr(t.Context(), strings.Repeat("x", 1000))
	wantError[*justchat.NotHere](t, err)
}

// collect returns the items of a stream.
func collect[T any](items iter.Seq2[T, error]) (all []T, err error) {
	for item, err := range items {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// catalogue collects the services that are registered with it.
type catalogue []runtime.Service

func (c *catalogue) Register(s runtime.Service) { *c = append(*c, s) }

// Every method is for one role, and refuses the others.
func TestAccess(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	var services catalogue
	api.RegisterMessageService(&services, messageService{})
	api.RegisterNodeService(&services, nodeService{})
	api.RegisterLBService(&services, lbService{})
	api.RegisterAdminService(&services, adminService{})
	clients := map[identity.Role]*runtime.Client{identity.Client: c.person("x", nil, b).client}
	for _, role := range []identity.Role{identity.LoadBalancer, identity.Server, identity.Operator} {
		clients[role] = c.dial(role, b.Address())
	}
	for _, service := range services {
		if callers[service.Name] == "" {
			t.Errorf("nobody may call %s", service.Name)
		}
		for _, handler := range service.Handlers {
			for role, client := range clients {
				call := runtime.NewCall(handler.Method)
				call.Out = append(call.Out, 0xff, 0xff, 0xff, 0xff) // no parameters of any method
				err := client.Call(t.Context(), call)
				call.Release()
				denied := runtime.CodeOf(err) == runtime.CodePermissionDenied
				if want := role != callers[service.Name]; denied != want {
					t.Errorf("%s by %s: got %v, want it refused: %v", handler.Method, role, err, want)
				}
			}
		}
	}
	if err := runtime.NewMetaClient(clients[identity.Client]).Ping(t.Context()); err != nil {
		t.Errorf("got %v of the runtime's own service, want an answer", err)
	}
}

// Who has another secret is not even heard.
func TestStrangers(t *testing.T) {
	c := newCluster(t)
	b := c.balancers(1)[0]
	stranger := newCluster(t)
	_, err := api.NewAdminServiceClient(stranger.dial(identity.Operator, b.Address())).Status(t.Context())
	wantCode(t, err, runtime.CodeUnavailable)
	for _, garbage := range []string{"", "GET / HTTP/1.1\r\n\r\n", "\x16\x03\x01\xff\xff\xff", strings.Repeat("\x00", 1<<16)} {
		conn, err := net.Dial("tcp", b.Address())
		if err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte(garbage))
		if garbage == "" {
			defer conn.Close() // and says nothing as long as it can
			continue
		}
		conn.Close()
	}
	c.person("elon", nil, b).enters()
}
