package tui

import (
	"context"
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
	"github.com/parley-rpc/parley/examples/justchat/console"
	"github.com/parley-rpc/parley/examples/justchat/names"
)

// explainAfter is how long a person may wonder why the client does not leave.
const explainAfter = 500 * time.Millisecond

// leave waits for what is not acknowledged, as long as something is every now and then, and prints what is not in the end.
// The screen is the normal one again, and nobody takes events but leave. If ctx ends meanwhile, it does not wait any longer.
func (s *stay) leave(ctx context.Context, m *model) error {
	if ctx.Err() != nil {
		ctx = context.WithoutCancel(ctx)
	}
	failed := m.failed
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	impatience := time.AfterFunc(s.Patience, cancel)
	defer impatience.Stop()
	explain := time.NewTimer(min(explainAfter, s.Patience/2))
	defer explain.Stop()
	flushed := make(chan []client.Unacknowledged, 1)
	go func() { flushed <- s.room.Flush(ctx) }() // it is awaited below
	for {
		select {
		case left := <-flushed:
			for _, event := range s.feed.take() {
				failed += s.settle(m, event)
			}
			s.unfinished(ctx)
			for _, u := range left {
				s.print("not acknowledged, and perhaps not sent: %s", names.Printable(u.Text, false))
			}
			if len(left)+failed > 0 {
				return console.ErrNotAll
			}
			return nil
		case event := <-s.feed.events:
			if settles(event) {
				impatience.Reset(s.Patience)
			}
			failed += s.settle(m, event)
		case <-explain.C:
			s.print("leaving as soon as all that you said has arrived")
		}
	}
}

// settles reports whether something has become of a message of ours.
func settles(event client.Event) bool {
	switch event.(type) {
	case *client.Acknowledged, *client.Failed:
		return true
	}
	return false
}

// settle prints what has failed, and returns how many messages that are.
func (s *stay) settle(m *model, event client.Event) int {
	if _, ok := event.(*client.Failed); !ok {
		return 0
	}
	s.print("%s", names.Printable(m.words.Of(event), false))
	return 1
}

// answerTime is how long the last answers to offers may take to go out.
const answerTime = time.Second

// unfinished lets answers to offers go out, and prints which files will not arrive.
func (s *stay) unfinished(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, answerTime)
	defer stop()
	for _, t := range s.room.Settle(ctx) {
		s.print("not finished: %s", names.Printable(t.Name, false))
	}
}
