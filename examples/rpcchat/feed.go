package rpcchat

import (
	"context"
	"iter"

	"github.com/parley-rpc/parley/generated/rpcchat"
)

var _ rpcchat.Feed = (*Room)(nil)

// Watch yields user's messages as they come, on the caller's goroutine; nothing
// polls. A yield that returns true has taken its message over, and yet that message
// is in doubt until the next call for user tells. When ctx ends, its cause is the
// last error. Else the stream ends as rpcchat.Feed says.
//
// While a yield blocks, messages wait in the queue, within its limit.
func (r *Room) Watch(ctx context.Context, user string, after uint64) iter.Seq2[rpcchat.Message, error] {
	return func(yield func(rpcchat.Message, error) bool) {
		w := &watcher{user: user, wake: make(chan struct{}, 1)}
		q, err := r.seize(ctx, user, after, w)
		if err != nil {
			yield(rpcchat.Message{}, err)
			return
		}
		<-q.turn
		defer r.unwatch(q, w)
		for {
			message, sent, err := r.await(ctx, q, w)
			if err != nil {
				yield(rpcchat.Message{}, err)
				return
			}
			if !sent || !yield(message, nil) {
				return
			}
		}
	}
}

// Fetch takes from user's queue what one response of CheckMessages can hold.
func (r *Room) Fetch(ctx context.Context, user string, after uint64) ([]rpcchat.Message, error) {
	q, err := r.seize(ctx, user, after, nil)
	if err != nil {
		return nil, err
	}
	defer func() { <-q.turn }()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var messages []rpcchat.Message
	for {
		message, sent, _ := q.send()
		if !sent {
			return messages, nil
		}
		messages = append(messages, message)
	}
}

// seize waits for the turn at user's queue, which the caller gives back, makes w,
// or nobody, its watcher, and confirms what was sent.
func (r *Room) seize(ctx context.Context, user string, after uint64, w *watcher) (*queue, error) {
	q, err := r.awaitTurn(ctx, user)
	if err != nil {
		return nil, err
	}
	if q == nil {
		return nil, &rpcchat.NotLoggedIn{User: user}
	}
	r.mutex.Lock()
	defer r.mutex.Unlock()
	q.wake() // who watched so far sees that it does not any more
	q.watcher = w
	q.confirm(after)
	return q, nil
}

// unwatch lets go of q, unless somebody else has it by now. What w sent stays in doubt.
func (r *Room) unwatch(q *queue, w *watcher) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if q.watcher == w {
		q.watcher = nil
	}
}

// await waits for the next message. It returns false if w has sent enough.
func (r *Room) await(ctx context.Context, q *queue, w *watcher) (message rpcchat.Message, sent bool, err error) {
	for {
		select {
		case q.turn <- struct{}{}: // what a CheckMessages may still put back is older
		case <-ctx.Done():
			return message, false, context.Cause(ctx)
		}
		message, sent, full, err := r.sendTo(w, q)
		<-q.turn
		if sent || full || err != nil {
			return message, sent, err
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return message, false, context.Cause(ctx)
		}
	}
}

// sendTo is q.send for w, if w still watches q.
func (r *Room) sendTo(w *watcher, q *queue) (message rpcchat.Message, sent, full bool, err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	switch {
	case q.over != nil:
		return message, false, false, q.over
	case q.watcher != w:
		return message, false, false, &rpcchat.TakenOver{User: w.user}
	}
	message, sent, full = q.send()
	return message, sent, full, nil
}
