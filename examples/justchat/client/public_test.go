package client

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	api "github.com/parley-rpc/parley/generated/justchat/client"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestRefusedMessage: the person is told, and what comes after it arrives.
func TestRefusedMessage(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	s.answer = func(_ int, messages []justchat.Message) error {
		for _, m := range messages {
			if m.Text == "bad" {
				return &serverapi.Refused{Number: m.Number, Reason: "not here"}
			}
		}
		return nil
	}
	p := w.person("Elon", nil, b)
	p.says("one", "bad", "two", "bad")
	p.run()
	p.flushes()
	p.hears("Elon:one", "Elon:two")
	w.mu.Lock()
	defer w.mu.Unlock()
	var failed []uint64
	for _, e := range p.events {
		if f, ok := e.(*Failed); ok && f.Text == "bad" {
			failed = append(failed, f.Number)
		}
	}
	if !slices.Equal(failed, []uint64{2, 4}) {
		t.Errorf("failed are %v, want 2 and 4", failed)
	}
}

func TestNotTakenNow(t *testing.T) {
	for name, test := range map[string]struct {
		err   error
		lost  bool // what was said is given up
		moved bool // the client presents itself anew
		held  bool // it says that it waits
	}{
		"muted":         {err: &serverapi.Muted{Until: time.Now()}, lost: true},
		"refused all":   {err: &serverapi.Refused{Reason: "too many"}, lost: true},
		"bad call":      {err: runtime.NewError(runtime.CodeInvalidArgument, "what?"), lost: true},
		"too fast":      {err: &justchat.TooFast{What: "messages", Wait: time.Millisecond}},
		"full":          {err: &serverapi.Full{Server: "s1", Reason: "no space"}, held: true},
		"not connected": {err: &serverapi.NotConnected{}, moved: true},
		"broken":        {err: runtime.NewError(runtime.CodeInternal, "oops"), moved: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			b := w.balancer("lb1")
			s := w.server("s1")
			s.answer = func(call int, messages []justchat.Message) error {
				if call == 1 {
					return test.err
				}
				return nil
			}
			p := w.enter("Elon", nil, b)
			p.says("one")
			w.wait("the server is called", func() bool { return len(s.calls) > 0 })
			p.flushes()
			p.says("two")
			p.flushes()
			want := []string{"Elon:one", "Elon:two"}
			if test.lost {
				want = want[1:]
				p.waitFor("Failed", func(e Event) bool { f, ok := e.(*Failed); return ok && f.Number == 1 && f.Text == "one" })
			}
			p.hears(want...)
			w.mu.Lock()
			defer w.mu.Unlock()
			if got := len(s.presents) > 1; got != test.moved {
				t.Errorf("presented itself anew: %t, want %t", got, test.moved)
			}
			held := slices.ContainsFunc(p.events, func(e Event) bool { s, ok := e.(*State); return ok && s.Kind == Held })
			if held != test.held {
				t.Errorf("said that it waits: %t, want %t", held, test.held)
			}
		})
	}
}

// TestOneCallInFlight: what is said meanwhile goes together.
func TestOneCallInFlight(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	go_ := make(chan struct{})
	s.answer = func(call int, _ []justchat.Message) error {
		if call == 1 {
			<-go_
		}
		return nil
	}
	p := w.enter("Elon", nil, b)
	p.says("0")
	w.wait("the first call", func() bool { return len(s.calls) == 1 })
	for i := range 60 {
		p.says(fmt.Sprint(i + 1))
	}
	close(go_)
	p.flushes()
	w.mu.Lock()
	defer w.mu.Unlock()
	var sizes []int
	for _, call := range s.calls {
		sizes = append(sizes, len(call))
	}
	if !slices.Equal(sizes, []int{1, 50, 10}) {
		t.Errorf("calls carried %v messages, want 1, 50, 10", sizes)
	}
}

// TestCopies: one copy is said, and that there are two later.
func TestCopies(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	p := w.enter("Elon", nil, b)
	w.change(func() { s.copies = 1 })
	p.says("one")
	p.waitFor("one copy", func(e Event) bool { a, ok := e.(*Acknowledged); return ok && a.Copies == 1 })
	p.waitFor("the state", func(e Event) bool { s, ok := e.(*State); return ok && s.Kind == CopiesChanged && s.Copies == 1 })
	w.change(func() { s.sessions["Elon"].safe = 1 })
	p.waitFor("Safe", func(e Event) bool { s, ok := e.(*Safe); return ok && s.Number == 1 })
	p.waitFor("the state", func(e Event) bool { s, ok := e.(*State); return ok && s.Kind == CopiesChanged && s.Copies == 2 })
}

// TestForgeries are neither shown nor do they hide what is genuine.
func TestForgeries(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
	elon.says("one")
	tony.hears("Elon:one")
	w.mu.Lock()
	genuine := w.records[0]
	w.mu.Unlock()
	forge := func(number uint64, change func(*justchat.Record)) api.Delivery {
		r := genuine
		r.Origin, r.Number = "evil.1", number
		r.Message.Number = 2
		change(&r)
		return api.Delivery{Record: r}
	}
	forgeries := []api.Delivery{
		forge(1, func(r *justchat.Record) { r.Message.Text = "two" }),
		forge(2, func(r *justchat.Record) { r.Message.From = "Tony" }),
		forge(3, func(r *justchat.Record) { r.Message.Signature = nil }),
		forge(4, func(r *justchat.Record) { r.Message.Token = nil }),
		forge(5, func(r *justchat.Record) { r.Message.Client = nil }),
		forge(6, func(r *justchat.Record) { r.Origin = "" }),
		forge(0, func(*justchat.Record) {}),
		forge(8, func(r *justchat.Record) { r.Message.To = "Tony" }),
		{},
	}
	w.change(func() { s.sessions["Tony"].extra = forgeries })
	elon.says("two")
	tony.hears("Elon:one", "Elon:two")
	if got := tony.Dropped(); got != uint64(len(forgeries)) {
		t.Errorf("%d were dropped, want %d", got, len(forgeries))
	}
}

// TestLateAndGap are handed on; a gap before what is not shown itself too.
func TestLateAndGap(t *testing.T) {
	w := newWorld(t)
	b := w.balancer("lb1")
	s := w.server("s1")
	elon, tony := w.enter("Elon", nil, b), w.enter("Tony", nil, b)
	elon.says("one")
	tony.hears("Elon:one")
	var other justchat.Message
	w.mu.Lock()
	other = w.records[0].Message
	w.mu.Unlock()
	other.Number, other.Text = 2, "two"
	elon.Key.Sign(w.authority, &other)
	w.change(func() {
		s.sessions["Tony"].extra = []api.Delivery{
			{Record: w.records[0], Gap: true},
			{Record: justchat.Record{Origin: "s9.1", Number: 5, Message: other}, Late: true},
		}
	})
	tony.hears("Elon:one", "Elon:two")
	w.mu.Lock()
	defer w.mu.Unlock()
	if m := tony.events[len(tony.events)-1].(*Message); !m.Late || !m.Gap {
		t.Errorf("got %+v, want it late and after a gap", m)
	}
}
