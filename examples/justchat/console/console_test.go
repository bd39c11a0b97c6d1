package console

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/talk"
	"github.com/parley-rpc/parley/examples/justchat/transfer"
	"github.com/parley-rpc/parley/examples/screen"
	"github.com/parley-rpc/parley/generated/justchat"
	lbapi "github.com/parley-rpc/parley/generated/justchat/loadbalancer"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
)

// A fakeRoom acknowledges what is said, and shows it.
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
	settled   bool // was asked for
	transfers []client.Transfer
	changed   chan struct{} // closed, and made anew, when transfers change
}

func newRoom() *fakeRoom {
	return &fakeRoom{stop: make(chan struct{}), ended: make(chan error, 1), gone: make(chan struct{}), changed: make(chan struct{})}
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
	r.config.Events(&client.State{Kind: client.Joined, Name: r.config.User})
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
	if text == "too long" {
		return 0, client.ErrTooLong
	}
	n := r.note("Send %s", text)
	switch {
	case r.hold:
		r.mu.Lock()
		r.left = append(r.left, client.Unacknowledged{Number: n, Text: text})
		r.mu.Unlock()
	case text == "bad":
		r.config.Events(&client.Failed{Number: n, Text: text, Err: &serverapi.Refused{Number: n, Reason: "no"}})
	default:
		r.config.Events(&client.Acknowledged{Number: n, Copies: 2})
		r.config.Events(&client.Message{From: r.config.User, Own: true, Text: text, Number: n})
	}
	return n, nil
}

func (r *fakeRoom) SendPrivate(_ context.Context, to, text string) (uint64, error) {
	n := r.note("SendPrivate %s %s", to, text)
	if to == "nobody" {
		r.config.Events(&client.Failed{To: to, Number: n, Text: text, Err: &justchat.NotHere{User: to}})
	} else {
		r.config.Events(&client.Acknowledged{To: to, Number: n, Text: text})
	}
	return n, nil
}

func (r *fakeRoom) Flush(ctx context.Context) []client.Unacknowledged {
	r.mu.Lock()
	left := r.left
	r.mu.Unlock()
	if left != nil {
		<-ctx.Done()
	}
	return left
}

func (r *fakeRoom) History(_ context.Context, _ *justchat.Record, n int) ([]*client.Message, error) {
	r.note("History %d", n)
	return []*client.Message{{From: "Tony", Text: "old"}, {From: "Elon", Own: true, Text: "mine"}}, nil
}

func (r *fakeRoom) Search(_ context.Context, words []string, n int) ([]*client.Message, error) {
	r.note("Search %q %d", words, n)
	return nil, nil
}

func (r *fakeRoom) Users(context.Context) ([]string, error) { return []string{"Elon", "-- Tony"}, nil }

func (r *fakeRoom) Files(context.Context) ([]justchat.File, error) {
	return []justchat.File{{Name: "SELDOM_2016.png", Size: 5, Owner: "Elon", Holders: []string{"s1"}}}, nil
}

func (r *fakeRoom) Share(_ context.Context, path string) (uint64, error) {
	return r.share(client.Transfer{Public: true}, path)
}

func (r *fakeRoom) SharePrivate(_ context.Context, to, path string) (uint64, error) {
	return r.share(client.Transfer{With: to}, path)
}

// share sends a file as its name says.
func (r *fakeRoom) share(t client.Transfer, path string) (uint64, error) {
	t.ID, t.Name, t.Sending, t.Size, t.Left = r.note("Share %s%s", t.With, path), path[1:], true, 1000, -1
	switch t.Name {
	case "folder":
		return 0, transfer.ErrFolder
	case "asked":
		t.State = client.Asking
	case "wanted":
		t.State, t.Copies = client.Finished, 2
	case "unwanted":
		t.State, t.Err = client.Declined, &justchat.Declined{User: t.With, Name: t.Name}
	case "anew":
		t.State, t.Err = client.Broken, client.ErrAnew
	case "at last":
		t.Name, t.State = "anew", client.Finished
	case "broken":
		t.State, t.Err = client.Broken, transfer.ErrChanged
	default:
		t.State, t.Done = client.Moving, 420
	}
	r.becomes(t)
	return t.ID, nil
}

