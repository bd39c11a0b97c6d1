package justchat_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/examples/justchat/messagelog"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// full are a log's options for which any disk is full.
var full = messagelog.Options{Reserve: 1 << 60}

// TestFullDisk: a server whose disk is full takes nothing, its clients are moved to one that does, and nothing that was
// said is lost.
func TestFullDisk(t *testing.T) {
	c := newCluster(t, 1, 0)
	c.logs = full
	c.startServer(t.TempDir())
	elon := c.join("Elon")
	number, err := elon.Send(t.Context(), "there is no room for this")
	if err != nil {
		t.Fatal(err)
	}
	elon.wait("word that the server is full", func() bool {
		return elon.state.Kind == client.Held && strings.Contains(elon.state.Reason, "full")
	})
	c.logs = messagelog.Options{}
	c.startServer(t.TempDir())
	elon.wait("an acknowledgement", func() bool { return elon.acked[key(number)] > 0 })
	elon.wantHeard("Elon: there is no room for this")
	tony := c.join("Tony")
	if tony.server() != c.servers[1].Name() {
		t.Errorf("got Tony sent to %s, want %s, which is not full", tony.server(), c.servers[1].Name())
	}
}

// TestFullPeer: a server whose disk is full is no second disk, so nobody waits for it, and its clients are
// moved to where they hear what is said.
func TestFullPeer(t *testing.T) {
	c := newCluster(t, 1, 0)
	c.limits.Alone = time.Minute
	c.startServer(t.TempDir()) // waits a minute for another's disk
	elon := c.join("Elon")
	c.logs = full
	other := c.startServer(t.TempDir())
	await(t, "the servers to meet", func() bool {
		return c.servers[0].Stats().Servers == 1 && other.Stats().Servers == 1 && c.balancers[0].Stats().Usable == 2
	})
	tony := c.join("Tony")
	if tony.server() != other.Name() {
		t.Errorf("got Tony sent to %s, want %s, where nobody is", tony.server(), other.Name())
	}
	for range 3 {
		elon.say("hello")
	}
	tony.wantHeard("Elon: hello", "Elon: hello", "Elon: hello")
	if now := tony.server(); now != c.servers[0].Name() {
		t.Errorf("got Tony at %s, want %s, which is not full", now, c.servers[0].Name())
	}
}

// TestModeration mutes a user and bans her while she is in the room.
func TestModeration(t *testing.T) {
	c := newCluster(t, 1, 2)
	elon, tony := c.join("Elon"), c.join("Tony")
	elon.say("one")
	admin := c.admin()
	until := time.Now().Add(time.Hour)
	moderate := func(state justchat.UserState) {
		t.Helper()
		if err := admin.Moderate(t.Context(), state); err != nil {
			t.Fatal(err)
		}
	}
	moderate(justchat.UserState{User: "Elon", Muted: until})
	muted := func() bool {
		elon.mu.Lock()
		defer elon.mu.Unlock()
		_, ok := asError[*serverapi.Muted](last(elon.failed))
		return ok
	}
	await(t, "Elon to be muted", func() bool {
		if _, err := elon.Send(t.Context(), "are you there?"); err != nil {
			t.Fatal(err)
		}
		elon.Flush(t.Context())
		return muted()
	})
	whisper(elon, tony, "they have muted me")
	moderate(justchat.UserState{User: "Elon"})
	await(t, "Elon not to be muted", func() bool {
		elon.mu.Lock()
		elon.failed = nil
		elon.mu.Unlock()
		if _, err := elon.Send(t.Context(), "back again"); err != nil {
			t.Fatal(err)
		}
		elon.Flush(t.Context())
		return !muted()
	})
	tony.hears("Elon: back again")
	moderate(justchat.UserState{User: "Elon", Banned: true})
	select {
	case err := <-elon.ended:
		wantError[*justchat.Banned](t, "Elon's Run", err)
	case <-time.After(patience):
		t.Fatal("Elon is still in the room")
	}
	tony.say("at last")
	s := c.stranger("Elon") // whose token is still good
	await(t, "the server to know", func() bool {
		_, err := s.presents(s.token(), s.key.Client, nil)
		_, ok := asError[*justchat.Banned](err)
		return ok
	})
}

// TestSameUserTwice: two processes of one user both hear everything, and say what they say.
func TestSameUserTwice(t *testing.T) {
	c := newCluster(t, 2, 2)
	one, two, tony := c.join("Elon"), c.join("Elon"), c.join("Tony")
	one.say("from here")
	two.hears("Elon: from here")
	two.say("from there")
	one.wantHeard("Elon: from here", "Elon: from there")
	tony.wantHeard("Elon: from here", "Elon: from there")
	number, err := tony.SendPrivate(t.Context(), "Elon", "psst")
	if err != nil {
		t.Fatal(err)
	}
	tony.wait("an answer", func() bool { return tony.acked["Elon"+key(number)] >= 0 && len(tony.acked) > 0 })
	await(t, "one of the two to hear it", func() bool { return one.heardOf("Tony to me: psst") || two.heardOf("Tony to me: psst") })
	one.stop()
	two.say("the other has left")
	tony.hears("Elon: the other has left")
}

// admin is the way to run the room, through the first load balancer.
func (c *cluster) admin() *lbapi.AdminServiceClient {
	c.t.Helper()
	config, err := c.identity.NodeTLS(identity.Operator, "operator")
	if err != nil {
		c.t.Fatal(err)
	}
	rpc := runtime.Dial(c.addresses[0], runtime.WithTLS(config))
	c.t.Cleanup(func() { rpc.Close() })
	return lbapi.NewAdminServiceClient(rpc)
}

// heardOf reports whether she has heard something.
func (p *person) heardOf(line string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Contains(p.heard, line)
}

func key(number uint64) string { return fmt.Sprint(number) }

func last(errs []error) error {
	if len(errs) == 0 {
		return nil
	}
	return errs[len(errs)-1]
}

// Server returns where she is.
func (p *person) server() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state.Server
}
