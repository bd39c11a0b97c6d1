package loadbalancer

import (
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/registry"
	"github.com/parley-rpc/parley/examples/justchat/shiviz"
	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
)

func TestFourthLoadBalancer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(3)
	fourth := c.newBalancer()
	err := fourth.Serve(t.Context())
	taken := wantError[*registry.SlotsTaken](t, err)
	if taken != nil && (len(taken.Addresses) != 3 || !strings.Contains(err.Error(), all[2].Address()) || !strings.Contains(err.Error(), "-max-loadbalancers")) {
		t.Errorf("got %q, want who they are and what to do", err)
	}
	all[1].Close()
	if err := next(t, "the end", all[1].served); err != nil {
		t.Errorf("got %v of one that was closed, want nil", err)
	}
	next := c.newBalancer()
	next.serve()
	c.person("elon", nil, next).enters()
}

func TestGossip(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(3)
	var people []*person
	for i := range 9 {
		p := c.person(fmt.Sprint("person", i), nil, all[i%3])
		p.enters()
		people = append(people, p)
	}
	present := func(want int, at ...*balancer) {
		t.Helper()
		for _, b := range at {
			until(t, fmt.Sprint(want, " are here"), func() bool { return b.Stats().Present == want })
		}
	}
	present(9, all...)
	people[0].leave()
	present(8, all...)
	late := c.newBalancer(all[0].Address(), all[1].Address(), all[2].Address())
	late.limits.LoadBalancers = -1
	late.serve()
	present(8, late)
	// One dies with its clients: they are gone after a lease, or when they have come in elsewhere.
	all[2].Close()
	present(5, all[0], all[1], late)
	for _, p := range people[2:3] {
		p.setup.SignUp = false
		again := c.person(p.setup.User, nil, all[0])
		again.enters()
	}
	present(6, all[0], all[1], late)
}

// A load balancer that starts anew at its address takes its slot over, and is told again who is in by the others, also
// if these did not notice.
func TestRestart(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.limits.Lease = 2 * time.Second
	all := c.balancers(3)
	c.person("elon", nil, all[0]).enters()
	until(t, "all know", func() bool { return all[2].Stats().Present == 1 })
	for range 3 {
		all[2].Close()
		all[2] = c.newBalancerAt(all[2].Address())
		all[2].serve()
		until(t, "the new one knows", func() bool { return all[2].Stats().Present == 1 && all[2].Stats().Peers == 2 })
		tony := c.person("tony", nil, all[0])
		tony.enters()
		until(t, "the new one hears what changes", func() bool { return all[2].Stats().Present == 2 })
		tony.leave()
		until(t, "the new one hears what changes", func() bool { return all[2].Stats().Present == 1 })
	}
}

// Being told anew of all forgets nobody on the way, and keeps nobody who is not told of.
func TestToldAnew(t *testing.T) {
	p := newPresence()
	item := func(name string) justchat.ClientItem {
		return justchat.ClientItem{User: name, Client: []byte(name), Server: "one"}
	}
	p.put(item("stays"), "there", nil)
	p.put(item("left"), "there", nil)
	p.put(item("other"), "elsewhere", nil)
	p.doubt("there")
	if got := fmt.Sprint(p.names(), p.clients, p.load); got != "[left other stays] 3 map[one:3]" {
		t.Errorf("got %s while it is told, want all", got)
	}
	p.put(item("stays"), "there", nil)
	p.put(item("new"), "there", nil)
	p.sweep("there")
	p.sweep("elsewhere")
	if got := fmt.Sprint(p.names(), p.clients, p.load); got != "[new other stays] 3 map[one:3]" {
		t.Errorf("got %s, want who was told of, and who is elsewhere", got)
	}
	p.forget("there")
	p.forget("elsewhere")
	if got := fmt.Sprint(p.names(), p.clients, p.load); got != "[] 0 map[]" {
		t.Errorf("got %s, want nobody", got)
	}
}

func TestGossipThatFallsBehind(t *testing.T) {
	c := newCluster(t)
	c.limits.Gossip = 4
	all := c.balancers(2)
	all[0].mutex.Lock() // as if it had no time to tell any of these
	for i := range 10 {
		all[0].presence.put(justchat.ClientItem{User: fmt.Sprint("ghost", i), Client: []byte{byte(i)}}, all[0].Address(), nil)
		all[0].gossip(justchat.ClientItem{User: fmt.Sprint("ghost", i), Client: []byte{byte(i)}}, true)
	}
	all[0].mutex.Unlock()
	until(t, "the other knows all", func() bool { return all[1].Stats().Present == 10 })
	if n := all[0].Stats().Resyncs; n != 1 {
		t.Errorf("got %d resyncs, want 1", n)
	}
}

