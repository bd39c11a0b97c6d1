package registry

import (
	"context"
	"sync"
)

// news are events that wait to be told: one for each key at most, the last, so
// that they need no more room than what they are about, however long somebody takes to hear one.
type news struct {
	wake chan struct{} // has room for one

	mutex   sync.Mutex
	keys    []string // in the order in which they are told
	pending map[string]func()
}

func newNews() *news {
	return &news{wake: make(chan struct{}, 1), pending: make(map[string]func())}
}

// post has event told, instead of one of the same key that was not told yet.
func (n *news) post(key string, event func()) {
	n.mutex.Lock()
	if n.pending[key] == nil {
		n.keys = append(n.keys, key)
	}
	n.pending[key] = event
	n.mutex.Unlock()
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// tell tells events until ctx ends.
func (n *news) tell(ctx context.Context) {
	for {
		select {
		case <-n.wake:
		case <-ctx.Done():
			return
		}
		for event := n.next(); event != nil && ctx.Err() == nil; event = n.next() {
			event()
		}
	}
}

func (n *news) next() func() {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	if len(n.keys) == 0 {
		return nil
	}
	key := n.keys[0]
	n.keys = n.keys[1:]
	event := n.pending[key]
	delete(n.pending, key)
	return event
}
