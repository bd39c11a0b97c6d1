package justchat_test

import (
	"context"
	"errors"
	"iter"
	"testing"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/identity"
	"github.com/parley-rpc/parley/generated/justchat"
	clientapi "github.com/parley-rpc/parley/generated/justchat/client"
	"github.com/parley-rpc/parley/generated/justchat/client/clienttest"
	serverapi "github.com/parley-rpc/parley/generated/justchat/server"
	"github.com/parley-rpc/parley/runtime"
	"github.com/parley-rpc/parley/runtime/runtimetest"
)

// A stranger speaks to a server as a client could that somebody else has written.
type stranger struct {
	c      *cluster
	key    *identity.Key
	user   string
	api    *serverapi.MessageServiceClient
	rpc    *runtime.Client
	shown  chan clientapi.Delivery // of capacity 10,000
	number uint64
}

// stranger connects somebody to the first server, who does not present herself yet.
func (c *cluster) stranger(user string, options ...runtime.ClientOption) *stranger {
	c.t.Helper()
	key, err := identity.NewKey()
	if err != nil {
		c.t.Fatal(err)
	}
	s := &stranger{c: c, key: key, user: user, shown: make(chan clientapi.Delivery, 10_000)}
	options = append(options, runtime.WithTLS(key.TLS(func(*identity.Authority) error { return nil })),
		runtime.WithLogger(new(runtimetest.Log).Logger(-4)))
	s.rpc = runtime.Dial(c.servers[0].Address, options...)
	c.t.Cleanup(func() { s.rpc.Close() })
	s.api = serverapi.NewMessageServiceClient(s.rpc)
	return s
}

// listens has the stranger take what she is sent.
func (s *stranger) listens() {
	s.answers(func(_ context.Context, messages []clientapi.Delivery) error {
		for _, m := range messages {
			s.shown <- m
		}
		return nil
	})
}

// answers has the stranger answer ReceiveMessage in her own way.
func (s *stranger) answers(receive func(context.Context, []clientapi.Delivery) error) {
	clientapi.RegisterClientMessageService(s.rpc, &clienttest.FakeClientMessageService{
		ReceiveMessageFunc: func(ctx context.Context, messages []clientapi.Delivery, _ uint64) error {
			return receive(ctx, messages)
		},
	})
}

func (s *stranger) token() []byte {
	return s.c.identity.Grant(s.user, s.key.Public, time.Now(), time.Minute)
}

// presents returns what the server says to a token, as soon as it does, and how the stream goes on.
func (s *stranger) presents(token, client []byte, seen map[string]uint64) (next func() (serverapi.Welcome, error, bool), err error) {
	s.c.t.Helper()
	next, stop := iter.Pull2(s.api.ConnectionInit(s.c.t.Context(), token, client, seen))
	s.c.t.Cleanup(stop)
	_, err, _ = next()
	return next, err
}

// enters connects the stranger as an honest client would.
func (s *stranger) enters() (next func() (serverapi.Welcome, error, bool)) {
	s.c.t.Helper()
	next, err := s.presents(s.token(), s.key.Client, nil)
	if err != nil {
		s.c.t.Fatal(err)
	}
	return next
}

// message returns a message to all that is as it should be.
func (s *stranger) message(text string) justchat.Message {
	s.number++
	m := justchat.Message{From: s.user, Number: s.number, Text: text, Sent: time.Now(), Token: s.token()}
	s.key.Sign(s.c.identity.Authority(), &m)
	return m
}

// says sends messages to all, after what she has seen.
func (s *stranger) says(seen map[string]uint64, messages ...justchat.Message) (copies uint32, err error) {
	return s.api.SendPublicMsg(s.c.t.Context(), messages, seen)
}

// hears waits for the next message that she is shown, and expects it to be that.
func (s *stranger) hears(text string) {
	s.c.t.Helper()
	select {
	case d := <-s.shown:
		if got := d.Record.Message.Text; got != text {
			s.c.t.Errorf("%s got %.100q, want %.100q", s.user, got, text)
		}
	case <-time.After(patience):
		s.c.t.Fatalf("%s waits in vain for %.100q", s.user, text)
	}
}

// wantError expects an error of that type, and returns it.
func wantError[E error](t *testing.T, what string, err error) (got E) {
	t.Helper()
	got, ok := asError[E](err)
	if !ok {
		t.Errorf("%s: got %v, want %T", what, err, got)
	}
	return got
}

func asError[E error](err error) (got E, ok bool) {
	ok = errors.As(err, &got)
	return got, ok
}

func wantCode(t *testing.T, what string, err error, want runtime.Code) {
	t.Helper()
	if got := runtime.CodeOf(err); got != want {
		t.Errorf("%s: got %v, want %v", what, err, want)
	}
}
