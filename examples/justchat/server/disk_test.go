package server

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/causal"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
)

// TestFilledGap damages a server's log. Another one brings what is lost, and then what stood after it is shown, to a client that
// came meanwhile too.
func TestFilledGap(t *testing.T) {
	w := newWorld(t)
	w.limits.GiveUp = time.Hour
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	elon := w.come(a, "Elon")
	for n := range 3 {
		elon.say(2, elon.message(fmt.Sprint("message ", n)))
	}
	b.stop()
	damage(t, b.dir, "message 1")
	again := w.start(b.dir)
	again.hear(&lbapi.News{Complete: true, Servers: []justchat.ServerNode{again.self}})
	eventually(t, "it takes clients", again.caughtUp.Load)
	tony := w.newGuest("Tony")
	tony.seen[""] = 0 // he has seen nothing, and wants all
	tony.move(again)
	tony.wantHeard("message 0")
	introduce(t, a, again)
	tony.wantHeard("message 0", "message 1", "message 2")
	wantSame(t, 3, a, again)
}

// TestGivenUpGap goes on without what nobody brings, after a while.
func TestGivenUpGap(t *testing.T) {
	w := newWorld(t)
	a := w.start(t.TempDir())
	elon := w.come(a, "Elon")
	for n := range 3 {
		elon.say(1, elon.message(fmt.Sprint("message ", n)))
	}
	a.stop()
	damage(t, a.dir, "message 1")
	w.limits.GiveUp = time.Millisecond
	again := w.start(a.dir)
	again.hear(&lbapi.News{Complete: true, Servers: []justchat.ServerNode{again.self}})
	eventually(t, "what stood after the gap is shown", func() bool { return len(history(t, again)) == 2 })
}

// damage flips a bit of a text in a log's first segment.
func damage(t *testing.T, dir, text string) {
	t.Helper()
	name := filepath.Join(dir, "00000001.log")
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	at := strings.Index(string(data), text)
	if at < 0 {
		t.Fatalf("%q is not in the log", text)
	}
	data[at] ^= 1
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestFull has the disk take nothing more: clients are told, and the server asks to be drained.
func TestFull(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	g := w.come(s, "Elon")
	g.say(1, g.message("fits"))
	s.Log.Close() // stands for a disk that fails
	m := g.message("does not")
	for range 2 {
		_, err := g.SendPublicMsg(t.Context(), []justchat.Message{m}, nil)
		wantAs[*api.Full](t, "a message", err)
	}
	if !s.state().Draining {
		t.Error("the server does not ask to be drained")
	}
	other := w.newGuest("Tony")
	wantAs[*api.Draining](t, "who comes", other.dial(s))
	record := foreign("b.1", 1, 1, "x", 1, causal.Vector{})
	if err := s.keep([]*justchat.Record{record}); !errors.As(err, new(*api.Full)) {
		t.Errorf("another server's record: got %v, want Full", err)
	}
}

// TestDrain waits until its clients have gone, and then closes.
func TestDrain(t *testing.T) {
	w := newWorld(t)
	w.limits.Drain = time.Hour
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	g := w.come(a, "Elon")
	drained := make(chan error, 1)
	go func() { drained <- a.Drain(t.Context()) }()
	eventually(t, "it says that it drains", func() bool { return a.state().Draining })
	g.say(2, g.message("still taken"))
	g.move(b)
	if err := <-drained; err != nil {
		t.Errorf("got %v, want it closed", err)
	}
	b.verdict(a.Name(), false)
	g.say(1, g.message("gone on"))
}
