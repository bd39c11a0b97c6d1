package tui

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	"github.com/parley-rpc/parley/generated/justchat"
)

// A fakeRoom acknowledges what is said, and shows it, unless it holds.
type fakeRoom struct {
	talk.Room // what is not below is not called
	config    client.Config
	login     func(context.Context, client.Config) error // before the user is in
	hold      bool                                       // nothing is acknowledged
	stop      chan struct{}
	ended     chan error
	gone      chan struct{} // closed when Run has returned

	mu        sync.Mutex
	calls     []string
	left      []client.Unacknowledged
	total     uint64
	history   []*client.Message // all there is, the oldest first
	users     []string
	offers    []client.Offer
	transfers []client.Transfer
}

func newRoom() *fakeRoom {
	return &fakeRoom{stop: make(chan struct{}), ended: make(chan error, 1), gone: make(chan struct{})}
}

func (r *fakeRoom) enter(config client.Config) (talk.Client, error) {
	r.config = config
	return r, nil
}

func (r *fakeRoom) note(format string, a ...any) uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprintf(format, a...))
	r.total++
	return r.total
}

func (r *fakeRoom) Run(ctx context.Context) error {
	defer close(r.gone)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-r.stop:
			cancel()
		case <-ctx.Done():
		}
	}()
	login := r.login
	if login == nil {
		login = func(ctx context.Context, c client.Config) error { _, err := c.Password(ctx, nil); return err }
	}
	if err := login(ctx, r.config); err != nil {
		return err
	}
	r.config.Events(&client.State{Kind: client.Joined, Name: r.config.User, LoadBalancer: "lb1"})
	r.config.Events(&client.State{Kind: client.Connected, Name: r.config.User, LoadBalancer: "lb1", Server: "s1", Copies: 2})
	select {
	case <-r.stop:
		return nil
	case err := <-r.ended:
		return err
	}
}

func (r *fakeRoom) Close() error {
	r.mu.Lock()
	select {
	case <-r.stop:
	default:
		close(r.stop)
	}
	r.mu.Unlock()
	<-r.gone
	return nil
}

func (r *fakeRoom) Send(_ context.Context, text string) (uint64, error) {
	if text == "too much" {
		return 0, client.ErrTooLong
	}
	n := r.note("Send %s", text)
	switch {
	case r.hold:
		r.left = append(r.left, client.Unacknowledged{Number: n, Text: text})
	case r.config.Events != nil:
		r.config.Events(&client.Acknowledged{Number: n, Copies: 2})
		r.config.Events(&client.Message{From: r.config.User, Own: true, Text: text, Number: n})
	}
	return n, nil
}

func (r *fakeRoom) SendPrivate(_ context.Context, to, text string) (uint64, error) {
	n := r.note("SendPrivate %s %s", to, text)
	if r.config.Events != nil {
		r.config.Events(&client.Failed{To: to, Number: n, Text: text, Err: &justchat.NotHere{User: to}})
	}
	return n, nil
}

func (r *fakeRoom) Flush(ctx context.Context) []client.Unacknowledged {
	if r.left != nil {
		<-ctx.Done()
	}
	return r.left
}

func (r *fakeRoom) History(_ context.Context, before *justchat.Record, n int) ([]*client.Message, error) {
	end := len(r.history)
	for i, m := range r.history {
		if before != nil && m.Record.Number == before.Number {
			end = i
		}
	}
	return r.history[max(end-n, 0):end], nil
}

func (r *fakeRoom) Users(context.Context) ([]string, error) { return r.users, nil }

func (r *fakeRoom) Files(context.Context) ([]justchat.File, error) {
	return []justchat.File{{Name: "SELDOM_2016.png", Size: 5, Owner: "Elon"}}, nil
}

func (r *fakeRoom) Accept(id uint64) error  { r.note("Accept %d", id); return nil }
func (r *fakeRoom) Decline(id uint64) error { r.note("Decline %d", id); return nil }
func (r *fakeRoom) Cancel(id uint64) error  { r.note("Cancel %d", id); return nil }

func (r *fakeRoom) Settle(ctx context.Context) []client.Transfer {
	if r.transfers != nil {
		<-ctx.Done()
	}
	return r.transfers
}

func (r *fakeRoom) Offers() []client.Offer       { return r.offers }
func (r *fakeRoom) Transfers() []client.Transfer { return r.transfers }

// midday is when all tests are.
var midday = time.Date(2026, 11, 22, 12, 0, 0, 0, time.Local)

