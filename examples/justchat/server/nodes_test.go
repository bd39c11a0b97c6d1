package server

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// cut has servers not reach each other, and tells each that the others are silent.
func cut(sites ...*site) {
	for _, a := range sites {
		a.gate.setShut(true)
		for _, b := range sites {
			a.verdict(b.Name(), false)
		}
	}
}

// heal undoes cut.
func heal(sites ...*site) {
	for _, a := range sites {
		a.gate.setShut(false)
		for _, b := range sites {
			a.verdict(b.Name(), true)
		}
	}
}

// history returns the texts that a server's log has, in the room's order.
func history(t *testing.T, s *site) (texts []string) {
	t.Helper()
	records, err := s.Log.Before(nil, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		texts = append(texts, r.Message.Text)
	}
	return texts
}

// wantSame waits until servers have the same histories, of so many messages.
func wantSame(t *testing.T, count int, sites ...*site) {
	t.Helper()
	for _, s := range sites {
		eventually(t, fmt.Sprintf("%d messages in the history", count), func() bool { return len(history(t, s)) >= count })
		if got, want := history(t, s), history(t, sites[0]); len(got) != count || !slices.Equal(got, want) {
			t.Errorf("got %q as history, want %d as in %q", got, count, want)
		}
	}
}

// TestCutOff cuts two servers off from each other: both go on with one copy, and have the same once they are
// healed, where the clients are told of the second copies.
func TestCutOff(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon, tony := w.come(a, "Elon"), w.come(b, "Tony")
	elon.say(2, elon.message("hello"))
	tony.wantHeard("hello")

	cut(a, b)
	elon.say(1, elon.message("alone"))
	tony.say(1, tony.message("lonely"))
	elon.say(1, elon.message("still alone"))
	elon.wantHeard("hello", "alone", "still alone")
	tony.wantHeard("hello", "lonely")

	heal(a, b)
	elon.wantHeard("hello", "alone", "still alone", "lonely")
	tony.wantHeard("hello", "lonely", "alone", "still alone")
	wantSame(t, 4, a, b)
	eventually(t, "Elon hears that his messages are safe", func() bool {
		elon.mu.Lock()
		defer elon.mu.Unlock()
		return elon.safe == 3
	})
	elon.say(2, elon.message("together"))
}

// TestMoveWhileCutOff has a client resend to one side what the other has: it is shown once, and what it says next
// comes after it, on both.
func TestMoveWhileCutOff(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon, tony, robert := w.come(a, "Elon"), w.come(b, "Tony"), w.come(a, "Robert")
	elon.say(2, elon.message("0"))
	cut(a, b)
	one, two := elon.message("1"), elon.message("2")
	elon.say(1, one)
	elon.wantHeard("0", "1")
	elon.move(b)
	elon.say(1, one, two)
	heal(a, b)
	wantSame(t, 3, a, b)
	elon.say(2, elon.message("3"))
	wantSame(t, 4, a, b)
	elon.wantHeard("0", "1", "1", "2", "3") // the client tells repetitions
	tony.wantHeard("0", "1", "2", "3")
	robert.wantHeard("0", "1", "2", "3")
}

// TestNothingYet lets clients come at once to servers that have nothing yet.
func TestNothingYet(t *testing.T) {
	w := newWorld(t)
	w.limits.CatchUp = time.Hour
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	a.hear(&lbapi.News{Complete: true, Servers: []justchat.ServerNode{a.self, b.self}})
	eventually(t, "it takes clients", a.caughtUp.Load)
}

// TestEmptyFolder restarts a server whose disk is lost: it gets all from the other one, with what its own start
// had said.
func TestEmptyFolder(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon := w.come(a, "Elon")
	const count = 3 * pullBatch
	for n := range count / 100 {
		var batch []justchat.Message
		for i := range 100 {
			batch = append(batch, elon.message(fmt.Sprint(100*n+i)))
		}
		elon.say(2, batch...)
	}
	a.stop()
	b.part(a.Name())
	again := w.start(t.TempDir())
	introduce(t, again, b)
	again.hear(&lbapi.News{Complete: true, Servers: []justchat.ServerNode{again.self, b.self}})
	eventually(t, "it takes clients", again.caughtUp.Load)
	wantSame(t, count, again, b)
	elon.move(again)
	elon.say(2, elon.message("back"))
	wantSame(t, count+1, again, b)
}

// TestRestart has what a server said with one copy reach the other one after its restart, and a message that is resent then is
// not shown twice.
func TestRestart(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	cut(a, b)
	elon, tony := w.come(a, "Elon"), w.come(b, "Tony")
	one := elon.message("one")
	elon.say(1, one)
	a.stop()
	again := w.start(a.dir)
	elon.move(again)
	elon.say(1, one) // there is nobody else, whatever the log has
	b.gate.setShut(false)
	introduce(t, again, b)
	elon.say(2, elon.message("two"))
	tony.wantHeard("one", "two")
	wantSame(t, 2, again, b)
}

// TestOwnAddress starts a server where another was that is still on the list: it does not take itself for
// that one, by whatever name it is dialled.
func TestOwnAddress(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	s.join(justchat.ServerNode{Name: "before", Address: s.Address, Start: 9})
	if s.link("before") != nil {
		t.Error("got a link to its own address, want none")
	}
	tls, err := w.cluster.NodeTLS(identity.Server, s.Name())
	if err != nil {
		t.Fatal(err)
	}
	client := runtime.Dial(s.Listener.Addr().String(), runtime.WithTLS(tls))
	defer client.Close()
	self := api.NewNodeServiceClient(client)
	if _, err := self.NewStorageNode(t.Context(), s.self, nil); runtime.CodeOf(err) != runtime.CodeFailedPrecondition {
		t.Errorf("NewStorageNode of itself: got %v, want failed_precondition", err)
	}
	if _, err := self.SendPublicMsg(t.Context(), s.Name(), nil, nil); runtime.CodeOf(err) != runtime.CodeFailedPrecondition {
		t.Errorf("SendPublicMsg of itself: got %v, want failed_precondition", err)
	}
}

// TestLateVerdict does not wait for a server that has left, whatever is said of it then.
func TestLateVerdict(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	b.stop() // or it would present itself again; once more it may have
	eventually(t, "the verdict is not kept", func() bool {
		a.part(b.Name())
		a.verdict(b.Name(), true)
		return a.Stats().Servers == 0
	})
}

// TestReachable has servers find each other that do not know their own host.
func TestReachable(t *testing.T) {
	for address, want := range map[string]string{
		":6000": "10.0.0.7:6000", "0.0.0.0:6000": "10.0.0.7:6000", "[::]:6000": "10.0.0.7:6000",
		"chat:6000": "chat:6000", "10.0.0.8:6000": "10.0.0.8:6000", "rubbish": "rubbish",
	} {
		if got := reachable(address, "10.0.0.7"); got != want {
			t.Errorf("%q: got %q, want %q", address, got, want)
		}
	}
}