// becomes tells how a transfer is now.
func (r *fakeRoom) becomes(t client.Transfer) {
	r.mu.Lock()
	r.transfers = append(slices.DeleteFunc(r.transfers, func(old client.Transfer) bool { return old.ID == t.ID }), t)
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	r.config.Events(&t)
}

func (r *fakeRoom) Transfers() []client.Transfer {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.transfers)
}

func (r *fakeRoom) Offers() []client.Offer {
	return []client.Offer{{ID: 9, From: "Tony", Name: "a.png"}}
}

func (r *fakeRoom) Accept(id uint64) error {
	r.note("Accept %d", id)
	return errors.New("nothing is offered")
}

func (r *fakeRoom) Cancel(id uint64) error {
	r.note("Cancel %d", id)
	for _, t := range r.Transfers() {
		if !t.State.Ended() {
			t.State = client.Cancelled
			r.becomes(t)
		}
	}
	return nil
}

func (r *fakeRoom) Settle(ctx context.Context) []client.Transfer {
	for {
		r.mu.Lock()
		r.settled = true
		changed := r.changed
		left := slices.DeleteFunc(slices.Clone(r.transfers), func(t client.Transfer) bool { return t.State.Ended() })
		r.mu.Unlock()
		if len(left) == 0 || ctx.Err() != nil {
			return left
		}
		select {
		case <-changed:
		case <-ctx.Done():
		case <-r.stop:
			return left
		}
	}
}

// output is what was written so far.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
	broken bool
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.broken {
		return 0, io.ErrClosedPipe
	}
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// script runs a console over lines of input, and returns what it printed.
func script(t *testing.T, r *fakeRoom, input string) (stdout, stderr string, err error) {
	t.Helper()
	var out, errs output
	patience := time.Duration(0)
	if r.hold {
		patience = time.Millisecond // nothing will come
	}
	err = run(t.Context(), Config{
		Client: client.Config{User: "Elon"}, Password: "secret",
		Stdin: strings.NewReader(input), Stdout: &out, Stderr: &errs, Patience: patience,
	}, r.enter)
	return out.String(), errs.String(), err
}

func TestScript(t *testing.T) {
	list := strings.Join(talk.List(), "\n") + "\n"
	for name, test := range map[string]struct {
		input, stdout, stderr, calls string
		err                          error
	}{
		"nothing":     {},
		"texts":       {input: "one\r\n\ntwo\nthree", stdout: "one\ntwo\nthree\n", calls: "Send one|Send two|Send three"},
		"controls":    {input: "a\x1b[2Jb\x07\n", stdout: "ab\n", calls: "Send a\x1b[2Jb\x07"},
		"a #":         {input: "##users\n", stdout: "#users\n", calls: "Send #users"},
		"quit":        {input: "one\n#quit\ntwo\n", stdout: "one\n", calls: "Send one"},
		"private":     {input: "#message #Tony #hi # there\n", stdout: "#private to Tony: hi # there\n", calls: "SendPrivate Tony hi # there"},
		"absent":      {input: "#message #nobody #hi\n", stderr: "-- not sent to nobody: nobody is not here: hi\n", calls: "SendPrivate nobody hi", err: ErrNotAll},
		"refused":     {input: "bad\nok\n", stdout: "ok\n", stderr: "-- not sent: message 1 is refused: no: bad\n", calls: "Send bad|Send ok", err: ErrNotAll},
		"too long":    {input: "too long\n", stderr: "-- the message is too long\n", err: ErrNotAll},
		"a long line": {input: strings.Repeat("x", screen.LongestLine+1) + "\nok\n", stdout: "ok\n", stderr: "-- that line is longer than 65536 bytes; it was skipped\n", calls: "Send ok", err: ErrNotAll},
		"unknown":     {input: "#users please\n#foo bar\n", stderr: "-- type it as #users\n-- there is no command #foo, and nothing was sent; #commands lists them, and ## begins a text with #\n"},
		"commands":    {input: "#commands\n", stdout: list},
		"users":       {input: "#users\n", stdout: "-- here are 2:\nElon\n\"-- Tony\"\n"},
		"files":       {input: "#available files\n", stdout: "-- files: 1\nSELDOM_2016.png (5 B, by Elon, 1 copy)\n"},
		"history":     {input: "#history 2\n#history\n#history x\n", stdout: strings.Repeat("-- the last messages:\nTony: old\nmine\n", 2), stderr: "-- #history shows 1 to 1000 messages, not \"x\"\n", calls: "History 2|History 20"},
		"search":      {input: "#search new  car\n", stdout: "-- found: 0\n", calls: "Search [\"new\" \"car\"] 20"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRoom()
			stdout, stderr, err := script(t, r, test.input)
			if stdout != test.stdout {
				t.Errorf("stdout is\n%s\nwant\n%s", stdout, test.stdout)
			}
			if want := "-- you are here as Elon\n" + test.stderr; stderr != want {
				t.Errorf("stderr is\n%s\nwant\n%s", stderr, want)
			}
			if got := strings.Join(r.calls, "|"); got != test.calls {
				t.Errorf("calls are %q, want %q", got, test.calls)
			}
			if !errors.Is(err, test.err) {
				t.Errorf("Run returned %v, want %v", err, test.err)
			}
		})
	}
}

