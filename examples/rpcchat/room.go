// Package rpcchat is the classic chat's server: a Room that keeps a queue of
// messages for each user who is logged in, and Serve, which puts it on a port.
// The contract is rpcchat.parley: service Chat is in room.go, Feed in feed.go.
// The other end of the wire is package client.
package rpcchat

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// DefaultQueueLimit is how many messages wait for a user unless Room.QueueLimit says otherwise.
const DefaultQueueLimit = 10_000

// Room is the chat itself: it knows users and messages, and no sockets.
// Any number of goroutines may call it at once. NewRoom makes one.
//
// All queues see messages in the same order. A user's queue lives from Register
// to Logout, or to the next Register of that name, which starts an empty one.
// As in the classic chat, whoever knows a name may speak, fetch and log out for it.
//
// Memory is bounded by counts, not by bytes: a queue holds at most QueueLimit
// messages of 65,529 bytes, and as many bytes as one response that a Watch or
// Fetch may have to send again. The number of users is not bounded at all.
type Room struct {
	// To be changed, if at all, before the first call.
	Log        *slog.Logger // hears who comes and goes; NewRoom's is silent
	QueueLimit int          // messages that wait for a user, the oldest go first; zero and less stand for DefaultQueueLimit

	shutdown chan struct{} // closed by stop
	stop     func()        // may be called any number of times

	mutex  sync.Mutex
	queues map[string]*queue // of the users who are logged in
	number uint64            // of the last message
}

var _ rpcchat.Chat = (*Room)(nil)

// NewRoom returns an empty room, silent, with queues of DefaultQueueLimit messages.
func NewRoom() *Room {
	shutdown := make(chan struct{})
	return &Room{
		Log:        slog.New(slog.DiscardHandler),
		QueueLimit: DefaultQueueLimit,
		shutdown:   shutdown,
		stop:       sync.OnceFunc(func() { close(shutdown) }),
		queues:     make(map[string]*queue),
	}
}

// Register logs user in and tells everyone else. A name that is logged in
// already is announced again, and its queue starts anew, empty.
func (r *Room) Register(_ context.Context, user string) error {
	if err := checkName(user); err != nil {
		return err
	}
	text := "*** " + user + " has logged in"
	r.mutex.Lock()
	r.end(user, &rpcchat.TakenOver{User: user})
	r.announce(user, text)
	r.queues[strings.Clone(user)] = newQueue(r.QueueLimit) // or the name would keep its whole request
	r.mutex.Unlock()
	r.Log.Info(text)
	return nil
}

// checkName's texts are part of the classic wire: clients show them as they are.
func checkName(user string) error {
	if len(user) < 1 || len(user) > 20 {
		return errors.New("Register: user must be between 1 and 20 letters")
	}
	for _, r := range user {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return errors.New("Register: user must only contain letters and digits")
		}
	}
	return nil
}

// List returns the users who are logged in, sorted by the bytes of their names.
func (r *Room) List(context.Context) ([]string, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	users := make([]string, 0, len(r.queues))
	for user := range r.queues {
		users = append(users, user)
	}
	slices.Sort(users)
	return users, nil
}

// CheckMessages takes from user's queue what one response can hold. If the
// response could not be written, the messages return to the front of the queue.
// A second call for the same login waits for that outcome, or until ctx ends.
func (r *Room) CheckMessages(ctx context.Context, user string) ([]string, error) {
	q, taken, err := r.take(ctx, user)
	if err != nil {
		return nil, err
	}
	if q == nil {
		return []string{"*** You are not logged in, " + user}, nil
	}
	runtime.AfterReply(ctx, func(err error) { r.settle(q, taken, err == nil) })
	return taken.texts(), nil
}

// take waits for user's turn and takes one response from the queue, which it
// returns too: settle gives both back. Without a login the queue is nil.
func (r *Room) take(ctx context.Context, user string) (*queue, batch, error) {
	q, err := r.awaitTurn(ctx, user)
	if q == nil {
		return nil, batch{}, err
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return q, q.take(), nil
}

// awaitTurn waits until nobody else takes from user's queue, and returns it.
// Without a login it is nil.
func (r *Room) awaitTurn(ctx context.Context, user string) (*queue, error) {
	for {
		q := r.queue(user)
		if q == nil {
			return nil, nil
		}
		select {
		case q.turn <- struct{}{}:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if r.queue(user) == q {
			return q, nil
		}
		<-q.turn // user logged out, or in anew, while we waited: look again
	}
}

// queue returns the queue of user's login, or nil.
func (r *Room) queue(user string) *queue {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.queues[user]
}

// settle ends a turn at q. If that login is over by now, then so is q, and what
// is put back into it is gone with it.
func (r *Room) settle(q *queue, taken batch, delivered bool) {
	if !delivered {
		r.mutex.Lock()
		q.putBack(taken)
		r.mutex.Unlock()
	}
	<-q.turn
}

// Tell queues message for target; of an unknown target only user hears.
func (r *Room) Tell(_ context.Context, user, target, message string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if q := r.queues[target]; q != nil {
		r.send(user, user+" tells you "+message, q)
	} else if q := r.queues[user]; q != nil {
		r.send(user, "*** No such user: "+target, q)
	}
	return nil
}

// Say queues message for everyone who is logged in, user too.
func (r *Room) Say(_ context.Context, user, message string) error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.announce(user, user+" says "+message)
	return nil
}

// Logout destroys user's queue and tells everyone else, even if user was not logged in.
func (r *Room) Logout(_ context.Context, user string) error {
	text := "*** " + user + " has logged out"
	r.mutex.Lock()
	r.end(user, &rpcchat.NotLoggedIn{User: user})
	announced := r.announce(user, text)
	r.mutex.Unlock()
	if announced {
		r.Log.Info(text)
	}
	return nil
}

// Shutdown asks whoever serves the room to stop, once this call is answered.
func (r *Room) Shutdown(ctx context.Context) error {
	runtime.AfterReply(ctx, func(error) { r.stop() })
	return nil
}

// ShutdownRequested returns a channel that is closed after the first Shutdown.
func (r *Room) ShutdownRequested() <-chan struct{} { return r.shutdown }

// end ends user's login, if there is one. The caller holds the mutex.
func (r *Room) end(user string, why error) {
	if q := r.queues[user]; q != nil {
		q.end(why)
		delete(r.queues, user)
	}
}

// announce sends text to every queue. The caller holds the mutex.
func (r *Room) announce(sender, text string) bool {
	queues := make([]*queue, 0, len(r.queues))
	for _, q := range r.queues {
		queues = append(queues, q)
	}
	return r.send(sender, text, queues...)
}

// send queues text, unless no response could ever hold it: then nobody gets it,
// the sender is told, if logged in, and send returns false. The caller holds the mutex.
func (r *Room) send(sender, text string, queues ...*queue) bool {
	if len(text) > longestMessage {
		if q := r.queues[sender]; q != nil {
			q.push(r.message("*** Your message is too long and was not sent: " + strconv.Itoa(len(text)) +
				" bytes, at most " + strconv.Itoa(longestMessage) + " fit"))
		}
		return false
	}
	message := r.message(text)
	for _, q := range queues {
		q.push(message)
	}
	return true
}

// message gives text the next number. The caller holds the mutex.
func (r *Room) message(text string) rpcchat.Message {
	r.number++
	return rpcchat.Message{Number: r.number, Text: text}
}
