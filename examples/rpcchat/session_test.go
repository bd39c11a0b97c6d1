package rpcchat

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// session returns stubs that share one connection until the test ends.
func (s *running) session(t *testing.T, options ...runtime.ClientOption) (*rpcchat.ChatClient, *rpcchat.FeedClient) {
	line := runtime.Dial(s.address, options...)
	t.Cleanup(func() { line.Close() })
	return rpcchat.NewChatClient(line), rpcchat.NewFeedClient(line)
}

// follow watches for user until the stream ends, and says on heard what comes.
func follow(t *testing.T, feed rpcchat.Feed, user string) (heard chan string, ended chan error) {
	heard, ended = make(chan string, 100), make(chan error, 1)
	ctx := t.Context()
	go func() {
		var last error
		for message, err := range feed.Watch(ctx, user, 0) {
			if last = err; err == nil {
				heard <- message.Text
			}
		}
		ended <- last
	}()
	return heard, ended
}

// TestBothFormsShareTheRoom lets a classic client and two with sessions talk.
func TestBothFormsShareTheRoom(t *testing.T) {
	server := startServer(t, nil)
	ctx := t.Context()
	classic := server.client()
	bob, bobsFeed := server.session(t)
	carl, carlsFeed := server.session(t)
	err := errors.Join(classic.Register(ctx, "alice"), bob.Register(ctx, "bob"), carl.Register(ctx, "carl"))
	toBob, bobEnded := follow(t, bobsFeed, "bob")
	toCarl, carlEnded := follow(t, carlsFeed, "carl")
	err = errors.Join(err,
		classic.Say(ctx, "alice", "1"), bob.Say(ctx, "bob", "2"), carl.Say(ctx, "carl", "3"),
		bob.Tell(ctx, "bob", "alice", "4"), classic.Tell(ctx, "alice", "bob", "5"), carl.Tell(ctx, "carl", "bob", "6"))
	if err != nil {
		t.Fatal(err)
	}
	said := []string{"alice says 1", "bob says 2", "carl says 3"}
	for _, test := range []struct {
		heard chan string
		want  []string
	}{
		{toBob, append([]string{"*** carl has logged in"}, append(said, "alice tells you 5", "carl tells you 6")...)},
		{toCarl, said},
	} {
		for _, want := range test.want {
			if got := <-test.heard; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	}
	texts, err := classic.CheckMessages(ctx, "alice")
	if want := append([]string{"*** bob has logged in", "*** carl has logged in"}, append(said, "bob tells you 4")...); err != nil || !slices.Equal(texts, want) {
		t.Errorf("alice got %q, %v, want %q", texts, err, want)
	}
	if users, err := carl.List(ctx); err != nil || strings.Join(users, " ") != "alice bob carl" {
		t.Errorf("got users %q, %v, want alice, bob, carl", users, err)
	}

	if err := classic.Logout(ctx, "bob"); err != nil { // whoever knows a name may
		t.Error(err)
	}
	var expelled *rpcchat.NotLoggedIn
	if err := <-bobEnded; !errors.As(err, &expelled) || expelled.User != "bob" {
		t.Errorf("after a logout, bob's stream ended with %v, want NotLoggedIn of bob", err)
	}
	if got, want := <-toCarl, "*** bob has logged out"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	if err := classic.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	var callError *runtime.Error
	if err := <-carlEnded; !errors.As(err, &callError) || callError.Code() != runtime.CodeUnavailable || !callError.Remote() {
		t.Errorf("after a shutdown, carl's stream ended with %v, want that the server says unavailable", err)
	}
	if err := <-server.served; err != nil {
		t.Errorf("Serve returned %v", err)
	}
}

// TestFeedNeedsASession asks for a stream in the classic form.
func TestFeedNeedsASession(t *testing.T) {
	server := startServer(t, nil)
	feed := rpcchat.NewFeedClient(runtime.Classic(server.address))
	for _, err := range feed.Watch(t.Context(), "alice", 0) {
		if got, want := runtime.CodeOf(err), runtime.CodeUnimplemented; got != want {
			t.Errorf("got %v, want %v", err, want)
		}
	}
}

// TestAWatchThatNobodyReads leaves a stream full while the server shuts down: it holds nobody up.
func TestAWatchThatNobodyReads(t *testing.T) {
	server := startServer(t, nil)
	chat, feed := server.session(t)
	if err := chat.Register(t.Context(), "alice"); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		server.Say(t.Context(), "bob", strings.Repeat("x", 60_000))
	}
	for _, err := range feed.Watch(t.Context(), "alice", 0) {
		if err != nil {
			t.Fatal(err)
		}
		server.stop()
		if err := <-server.served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		if strings.Contains(server.logs.String(), "cut off") {
			t.Errorf("the shutdown waited in vain:\n%s", server.logs.String())
		}
		break
	}
}

// fragile dials connections that break in the middle of what the server sends:
// each delivers a random number of bytes, and drops what comes after them.
type fragile struct {
	mutex  sync.Mutex
	random *rand.Rand
	most   int // bytes
	count  int // of connections
}

type fragileConn struct {
	net.Conn
	left int // bytes; only the session's reader uses it
}

func (f *fragile) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.count++
	return &fragileConn{conn, 100 + f.random.IntN(f.most)}, err
}

func (c *fragileConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		c.Conn.Close()
		return 0, errors.New("the line broke")
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// TestBrokenSessionsLoseNothing watches over connections that break again and
// again, with three senders at once: every message comes once, in order.
func TestBrokenSessionsLoseNothing(t *testing.T) {
	const senders, each = 3, 300
	server := startServer(t, nil)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := server.Room.Register(ctx, "alice"); err != nil {
		t.Fatal(err)
	}
	var sending sync.WaitGroup
	for sender := range senders {
		sending.Go(func() {
			for number := range each {
				server.Say(ctx, fmt.Sprintf("sender%d", sender), fmt.Sprintf("%d %s", number+1, strings.Repeat("x", 500)))
			}
		})
	}
	line := fragile{random: rand.New(rand.NewPCG(1, 3)), most: 60_000}
	_, feed := server.session(t, runtime.WithDialer(line.dial))
	got := reader{seen: map[string]int{}}
	received, after := 0, uint64(0)
	for received < senders*each && ctx.Err() == nil {
		for message, err := range feed.Watch(ctx, "alice", after) {
			if err != nil {
				break // the line broke
			}
			if err := got.read(noticed([]rpcchat.Message{message}), false); err != nil {
				t.Fatal(err)
			}
			received, after = received+1, message.Number
			if received == senders*each {
				break
			}
		}
	}
	sending.Wait()
	if received != senders*each || got.missing != 0 || got.told != 0 {
		t.Errorf("got %d messages, %d are missing between them, notices tell of %d; want %d, none, none",
			received, got.missing, got.told, senders*each)
	}
	if rest, err := feed.Fetch(ctx, "alice", after); len(rest) > 0 || err != nil {
		t.Errorf("then got %d more, %v", len(rest), err)
	}
	if line.count < 5 {
		t.Errorf("got %d connections: too few broke to show anything", line.count)
	}
}
