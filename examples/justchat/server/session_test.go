package server

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	api "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
)

// TestRefused brings messages with everything that can be wrong with them.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	g := w.come(w.start(t.TempDir()), "Elon")
	other := w.newGuest("Tony")
	for _, test := range []struct {
		what   string
		change func(*justchat.Message)
		want   string
	}{
		{"another's name", func(m *justchat.Message) { m.From = "Tony" }, `it is by "Tony", this connection is "Elon"`},
		{"to one", func(m *justchat.Message) { m.To = "Tony" }, `it is for "Tony" and not for all`},
		{"another client", func(m *justchat.Message) { m.Client = other.key.Client }, "another client process"},
		{"no number", func(m *justchat.Message) { m.Number = 0 }, "numbers begin with 1"},
		{"too long", func(m *justchat.Message) { m.Text = strings.Repeat("x", 16<<10+1) }, "at most 16384 are taken"},
		{"no text", func(m *justchat.Message) { m.Text = "\xff" }, "not UTF-8"},
		{"another text than was signed", func(m *justchat.Message) { m.Text += "!" }, "signature"},
		{"no token", func(m *justchat.Message) { m.Token = nil }, "token"},
	} {
		good, bad := g.message("good"), g.sign(justchat.Message{From: "Elon", Number: 77, Text: "bad"})
		g.numbers--
		test.change(&bad)
		_, err := g.SendPublicMsg(t.Context(), []justchat.Message{good, bad}, nil)
		if refused := wantAs[*api.Refused](t, test.what, err); refused != nil &&
			(refused.Number != bad.Number || !strings.Contains(refused.Reason, test.want)) {
			t.Errorf("%s: got %v, want number %d and %q", test.what, refused, bad.Number, test.want)
		}
	}
	_, err := g.SendPublicMsg(t.Context(), nil, nil)
	wantAs[*api.Refused](t, "no message", err)
	_, err = g.SendPublicMsg(t.Context(), make([]justchat.Message, maxBatch+1), nil)
	wantAs[*api.Refused](t, "too many messages", err)
	nobody := g.sign(justchat.Message{From: "Elon", Number: 1, Text: "psst"})
	wantAs[*api.Refused](t, "a private one to nobody", g.RelayPrivate(t.Context(), nobody))
	away := g.sign(justchat.Message{From: "Elon", To: "Robert", Number: 1, Text: "psst"})
	away.Text = "?"
	wantAs[*api.Refused](t, "a private one that was changed", g.RelayPrivate(t.Context(), away))

	g.say(1, g.message("good"))
	g.wantHeard("good")
}

// TestWelcome says who is not let in.
func TestWelcome(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	g := w.come(s, "Elon")
	thief := w.newGuest("Elon")
	tokens := map[string][]byte{
		"a stolen token":    w.cluster.Grant("Elon", thief.key.Public, time.Now(), time.Minute),
		"an expired token":  w.cluster.Grant("Elon", g.key.Public, time.Now().Add(-time.Hour), time.Minute),
		"no token":          nil,
		"a token of theirs": newWorld(t).cluster.Grant("Elon", g.key.Public, time.Now(), time.Minute),
	}
	for what, token := range tokens {
		for _, err := range g.ConnectionInit(t.Context(), token, g.key.Client, nil) {
			wantAs[*justchat.BadToken](t, what, err)
		}
	}
	good := w.cluster.Grant("Elon", g.key.Public, time.Now(), time.Minute)
	for _, err := range g.ConnectionInit(t.Context(), good, []byte("short"), nil) {
		if got := runtime.CodeOf(err); got != runtime.CodeInvalidArgument {
			t.Errorf("a client of 5 bytes: got %v, want invalid_argument", err)
		}
	}
	s.draining.Store(true)
	wantAs[*api.Draining](t, "while draining", thief.dial(s))
	s.draining.Store(false)
	s.hear(&lbapi.News{Users: []justchat.UserState{{User: "Elon", Banned: true}}})
	wantAs[*justchat.Banned](t, "who is here and is banned", <-g.ended)
	wantAs[*justchat.Banned](t, "who comes and is banned", thief.dial(s))
	s.hear(&lbapi.News{Users: []justchat.UserState{{User: "Elon"}}})
	thief.move(s)
}