// The same client comes in elsewhere before its first load balancer has noticed that it left.
func TestTakenOver(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(2)
	elon := c.person("elon", nil, all[0])
	elon.enters()
	until(t, "both know", func() bool { return all[1].Stats().Present == 1 })
	item, _ := all[0].presence.latest("elon")
	item.Since = item.Since.Add(-time.Minute)
	report := api.NewLBServiceClient(c.dial(identity.LoadBalancer, all[0].Address()))
	start, err := report.NewClient(t.Context(), []justchat.ClientItem{item}, false)
	if err != nil || start != 0 || all[0].Stats().Clients != 1 {
		t.Errorf("got %v and %d clients, want none to be ended by old news", err, all[0].Stats().Clients)
		t.Errorf("got start %d for one who has not told of all, want none", start)
	}
	item.Since = item.Since.Add(2 * time.Minute)
	if _, err := report.NewClient(t.Context(), []justchat.ClientItem{item}, false); err != nil {
		t.Fatal(err)
	}
	if err := next(t, "the end", elon.ended); err == nil || !strings.Contains(err.Error(), "another load balancer") {
		t.Errorf("got %v, want that the client came in elsewhere", err)
	}
}

func TestWithoutQuorum(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	all := c.balancers(2)
	c.person("elon", nil, all[0]).enters()
	until(t, "both know elon", func() bool { return all[1].Stats().Users == 1 })
	c.registry.SetQuorum(false)
	until(t, "both know it", func() bool { return !all[0].Stats().Quorum && !all[1].Stats().Quorum })
	// Servers come, known users log in, and are sent to them.
	server := c.starts("one", all[0])
	for _, b := range all {
		elon := c.person("elon", nil, b)
		elon.enters()
		elon.wantOrder(1, server)
		wrong := c.person("elon", nil, b)
		wrong.setup.SignUp, wrong.setup.Password = false, "x"
		wantError[*api.WrongPassword](t, wrong.refused())
		noQuorum := wantError[*justchat.NoQuorum](t, c.person("tony", nil, b).refused())
		if noQuorum != nil && noQuorum.What != "signing up" {
			t.Errorf("got that %q is not possible, want signing up", noQuorum.What)
		}
	}
	// One that starts learns from another who is signed up.
	late := c.newBalancer(all[0].Address())
	late.serve()
	elon := c.person("elon", nil, late)
	elon.enters()
	elon.wantOrder(1, server)
	for _, b := range all {
		until(t, "all know who is in by the late one", func() bool { return b.Stats().Present == 4 })
	}
	another := c.newBalancer(all[0].Address())
	another.serve()
	natasha := c.person("natasha", nil, another) // who has signed up just before, as far as anybody knows
	natasha.setup.Token = c.Grant("natasha", natasha.Public, time.Now(), time.Minute)
	natasha.enters()
	until(t, "natasha is known", func() bool { return all[0].Stats().Present == 5 })
	another.Close()
	until(t, "who was in by one that has died is gone", func() bool { return all[0].Stats().Present == 4 })
	c.registry.SetQuorum(true)
	until(t, "it is back", func() bool { return all[0].Stats().Quorum && late.Stats().Quorum })
	c.person("tony", nil, all[1]).enters()
	until(t, "the late one hears of it", func() bool { return late.Stats().Users == 2 })
	elon.wantNoOrder()
}

// Without quorum, and without anybody who knows, logins wait for a while, and are then refused.
func TestKnowsNobody(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.registry.SetQuorum(false)
	b := c.newBalancer()
	b.serve()
	wantError[*justchat.NoQuorum](t, c.person("elon", nil, b).refused())
	token := c.person("elon", nil, b)
	token.setup.Token = c.Grant("elon", token.Public, time.Now(), time.Minute)
	token.enters()
	c.registry.SetQuorum(true)
	c.person("tony", nil, b).enters()
}

