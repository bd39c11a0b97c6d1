package client

import (
	"context"
	"errors"
	"io"
	"iter"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	room "github.com/parley-rpc/parley/examples/rpcchat"
	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/generated/rpcchat/rpcchattest"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// session is a line to a room in memory that a test can break: calls then fail
// a second later, as those of a runtime.Client that pauses between its attempts.
type session struct {
	rpcchat.Chat

	mutex   sync.Mutex
	room    *room.Room
	broken  bool
	breaks  func() // ends the streams under way
	streams context.Context
	deaf    bool // what is sent is lost on its way
	fetches int
	watches int
}

// errBroken is what runtime says of a broken line.
var errBroken = rpcchat.NewChatClient(runtime.Classic("nowhere", runtime.WithDialer(
	func(context.Context, string, string) (net.Conn, error) { return nil, io.ErrUnexpectedEOF }))).Shutdown(context.Background())

func newSession() *session {
	s := new(session)
	s.connect(room.NewRoom())
	return s
}

// connect makes a good line, to that room.
func (s *session) connect(to *room.Room) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.room, s.Chat, s.broken, s.deaf = to, to, false, false
	s.streams, s.breaks = context.WithCancel(context.Background())
}

// cut breaks the line.
func (s *session) cut() {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.broken = true
	s.breaks()
}

// line returns where calls go to, or after a while that they go nowhere.
func (s *session) line(ctx context.Context) (*room.Room, error) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if !s.broken {
		return s.room, nil
	}
	s.mutex.Unlock()
	defer s.mutex.Lock()
	select {
	case <-time.After(time.Second): // bubble's time
		return nil, errBroken
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *session) Register(ctx context.Context, user string) error {
	to, err := s.line(ctx)
	if err != nil {
		return err
	}
	return to.Register(ctx, user)
}

func (s *session) Logout(ctx context.Context, user string) error {
	to, err := s.line(ctx)
	if err != nil {
		return err
	}
	return to.Logout(ctx, user)
}

func (s *session) Fetch(ctx context.Context, user string, after uint64) ([]rpcchat.Message, error) {
	s.count(&s.fetches)
	to, err := s.line(ctx)
	if err != nil {
		return nil, err
	}
	return to.Fetch(ctx, user, after)
}

func (s *session) Watch(ctx context.Context, user string, after uint64) iter.Seq2[rpcchat.Message, error] {
	return func(yield func(rpcchat.Message, error) bool) {
		s.count(&s.watches)
		to, err := s.line(ctx)
		s.mutex.Lock()
		streams := s.streams
		s.mutex.Unlock()
		if err != nil {
			yield(rpcchat.Message{}, err)
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		defer context.AfterFunc(streams, cancel)()
		for message, err := range to.Watch(ctx, user, after) {
			if streams.Err() != nil {
				err = errBroken
			}
			if err == nil && s.isDeaf() {
				continue
			}
			if !yield(message, err) || err != nil {
				return
			}
		}
	}
}

func (s *session) count(n *int) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	*n++
}

func (s *session) isDeaf() bool {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return s.deaf
}

// enterBy starts alice's client on the session; its fakeChat is not used.
func enterBy(t *testing.T, line *session) *stay {
	s := start(t, &Client{Chat: line, Feed: line})
	synctest.Wait()
	return s
}

const (
	lostText = "*** The connection is lost; trying again.\n"
	backText = "*** The connection is back.\n"
	anewText = "*** The connection is back; you were logged out, and are logged in again.\n"
)

// TestWatching plays what happens to a session, step by step, and compares what alice reads.
func TestWatching(t *testing.T) {
	bob := func(s *session, words ...string) {
		for _, word := range words {
			s.room.Say(context.Background(), "bob", word)
		}
	}
	for _, test := range []struct {
		name  string
		steps []func(s *session)
		want  string
	}{
		{"messages come at once", []func(*session){
			func(s *session) { bob(s, "1", "2") },
			func(s *session) { bob(s, "3\n4") },
		}, "bob says 1\nbob says 2\nbob says 3 4\n"},
		{"more than one stream carries", []func(*session){
			func(s *session) { bob(s, strings.Repeat("x", 65000), strings.Repeat("y", 65000), "z") },
		}, "bob says " + strings.Repeat("x", 65000) + "\nbob says " + strings.Repeat("y", 65000) + "\nbob says z\n"},
		{"the line breaks, and comes back", []func(*session){
			func(s *session) { bob(s, "1") },
			(*session).cut,
			func(s *session) { bob(s, "2") },
			func(s *session) { time.Sleep(time.Minute) },
			func(s *session) { bob(s, "3"); s.connect(s.room) },
			func(s *session) { time.Sleep(time.Second) },
			func(s *session) { bob(s, "4") },
		}, "bob says 1\n" + lostText + backText + "bob says 2\nbob says 3\nbob says 4\n"},
		{"what was on its way comes again", []func(*session){
			func(s *session) { bob(s, "1") },
			func(s *session) { s.deaf = true; bob(s, "2", "3") },
			(*session).cut,
			func(s *session) { s.connect(s.room); time.Sleep(time.Second) },
		}, "bob says 1\n" + lostText + backText + "bob says 2\nbob says 3\n"},
		{"the server is a new one", []func(*session){
			func(s *session) { bob(s, "1", "2") },
			(*session).cut,
			func(s *session) { s.connect(room.NewRoom()); time.Sleep(time.Second) },
			func(s *session) { bob(s, "3") },
			func(s *session) { s.deaf = true; bob(s, "4") },
			(*session).cut,
			func(s *session) { s.connect(s.room); time.Sleep(time.Second) },
		}, "bob says 1\nbob says 2\n" + lostText + anewText + "bob says 3\n" + lostText + backText + "bob says 4\n"},
		{"somebody logs alice out", []func(*session){
			func(s *session) { s.room.Logout(context.Background(), "alice") },
			func(s *session) { bob(s, "1"); time.Sleep(time.Minute) },
		}, "*** You are not logged in, alice\n"},
		{"somebody else is alice now", []func(*session){
			func(s *session) { s.room.Register(context.Background(), "alice") },
			func(s *session) { bob(s, "1"); time.Sleep(time.Minute) },
		}, "*** Another client gets your messages now, alice\n"},
		{"the queue is full", []func(*session){
			(*session).cut,
			func(s *session) { s.room.QueueLimit = 1 },
			func(s *session) { s.room.Register(context.Background(), "alice"); bob(s, "1", "2", "3") },
			func(s *session) { s.connect(s.room); time.Sleep(time.Second) },
		}, lostText + backText + "*** Your queue was full; oldest messages dropped: 2\nbob says 3\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				line := newSession()
				s := enterBy(t, line)
				for _, step := range test.steps {
					step(line)
					synctest.Wait()
				}
				if got := s.stdout.String(); got != test.want {
					t.Errorf("got %.300q, want %.300q", got, test.want)
				}
				s.enterLine("quit")
				<-s.over
				if s.err != nil {
					t.Error(s.err)
				}
				if users, _ := line.room.List(t.Context()); len(users) > 0 {
					t.Errorf("afterwards %q are logged in", users)
				}
			})
		})
	}
}

