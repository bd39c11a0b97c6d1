package client

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/parley-rpc/parley/generated/rpcchat"
	"github.com/parley-rpc/parley/runtime"
)

// errShutdown is why a watcher gives up when the server says goodbye.
var errShutdown = errors.New("the server shuts down")

// watcher is the source of a session: the server sends messages as they come.
//
//	watching ─── the line breaks ──> lost ─── it is back, after a new login if need be ──> watching
//	    ├─ not logged in any more, or taken over: says so, and waits for the user to leave
//	    └─ the server shuts down, or is of no use: gives up
//
// While the line is lost a call follows a call: to pause between them is Feed's
// business, as a runtime.Client does.
type watcher struct {
	*Client

	after uint64      // the number of the last message that was shown, of this login
	lost  atomic.Bool // the line is, and the user knows
	over  bool        // somebody else ended the login, and messages come no more
}

// receive can be stopped at any time: what was sent and not shown comes again.
func (w *watcher) receive(_, stopping context.Context) error {
	for {
		err := w.step(stopping)
		if stopping.Err() != nil {
			return nil
		}
		var expelled *rpcchat.NotLoggedIn
		var taken *rpcchat.TakenOver
		switch {
		case err == nil:
			continue
		case isLost(err):
			w.lose()
			continue
		case errors.As(err, &expelled):
			w.print("*** You are not logged in, " + w.User)
		case errors.As(err, &taken):
			w.print("*** Another client gets your messages now, " + w.User)
		case runtime.CodeOf(err) == runtime.CodeUnavailable:
			return errShutdown
		default:
			return fmt.Errorf("waiting for messages: %w", err)
		}
		w.over = true
		<-stopping.Done()
		return nil
	}
}

// isLost reports whether it is the line that err comes of.
func isLost(err error) bool {
	var broken *runtime.Error
	return errors.As(err, &broken) && (broken.Broken() || !broken.Remote() && broken.Code() == runtime.CodeDeadlineExceeded)
}

// lose tells the user once.
func (w *watcher) lose() {
	if !w.lost.Swap(true) {
		w.print("*** The connection is lost; trying again.")
	}
}

// check keeps what is said from a new server that does not know the user yet.
func (w *watcher) check() error {
	if w.lost.Load() {
		return errors.New("the connection is lost, wait until it is back")
	}
	return nil
}

// step shows the messages of one stream, or finds the line that was lost.
func (w *watcher) step(ctx context.Context) error {
	if w.lost.Load() {
		return w.find(ctx)
	}
	carried := 0
	for message, err := range w.Feed.Watch(ctx, w.User, w.after) {
		if err != nil {
			return err
		}
		carried++
		w.show(message)
	}
	if carried == 0 && ctx.Err() == nil {
		return errors.New("the server ended a stream without a message") // or we would call it without a pause
	}
	return nil
}

// find asks for what waits, which shows that the line is back. A server that
// does not know the user is a new one.
func (w *watcher) find(ctx context.Context) error {
	messages, err := w.Feed.Fetch(ctx, w.User, w.after)
	back := "*** The connection is back."
	if errors.As(err, new(*rpcchat.NotLoggedIn)) {
		w.after = 0
		err = w.Chat.Register(ctx, w.User)
		back = "*** The connection is back; you were logged out, and are logged in again."
	}
	if err != nil {
		return err
	}
	w.lost.Store(false)
	w.print(back)
	w.show(messages...)
	return nil
}

// fetch shows what waits, as much of it as one response holds.
func (w *watcher) fetch(ctx context.Context) (size int, err error) {
	if w.over {
		return 0, nil // or it would take over in turn
	}
	messages, err := w.Feed.Fetch(ctx, w.User, w.after)
	for _, message := range messages {
		size += len(message.Text)
	}
	w.show(messages...)
	return size, err
}

// show shows messages as a poll has them.
func (w *watcher) show(messages ...rpcchat.Message) {
	var texts []string
	for _, message := range messages {
		if message.Dropped > 0 {
			texts = append(texts, fmt.Sprintf("*** Your queue was full; oldest messages dropped: %d", message.Dropped))
		}
		texts = append(texts, message.Text)
		w.after = message.Number
	}
	w.print(texts...)
}