func TestAdmin(t *testing.T) {
	c := newCluster(t)
	all := c.balancers(2)
	server := c.starts("one", all[0])
	until(t, "both know it", func() bool { return all[1].Stats().Usable == 1 })
	elon, tony := c.person("elon", nil, all[0]), c.person("tony", nil, all[1])
	elon.enters()
	token := tony.enters().Token
	for _, b := range all {
		until(t, "both know all", func() bool { return b.Stats().Present == 2 && b.Stats().Users == 2 })
	}
	admin := api.NewAdminServiceClient(c.dial(identity.Operator, all[0].Address()))
	status, err := admin.Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := status.Servers; len(got) != 1 || got[0].Node != server.node || !got[0].Alive || got[0].Draining || got[0].Clients != 2 {
		t.Errorf("got %+v, want server one alive with two clients", got)
	}
	if status.LoadBalancer != all[0].Address() || len(status.LoadBalancers) != 2 || status.Clients != 2 || status.Users != 2 || !status.Quorum {
		t.Errorf("got %+v, want two load balancers, two clients, and quorum", status)
	}
	users, err := admin.ListUsers(t.Context())
	if err != nil || len(users) != 2 || users[0].State.User != "elon" || !users[0].Here || users[0].Hash != "" {
		t.Errorf("got %+v, %v, want elon and tony, here, without hashes", users, err)
	}
	wantError[*api.UnknownUser](t, admin.RemoveUser(t.Context(), "nobody"))
	wantError[*api.UnknownUser](t, admin.Moderate(t.Context(), justchat.UserState{User: strings.Repeat("x", 1000)}))

	// Another password: who is in with the old one is cut off, and tokens of before are worth nothing.
	if err := admin.SetPassword(t.Context(), "tony", "better"); err != nil {
		t.Fatal(err)
	}
	wantError[*justchat.BadToken](t, next(t, "the end", tony.ended))
	tony.setup.Token = token
	wantError[*justchat.BadToken](t, tony.refused())
	tony.setup.Token = nil
	tony.setup.SignUp = false
	wantError[*api.WrongPassword](t, tony.refused())
	tony.setup.Password = "better"
	tony.enters()

	if err := admin.Moderate(t.Context(), justchat.UserState{User: "tony", Banned: true}); err != nil {
		t.Fatal(err)
	}
	wantError[*justchat.Banned](t, next(t, "the end", tony.ended))
	wantError[*justchat.Banned](t, tony.refused())
	tony.setup.Password = "guessed" // who does not know the password does not hear of it
	wantError[*api.WrongPassword](t, tony.refused())

	if err := admin.RemoveUser(t.Context(), "elon"); err != nil {
		t.Fatal(err)
	}
	wantError[*api.UnknownUser](t, next(t, "the end", elon.ended))
	elon.setup.SignUp = false
	wantError[*api.UnknownUser](t, elon.refused())
}

func TestNewRefuses(t *testing.T) {
	if _, err := New(Config{}); err == nil {
		t.Error("got a load balancer of nothing, want an error")
	}
}

// What the nodes of a cluster log makes one log that ShiViz draws.
func TestShiViz(t *testing.T) {
	c := newCluster(t)
	c.shiviz = true
	all := c.balancers(2)
	server := c.starts("one", all[1])
	elon := c.person("elon", nil, all[0])
	elon.enters()
	elon.wantOrder(1, server)
	until(t, "both know elon", func() bool { _, err := server.GetClientAddr(t.Context(), "elon"); return err == nil })
	var logs []io.Reader
	for _, b := range all {
		b.Close()
		b.config.ShiViz.Close()
		text, err := os.ReadFile(b.diary)
		if err != nil {
			t.Fatal(err)
		}
		logs = append(logs, strings.NewReader(string(text)))
	}
	var merged strings.Builder
	if err := shiviz.Merge(&merged, logs...); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"receive loadbalancer.NodeService.SingleNode\n", "receive loadbalancer.MessageService.JoinChatService\n",
		"send client.ClientMessageService.UpdateRpcChatServer\n", "receive loadbalancer.LBService.NewClient\n",
		"send reply to loadbalancer.NodeService.GetClientAddr\n", "receive reply to loadbalancer.LBService.GetCurrentData\n",
	} {
		if !strings.Contains(merged.String(), want) {
			t.Errorf("got\n%s\nwant %q in it", &merged, want)
		}
	}
}