// TestNotConnected wants ConnectionInit first.
func TestNotConnected(t *testing.T) {
	w := newWorld(t)
	g := w.come(w.start(t.TempDir()), "Elon")
	g.cancel()
	<-g.ended
	eventually(t, "the server notes that the stream has ended", func() bool {
		_, err := g.History(t.Context(), nil, 1)
		return err != nil
	})
	_, err := g.SendPublicMsg(t.Context(), []justchat.Message{g.message("x")}, nil)
	wantAs[*api.NotConnected](t, "SendPublicMsg", err)
	_, err = g.SendPrivate(t.Context(), "Tony")
	wantAs[*api.NotConnected](t, "SendPrivate", err)
	wantAs[*api.NotConnected](t, "RelayPrivate", g.RelayPrivate(t.Context(), g.message("x")))
	_, err = g.History(t.Context(), nil, 1)
	wantAs[*api.NotConnected](t, "History", err)
	_, err = g.Search(t.Context(), []string{"x"}, 1)
	wantAs[*api.NotConnected](t, "Search", err)
	_, err = last(g.SendPublicFile(t.Context(), g.gives("", "x", nil)))
	wantAs[*api.NotConnected](t, "SendPublicFile", err)
	_, err = last(g.RelayFile(t.Context(), g.gives("Tony", "x", nil)))
	wantAs[*api.NotConnected](t, "RelayFile", err)
	_, err = last(g.GetFile(t.Context(), make([]byte, 32), 0))
	wantAs[*api.NotConnected](t, "GetFile", err)
	_, err = last(g.GetPrivateFile(t.Context(), g.key.Client, 1, 0))
	wantAs[*api.NotConnected](t, "GetPrivateFile", err)
}

// TestTakenOver ends the older session of a client that comes by another connection.
func TestTakenOver(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	old := w.come(s, "Elon")
	again := w.newGuest("Elon")
	again.key = old.key
	again.move(s)
	wantAs[*api.TakenOver](t, "the older one", <-old.ended)
	again.say(1, again.message("here"))
	again.wantHeard("here")
	if got := s.Stats().Clients; got != 1 {
		t.Errorf("got %d clients, want 1", got)
	}
}

// TestMuted lets a muted user read, and not speak to all until that is over.
func TestMuted(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	elon, tony := w.come(s, "Elon"), w.come(s, "Tony")
	until := time.Now().Add(time.Hour).Truncate(time.Second)
	s.hear(&lbapi.News{Users: []justchat.UserState{{User: "Elon", Muted: until}}})
	m := elon.message("let me")
	_, err := elon.SendPublicMsg(t.Context(), []justchat.Message{m}, nil)
	if muted := wantAs[*api.Muted](t, "a muted user", err); muted != nil && !muted.Until.Equal(until) {
		t.Errorf("got muted until %v, want %v", muted.Until, until)
	}
	tony.say(1, tony.message("peace"))
	s.hear(&lbapi.News{Users: []justchat.UserState{{User: "Elon", Muted: time.Now().Add(-time.Second)}}})
	elon.say(1, m)
	elon.wantHeard("peace", "let me")
}

// TestTooFast slows a user down, over all of her connections, before it looks at signatures.
func TestTooFast(t *testing.T) {
	w := newWorld(t)
	w.limits.Rate, w.limits.Burst = 0.001, 3
	s := w.start(t.TempDir())
	first, second := w.come(s, "Elon"), w.come(s, "Elon")
	first.say(1, first.message("1"), first.message("2"))
	m := second.message("3")
	_, err := second.SendPublicMsg(t.Context(), []justchat.Message{m, second.message("4")}, nil)
	if fast := wantAs[*justchat.TooFast](t, "too many", err); fast != nil && fast.Wait <= 0 {
		t.Errorf("got %v to wait, want some time", fast.Wait)
	}
	second.say(1, m) // what is not taken is not charged
	rubbish := second.message("x")
	rubbish.Signature = nil
	_, err = second.SendPublicMsg(t.Context(), []justchat.Message{rubbish}, nil)
	wantAs[*justchat.TooFast](t, "rubbish that is too much", err)
	wantAs[*justchat.TooFast](t, "a private one", second.RelayPrivate(t.Context(), second.sign(justchat.Message{From: "Elon", To: "Elon", Number: 1})))
	tony := w.come(s, "Tony")
	tony.say(1, tony.message("another user's limit is another"))
}

