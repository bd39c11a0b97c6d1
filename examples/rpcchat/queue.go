package rpcchat

import "strconv"

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
	limit    int      // of messages
	messages []string // oldest first
	dropped  int      // went from before messages[0], and nobody was told yet
}

// batch is what one response holds: a notice if messages were dropped, then messages.
type batch struct {
	dropped  int
	messages []string
}

func newQueue(limit int) *queue {
	if limit <= 0 {
		limit = DefaultQueueLimit
	}
	return &queue{turn: make(chan struct{}, 1), limit: limit}
}

// push appends text; if the queue is full, the oldest message goes.
func (q *queue) push(text string) {
	q.messages = append(q.messages, text)
	q.trim()
}

// take removes the oldest messages, as many as fit into one response together
// with the notice of those that were dropped before them.
func (q *queue) take() batch {
	taken := batch{dropped: q.dropped}
	room := longestResponse - emptyResponse
	for _, notice := range taken.texts() {
		room -= textHeader + len(notice)
	}
	n := 0
	for n < len(q.messages) && textHeader+len(q.messages[n]) <= room {
		room -= textHeader + len(q.messages[n])
		n++
	}
	taken.messages = append(taken.messages, q.messages[:n]...)
	q.dropped = 0
	q.discard(n)
	return taken
}

// putBack returns what take removed to its old place. What came meanwhile is
// newer, so the limit is kept at the cost of what comes back. And if anything
// was dropped meanwhile, then the queue has been full ever since, and all of
// it goes: the one count of dropped always stands before messages[0].
func (q *queue) putBack(taken batch) {
	q.dropped += taken.dropped
	q.messages = append(taken.messages, q.messages...)
	q.trim()
}

// trim drops the oldest messages over the limit, and counts them.
func (q *queue) trim() {
	if over := len(q.messages) - q.limit; over > 0 {
		q.dropped += over
		q.discard(over)
	}
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
	if b.dropped == 0 {
		return b.messages
	}
	notice := "*** Your queue was full; oldest messages dropped: " + strconv.Itoa(b.dropped)
	return append([]string{notice}, b.messages...)
}