// said returns a message to all that is number n of its sender and of the room.
func saidBy(from, text string, n uint64) *client.Message {
	return &client.Message{From: from, Text: text, Client: []byte(from), Number: n, Sent: midday, Record: &justchat.Record{Origin: "s1.1", Number: n}}
}

// A desk is a model, and what is done to it, without a program around it.
type desk struct {
	*model
	t    *testing.T
	room *fakeRoom
}

// newDesk returns the desk of Elon, who is in the room.
func newDesk(t *testing.T, width, height int) *desk {
	t.Helper()
	r := newRoom()
	d := &desk{newModel(t.Context(), r, newFeed(), Config{Client: client.Config{User: "Elon"}}), t, r}
	d.layout.now = func() time.Time { return midday }
	d.update(tea.WindowSizeMsg{Width: width, Height: height})
	d.events(
		&client.State{Kind: client.Joined, Name: "Elon", LoadBalancer: "lb1"},
		&client.State{Kind: client.Connected, Name: "Elon", LoadBalancer: "lb1", Server: "s1", Copies: 2})
	return d
}

// update gives a message to the model, and all that its commands return, and returns what else they did: "bell", "quit".
func (d *desk) update(msg tea.Msg) (did string) {
	d.t.Helper()
	_, cmd := d.model.Update(msg)
	for cmd != nil {
		switch msg := cmd().(type) {
		case tea.RawMsg:
			return "bell"
		case tea.QuitMsg:
			return "quit"
		case nil:
			return ""
		default:
			_, cmd = d.model.Update(msg)
		}
	}
	return ""
}

func (d *desk) events(events ...client.Event) (did string) {
	d.t.Helper()
	for _, e := range events {
		d.feed.put(d.t.Context(), e)
	}
	return d.update(frameMsg{})
}

// keys presses keys by their names; what is longer than a key's name is typed.
func (d *desk) keys(all ...string) (did string) {
	d.t.Helper()
	for _, name := range all {
		if k, ok := named[name]; ok {
			did = d.update(k)
			continue
		}
		for _, c := range name {
			did = d.update(tea.KeyPressMsg{Code: c, Text: string(c)})
		}
	}
	return did
}

var named = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "end": {Code: tea.KeyEnd}, "left": {Code: tea.KeyLeft},
	"f1": {Code: tea.KeyF1}, "f2": {Code: tea.KeyF2}, "f3": {Code: tea.KeyF3}, "f4": {Code: tea.KeyF4}, "backspace": {Code: tea.KeyBackspace},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl}, "ctrl+j": {Code: 'j', Mod: tea.ModCtrl},
	"ctrl+up": {Code: tea.KeyUp, Mod: tea.ModCtrl}, "ctrl+down": {Code: tea.KeyDown, Mod: tea.ModCtrl}, "alt+enter": {Code: tea.KeyEnter, Mod: tea.ModAlt},
}

// screen returns what the person sees, without blanks at the right and rows above that are empty.
func (d *desk) screen() string {
	d.t.Helper()
	content := ansi.Strip(d.View().Content)
	rows := strings.Split(content, "\n")
	if len(rows) > max(d.height, 1) {
		d.t.Errorf("got %d rows, want %d:\n%s", len(rows), d.height, content)
	}
	for i, row := range rows {
		if w := d.layout.method.StringWidth(row); w > d.width {
			d.t.Errorf("row %d has %d columns, want at most %d: %q", i, w, d.width, row)
		}
		rows[i] = strings.TrimRight(row, " ")
	}
	return strings.Trim(strings.Join(rows, "\n"), "\n")
}

// shows fails unless the screen is as it should be, from its first row that is not empty on.
func (d *desk) shows(want string) {
	d.t.Helper()
	if got, want := d.screen(), strings.Trim(want, "\n"); got != want {
		d.t.Errorf("got the screen\n%s\nwant\n%s", got, want)
	}
}

// has fails unless the screen has a text somewhere.
func (d *desk) has(want string) {
	d.t.Helper()
	if got := d.screen(); !strings.Contains(got, want) {
		d.t.Errorf("got the screen\n%s\nwant in it %q", got, want)
	}
}

// hasNot fails if the screen has a text somewhere.
func (d *desk) hasNot(text string) {
	d.t.Helper()
	if got := d.screen(); strings.Contains(got, text) {
		d.t.Errorf("got the screen\n%s\nwant no %q in it", got, text)
	}
}