// TestHistoryAndSearch asks for what was said, in pages and by words.
func TestHistoryAndSearch(t *testing.T) {
	w := newWorld(t)
	g := w.come(w.start(t.TempDir()), "Elon")
	for n := range 5 {
		g.say(1, g.message(fmt.Sprint("Message ", n)))
	}
	page := func(records []justchat.Record, err error) (texts []string) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range records {
			texts = append(texts, r.Message.Text)
		}
		return texts
	}
	last, err := g.History(t.Context(), nil, 2)
	if got, want := page(last, err), []string{"Message 3", "Message 4"}; !slices.Equal(got, want) {
		t.Errorf("the last: got %q, want %q", got, want)
	}
	if got, want := page(g.History(t.Context(), &last[0], 2)), []string{"Message 1", "Message 2"}; !slices.Equal(got, want) {
		t.Errorf("before those: got %q, want %q", got, want)
	}
	if got, want := page(g.Search(t.Context(), []string{"2", "mESSAGE"}, 9)), []string{"Message 2"}; !slices.Equal(got, want) {
		t.Errorf("search: got %q, want %q", got, want)
	}
	for _, count := range []uint32{0, maxHistory + 1} {
		if _, err := g.History(t.Context(), nil, count); runtime.CodeOf(err) != runtime.CodeInvalidArgument {
			t.Errorf("%d of the history: got %v, want invalid_argument", count, err)
		}
		if _, err := g.Search(t.Context(), []string{"x"}, count); runtime.CodeOf(err) != runtime.CodeInvalidArgument {
			t.Errorf("search for %d: got %v, want invalid_argument", count, err)
		}
	}
	for _, words := range [][]string{nil, make([]string, 17)} {
		if _, err := g.Search(t.Context(), words, 1); runtime.CodeOf(err) != runtime.CodeInvalidArgument {
			t.Errorf("search for %d words: got %v, want invalid_argument", len(words), err)
		}
	}
}

// TestResent acknowledges what it has, and shows it once.
func TestResent(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	g := w.come(s, "Elon")
	one, two := g.message("one"), g.message("two")
	g.say(1, one)
	g.say(1, one, two)
	g.move(s)
	g.say(1, two)
	g.say(1, g.message("three"))
	g.wantHeard("one", "two", "three")
}

// TestHistoryUnacknowledged keeps from the history what no other server has and may have yet.
func TestHistoryUnacknowledged(t *testing.T) {
	w := newWorld(t)
	a, b := w.start(t.TempDir()), w.start(t.TempDir())
	introduce(t, a, b)
	g := w.come(a, "Elon")
	g.say(2, g.message("sure"))
	b.gate.setShut(true)
	taken := make(chan error, 1)
	m := g.message("unsure")
	go func() {
		_, err := g.SendPublicMsg(t.Context(), []justchat.Message{m}, nil)
		taken <- err
	}()
	eventually(t, "it is in the log", func() bool { return len(history(t, a)) == 2 })
	if records, err := g.History(t.Context(), nil, 9); len(records) != 1 || err != nil {
		t.Errorf("got %d records, %v, want the one that is sure", len(records), err)
	}
	a.verdict(b.Name(), false)
	if err := <-taken; err != nil {
		t.Errorf("got %v, want it taken", err)
	}
	if records, err := g.History(t.Context(), nil, 9); len(records) != 2 || err != nil {
		t.Errorf("got %d records, %v, want both", len(records), err)
	}
}

// TestLogThenTail has clients come back to a server that was started anew, while somebody speaks: they get the log and
// then what is new, nothing twice and nothing left out.
func TestLogThenTail(t *testing.T) {
	w := newWorld(t)
	s := w.start(t.TempDir())
	elon := w.come(s, "Elon")
	var want []string
	say := func() {
		want = append(want, fmt.Sprint(len(want)))
		elon.say(1, elon.message(want[len(want)-1]))
	}
	for range 2*deliverySize + 7 {
		say()
	}
	s.stop()
	s = w.start(s.dir)
	elon.move(s)
	var guests []*guest
	for i := range 10 {
		tony := w.newGuest(fmt.Sprint("Tony", i))
		tony.seen[""] = 0
		tony.move(s)
		guests = append(guests, tony)
		say()
		say()
	}
	for _, tony := range guests {
		tony.wantHeard(want...)
	}
}
