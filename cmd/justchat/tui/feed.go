package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

const (
	// frame is how long the screen stays as it is while much is said, so that drawing costs the same however much it is.
	frame = 50 * time.Millisecond
	// feedSize is how many events wait for a frame; then the client waits, and the server after it.
	feedSize = 1024
)

// A feed brings the client's events to the model, as many at once as there are.
//
//	client ──put──► events ──take──► model
//	                   └─ready─► run ──frameMsg──► model      at most one a frame
type feed struct {
	events chan client.Event
	ready  chan struct{} // of capacity 1: there are events
}

// frameMsg tells the model to take events.
type frameMsg struct{}

func newFeed() *feed {
	return &feed{events: make(chan client.Event, feedSize), ready: make(chan struct{}, 1)}
}

// put is for client.Config.Events. It returns once the event has its place, which takes a taker, or ctx has ended.
func (f *feed) put(ctx context.Context, event client.Event) {
	select {
	case f.events <- event:
	case <-ctx.Done():
		return
	}
	select {
	case f.ready <- struct{}{}:
	default:
	}
}

// take returns the events that wait.
func (f *feed) take() []client.Event {
	var events []client.Event
	for range feedSize {
		select {
		case e := <-f.events:
			events = append(events, e)
		default:
			return events
		}
	}
	return events
}

// run sends a frameMsg whenever there are events, until ctx ends.
func (f *feed) run(ctx context.Context, send func(tea.Msg)) {
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		select {
		case <-f.ready:
		case <-ctx.Done():
			return
		}
		send(frameMsg{})
		pause.Reset(frame)
	}
}
