package console

import (
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client"
)

// transfers is what is known of those that have not ended. It is for one goroutine.
type transfers struct {
	last  map[uint64]client.Transfer
	shown time.Time // when it was last said how far they are, or would have been
}

// progressEvery is how often a person is shown how far files are.
const progressEvery = 10 * time.Second

// take takes a transfer's event, and returns whether the file is further than it was. One that only waits, and is asked for
// again, is not.
func (f *transfers) take(t *client.Transfer) (further bool) {
	if f.last == nil {
		f.last = make(map[uint64]client.Transfer)
	}
	was, known := f.last[t.ID]
	f.last[t.ID] = *t
	if t.State.Ended() {
		delete(f.last, t.ID)
	}
	return !known || t.State.Ended() || t.Done > was.Done || t.Copies > was.Copies
}

// due reports whether it is time to show how far files are: first when one has been on its way for progressEvery.
func (f *transfers) due(t *client.Transfer) bool {
	if t.State != client.Hashing && t.State != client.Moving {
		return false
	}
	since := time.Since(f.shown)
	if since < progressEvery {
		return false
	}
	f.shown = time.Now()
	return since < 2*progressEvery // else there were none for a while, and this one is new
}
