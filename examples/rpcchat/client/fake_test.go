package client

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// TestMain fails if the tests leave goroutines behind.
func TestMain(m *testing.M) { runtimetest.Main(m) }

// fakeChat is a server of which a test decides what it answers. It notes the
// calls, but for the polls, which it only counts.
type fakeChat struct {
	rpcchat.Chat // nil: a method that is missing below is not called

	mutex    sync.Mutex
	calls    []string
	polls    int
	messages [][]string       // what the next polls return
	flood    []string         // what all polls return, a while later
	errs     map[string]error // by method
	panics   string           // the method that does
	hangs    bool             // no call returns before its context ends
	onSay    func()           // called with the mutex held
}

func (f *fakeChat) note(ctx context.Context, method string, args ...string) error {
	if err := ctx.Err(); err != nil {
		return err // as a stub, which does not even dial then
	}
	f.mutex.Lock()
	f.calls = append(f.calls, strings.Join(append([]string{method}, args...), "|"))
	if method == "Say" && f.onSay != nil {
		f.onSay()
	}
	hangs, panics, err := f.hangs, f.panics == method, f.errs[method]
	f.mutex.Unlock()
	if panics {
		panic(method)
	}
	if hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return err
}

func (f *fakeChat) Register(ctx context.Context, user string) error {
	return f.note(ctx, "Register", user)
}

func (f *fakeChat) List(ctx context.Context) ([]string, error) {
	return []string{"alice", "bob\x1b[2J"}, f.note(ctx, "List")
}

func (f *fakeChat) CheckMessages(ctx context.Context, user string) ([]string, error) {
	f.mutex.Lock()
	f.polls++
	hangs, flood, err := f.hangs, f.flood, f.errs["CheckMessages"]
	var next []string
	if len(f.messages) > 0 && err == nil {
		next, f.messages = f.messages[0], f.messages[1:]
	}
	f.mutex.Unlock()
	if hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if flood != nil {
		select {
		case <-time.After(time.Millisecond): // bubble's time
			return flood, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return next, err
}

func (f *fakeChat) Tell(ctx context.Context, user, target, message string) error {
	return f.note(ctx, "Tell", user, target, message)
}

func (f *fakeChat) Say(ctx context.Context, user, message string) error {
	return f.note(ctx, "Say", user, message)
}

func (f *fakeChat) Logout(ctx context.Context, user string) error {
	return f.note(ctx, "Logout", user)
}

func (f *fakeChat) Shutdown(ctx context.Context) error { return f.note(ctx, "Shutdown") }

// change lets a test change what is answered while the client runs.
func (f *fakeChat) change(do func()) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	do()
}

// history returns the calls so far, one a line.
func (f *fakeChat) history() string {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return strings.Join(f.calls, "\n")
}

func (f *fakeChat) pollCount() int {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.polls
}

// stay is alice's client at work on pipes.
type stay struct {
	*fakeChat
	stdin  *io.PipeWriter
	stdout *output
	cancel context.CancelFunc
	over   chan struct{} // closed when Run has returned err
	err    error
}

// enter starts a client that talks to chat.
func enter(t *testing.T, chat *fakeChat) *stay {
	s := start(t, &Client{Chat: chat})
	s.fakeChat = chat
	return s
}

// start fills in c for alice and starts it.
func start(t *testing.T, c *Client) *stay {
	in, out := io.Pipe()
	ctx, cancel := context.WithCancel(t.Context())
	s := &stay{stdin: out, stdout: new(output), cancel: cancel, over: make(chan struct{})}
	c.User, c.Stdin, c.Stdout = "alice", in, s.stdout
	go func() {
		defer close(s.over)
		defer in.Close() // what still reads it ends too
		s.err = c.Run(ctx)
	}()
	t.Cleanup(func() { cancel(); out.Close(); <-s.over })
	return s
}

func (s *stay) enterLine(line string) { io.WriteString(s.stdin, line+"\n") }

// output is what a client printed so far.
type output struct {
	mutex  sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	return o.buffer.String()
}