// TestWatchingDoesNotPoll counts calls while nothing happens.
func TestWatchingDoesNotPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := newSession()
		enterBy(t, line)
		time.Sleep(time.Hour)
		if line.fetches != 0 || line.watches != 1 {
			t.Errorf("in an hour got %d fetches and %d watches, want 0 and 1", line.fetches, line.watches)
		}
		line.cut()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := line.fetches; got < 50 || got > 70 {
			t.Errorf("in a minute without a line got %d fetches, want one a second", got)
		}
	})
}

// TestLeavingShowsWhatWaits: what was said last comes back first, also when no stream carried it.
func TestLeavingShowsWhatWaits(t *testing.T) {
	for _, ending := range []string{"quit\n", "", "shutdown\n"} {
		line, out := newSession(), new(output)
		c := Client{Chat: line, Feed: line, User: "alice", Stdin: strings.NewReader("say hi\nsay ho\n" + ending), Stdout: out}
		if err := c.Run(t.Context()); err != nil {
			t.Error(err)
		}
		if got, want := out.String(), "alice says hi\nalice says ho\n"; !strings.HasPrefix(got, want) {
			t.Errorf("%q: got %q, want first %q", ending, got, want)
		}
		if got, last := out.String(), "oodbye, alice.\n"; !strings.HasSuffix(got, last) {
			t.Errorf("%q: got %q, want last %q", ending, got, last)
		}
	}
}

// TestWatchingEnds has the server end the stream for good.
func TestWatchingEnds(t *testing.T) {
	for _, test := range []struct {
		name    string
		end     error
		out     string
		errText string
	}{
		{"it shuts down", runtime.NewError(runtime.CodeUnavailable, "the server is shutting down"), "The server shuts down. Goodbye, alice.\n", ""},
		{"it has no Feed", runtime.NewError(runtime.CodeUnimplemented, "no service 1"), "", "waiting for messages: unimplemented: no service 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				feed := &rpcchattest.FakeFeed{
					WatchFunc: func(context.Context, string, uint64) iter.Seq2[rpcchat.Message, error] {
						return runtimetest.Stream[rpcchat.Message](test.end)
					},
				}
				s := start(t, &Client{Chat: room.NewRoom(), Feed: rpcchattest.NewFeed(t, feed)})
				<-s.over
				if got := errorText(s.err); got != test.errText {
					t.Errorf("got error %q, want %q", got, test.errText)
				}
				if got := s.stdout.String(); got != test.out {
					t.Errorf("got output %q, want %q", got, test.out)
				}
			})
		})
	}
}

// TestSayingWhileTheLineIsLost: what nobody would hear is refused, at once.
func TestSayingWhileTheLineIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		line := newSession()
		s := enterBy(t, line)
		line.cut()
		synctest.Wait()
		s.enterLine("say hi")
		synctest.Wait()
		if got, want := s.stdout.String(), lostText+"say: the connection is lost, wait until it is back\n"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}

// TestLeavingALostServer quits while the line is broken.
func TestLeavingALostServer(t *testing.T) {
	for _, leave := range []func(*stay){
		func(s *stay) { s.enterLine("quit") },
		func(s *stay) { s.cancel() },
	} {
		synctest.Test(t, func(t *testing.T) {
			line := newSession()
			s := enterBy(t, line)
			line.cut()
			time.Sleep(time.Minute)
			start := time.Now()
			leave(s)
			<-s.over
			if !errors.Is(s.err, io.ErrUnexpectedEOF) || !strings.HasPrefix(s.err.Error(), "logging out: ") {
				t.Errorf("got error %v, want that logging out went wrong", s.err)
			}
			if took, want := time.Since(start), 2*farewell; took > want {
				t.Errorf("leaving took %v, want at most %v", took, want)
			}
		})
	}
}