func TestNotAcknowledged(t *testing.T) {
	r := newRoom()
	r.hold = true
	_, stderr, err := script(t, r, "one\ntwo\n")
	if want := "-- not acknowledged, and perhaps not sent: one\n-- not acknowledged, and perhaps not sent: two\n"; !strings.HasSuffix(stderr, want) {
		t.Errorf("stderr is\n%s\nwant at its end\n%s", stderr, want)
	}
	if !errors.Is(err, ErrNotAll) {
		t.Errorf("Run returned %v, want %v", err, ErrNotAll)
	}
}

// TestImpatience: a second signal does not wait for what does not arrive.
func TestImpatience(t *testing.T) {
	r := newRoom()
	r.hold = true
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var out output
	errs := writer(func(text string) {
		if strings.Contains(text, "leaving as soon as") {
			cancel()
		}
	})
	err := run(ctx, Config{Client: client.Config{User: "Elon"}, Password: "x", Stdin: strings.NewReader("one\n"), Stdout: &out, Stderr: errs, Patience: time.Hour}, r.enter)
	if !errors.Is(err, ErrNotAll) {
		t.Errorf("Run returned %v, want %v", err, ErrNotAll)
	}
}

// A writer is told of what is written.
type writer func(text string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func TestEvents(t *testing.T) {
	var out, errs output
	pipes, err := screen.Open(screen.Config{Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Printable: printable})
	if err != nil {
		t.Fatal(err)
	}
	c := &console{screen: pipes, joined: make(chan struct{}), progress: make(chan struct{}, 1)}
	for _, event := range []client.Event{
		&client.State{Kind: client.NoLoadBalancer, Reason: "a:1: refused"},
		&client.State{Kind: client.NoLoadBalancer, Reason: "a:1: refused"},
		&client.State{Kind: client.Joined, Name: "Elon", LoadBalancer: "lb1"},
		&client.State{Kind: client.Connected, Server: "s1", Copies: 1},
		&client.Message{From: "Tony", Text: "one\ntwo"},
		&client.Message{From: "Tony", Text: "three", Late: true, Gap: true},
		&client.Message{From: "Tony", Text: "four", Private: true},
		&client.Message{From: "-- Tony", Text: "five"},
		&client.State{Kind: client.CopiesChanged, Copies: 2},
		&client.State{Kind: client.NoServer, Reason: "s1: broke"},
		&client.State{Kind: client.Connected, Server: "s2", Reason: "s1 does not answer", Copies: 2},
		&client.State{Kind: client.NoLoadBalancer, Reason: "a:1: broke"},
		&client.State{Kind: client.NoLoadBalancer, Reason: "b:1: refused"},
		&client.State{Kind: client.Joined, Name: "Elon", LoadBalancer: "lb2"},
		&client.State{Kind: client.Joined, Name: "Elon", LoadBalancer: "lb2"},
		&client.State{Kind: client.Held, Reason: "disk full"},
		&client.State{Kind: client.CopiesChanged, Copies: 1},
		&client.Safe{Number: 1},
	} {
		c.show(event)
	}
	if got, want := out.String(), "Tony: one two\nTony #late: three\nTony #private: four\n\"-- Tony\": five\n"; got != want {
		t.Errorf("stdout is\n%s\nwant\n%s", got, want)
	}
	want := `-- waiting for a load balancer: a:1: refused
-- you are here as Elon
-- connected to s1; messages are kept on one server only at the moment
-- older messages are missing here, the servers do not keep them any more
-- messages are kept on two servers again
-- waiting for a server: s1: broke
-- connected to s2: s1 does not answer
-- waiting for a load balancer: a:1: broke
-- a load balancer is there again: lb2
-- what you say waits: disk full
-- messages are kept on one server only at the moment
`
	if got := errs.String(); got != want {
		t.Errorf("stderr is\n%s\nwant\n%s", got, want)
	}
}

func TestCannotComeIn(t *testing.T) {
	wrong := &lbapi.WrongPassword{User: "Elon"}
	for name, login := range map[string]func(context.Context, client.Config) error{
		"wrong password": func(ctx context.Context, c client.Config) error {
			if _, err := c.Password(ctx, nil); err != nil {
				t.Error(err)
			}
			_, err := c.Password(ctx, wrong)
			return err
		},
		"refused": func(context.Context, client.Config) error { return wrong },
	} {
		r := newRoom()
		r.login = login
		if _, _, err := script(t, r, "one\n"); !errors.Is(err, wrong) {
			t.Errorf("%s: Run returned %v, want %v", name, err, wrong)
		}
		if len(r.calls) > 0 {
			t.Errorf("%s: calls are %q, want none", name, r.calls)
		}
	}
}

// TestSignUpFromFile needs no second time.
func TestSignUpFromFile(t *testing.T) {
	r := newRoom()
	r.login = func(ctx context.Context, c client.Config) error {
		got, err := c.Password(ctx, &lbapi.UnknownUser{User: "Elon"})
		if got != "secret" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
		return nil
	}
	if _, _, err := script(t, r, ""); err != nil {
		t.Error(err)
	}
}

func TestNoPasswordOnAPipe(t *testing.T) {
	var out, errs output
	err := run(t.Context(), Config{Client: client.Config{User: "Elon"}, Stdin: strings.NewReader("x\n"), Stdout: &out, Stderr: &errs}, newRoom().enter)
	if err == nil || !strings.Contains(err.Error(), "-password-file") {
		t.Errorf("Run returned %v, want what to do", err)
	}
}

// TestThrownOut: the reason is Run's error, whatever is being typed.
func TestThrownOut(t *testing.T) {
	in, typing := io.Pipe()
	defer typing.Close()
	r := newRoom()
	banned := &justchat.Banned{User: "Elon"}
	r.ended <- banned
	var out, errs output
	err := run(t.Context(), Config{Client: client.Config{User: "Elon"}, Password: "x", Stdin: in, Stdout: &out, Stderr: &errs}, r.enter)
	if !errors.Is(err, banned) {
		t.Errorf("Run returned %v, want %v", err, banned)
	}
	in.Close() // what still reads it ends too
}

// TestNobodyReads: then the user leaves.
func TestNobodyReads(t *testing.T) {
	in, typing := io.Pipe()
	r := newRoom()
	out, errs := output{broken: true}, output{}
	done := make(chan error, 1)
	go func() {
		done <- run(t.Context(), Config{Client: client.Config{User: "Elon"}, Password: "x", Stdin: in, Stdout: &out, Stderr: &errs}, r.enter)
	}()
	io.WriteString(typing, "one\n")
	<-done
	in.Close()
}

func TestReadPassword(t *testing.T) {
	for text, want := range map[string]string{"a b\n": "a b", "a\r\nmore": "a", "a": "a", "": "", "\nx": ""} {
		file := filepath.Join(t.TempDir(), "password")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := ReadPassword(file); got != want || (err != nil) != (want == "") {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	if _, err := ReadPassword(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there has no error")
	}
}
