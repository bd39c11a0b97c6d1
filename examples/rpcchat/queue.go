package rpcchat

import (
	"strconv"

	"github.com/parley-rpc/parley/generated/rpcchat"
)

// The sizes of a CheckMessages response in the classic form:
//
//	uint16 count | count times (uint16 length, text) | uint16 length of the empty error
const (
	longestResponse = 65_535
	emptyResponse   = 2 + 2 // count and error
	textHeader      = 2
	longestMessage  = longestResponse - emptyResponse - textHeader
)

// queue holds what one login has not fetched yet.
type queue struct {
	turn chan struct{} // has room for one: whoever put it in may fetch

	// guarded by the room's mutex
	limit    int               // of messages
	messages []rpcchat.Message // oldest first
	over     error             // why the login is over, or nil

	// What Watch and Fetch sent and nobody has confirmed, all older than messages;
	// no more than one response holds. It does not count for limit.
	doubt     []rpcchat.Message
	doubtSize int // bytes, as in a response
	watcher   *watcher
}

// A watcher is a Watch that is open.
type watcher struct {
	user string
	wake chan struct{} // has room for one: there may be something to do
}

// batch is what one response holds: a notice if messages were dropped, then
// messages before which none were.
type batch struct {
	dropped  int
	messages []rpcchat.Message
}

func newQueue(limit int) *queue {
	if limit <= 0 {
		limit = DefaultQueueLimit
	}
	return &queue{turn: make(chan struct{}, 1), limit: limit}
}

// push appends a message; if the queue is full, the oldest goes.
func (q *queue) push(message rpcchat.Message) {
	q.messages = append(q.messages, message)
	q.trim()
	q.wake()
}

// take removes the oldest messages, as many as fit into one response together
// with the notice of those that were dropped before them.
func (q *queue) take() batch {
	var taken batch
	if len(q.messages) > 0 {
		taken.dropped = int(q.messages[0].Dropped)
		q.messages[0].Dropped = 0
	}
	room := longestResponse - emptyResponse
	for _, notice := range taken.texts() {
		room -= textHeader + len(notice)
	}
	n := 0
	for n < len(q.messages) && q.messages[n].Dropped == 0 && textHeader+len(q.messages[n].Text) <= room {
		room -= textHeader + len(q.messages[n].Text)
		n++
	}
	taken.messages = append(taken.messages, q.messages[:n]...)
	q.discard(n)
	return taken
}

// putBack returns what take removed to its old place. What came meanwhile is
// newer, so the limit is kept at the cost of what comes back.
func (q *queue) putBack(taken batch) {
	q.messages = append(taken.messages, q.messages...)
	if taken.dropped > 0 {
		q.messages[0].Dropped += uint32(taken.dropped) // a notice leaves the message after it behind
	}
	q.trim()
	q.wake()
}

// send moves the oldest message into doubt and returns it. It returns false if
// there is none, or if doubt would hold more than one response then: full tells.
func (q *queue) send() (message rpcchat.Message, sent, full bool) {
	if len(q.messages) == 0 {
		return message, false, false
	}
	message = q.messages[0]
	size := textHeader + len(message.Text)
	if q.doubtSize+size > longestResponse-emptyResponse {
		return rpcchat.Message{}, false, true
	}
	q.discard(1)
	q.doubt = append(q.doubt, message)
	q.doubtSize += size
	return message, true, false
}

// confirm forgets what arrived, up to the number after, and returns the rest of
// what is in doubt to its old place.
func (q *queue) confirm(after uint64) {
	var lost batch
	for _, message := range q.doubt {
		if message.Number > after {
			lost.messages = append(lost.messages, message)
		}
	}
	q.doubt, q.doubtSize = nil, 0
	if len(lost.messages) > 0 {
		q.putBack(lost)
	}
}

// end ends the login.
func (q *queue) end(why error) {
	q.over = why
	q.wake()
}

// wake lets the watcher look, if there is one.
func (q *queue) wake() {
	if q.watcher == nil {
		return
	}
	select {
	case q.watcher.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// trim drops the oldest messages over the limit, and counts them before the one that is left.
func (q *queue) trim() {
	over := len(q.messages) - q.limit
	if over <= 0 {
		return
	}
	dropped := uint32(over)
	for _, message := range q.messages[:over] {
		dropped += message.Dropped
	}
	q.discard(over)
	q.messages[0].Dropped += dropped
}

// discard forgets the n oldest messages and lets go of their memory.
func (q *queue) discard(n int) {
	clear(q.messages[:n])
	q.messages = q.messages[n:]
	if len(q.messages) == 0 {
		q.messages = nil
	}
}

// texts returns the batch as its user reads it.
func (b batch) texts() []string {
	texts := make([]string, 0, 1+len(b.messages))
	if b.dropped > 0 {
		texts = append(texts, "*** Your queue was full; oldest messages dropped: "+strconv.Itoa(b.dropped))
	}
	for _, message := range b.messages {
		texts = append(texts, message.Text)
	}
	return texts
}
