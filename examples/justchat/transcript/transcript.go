// Package transcript checks what a room has promised, from what its clients saw:
// that no acknowledged message was lost or shown twice, that each sender's
// messages kept their order, that nothing was shown before what it answers, and
// that all servers tell the same history.
//
// A message is known by its sender and a number that the sender gives it, from 1
// on, in the order of sending. Each client of a run is one [Transcript].
package transcript

import (
	"fmt"
	"maps"
	"slices"
)

// An ID is one message.
type ID struct {
	User   string
	Number uint64
}

func (id ID) String() string { return fmt.Sprintf("%s %d", id.User, id.Number) }

// A Transcript is what one client did and saw. A client that began with the room, and
// saw all of it, is Whole; another is not asked for what it did not see.
type Transcript struct {
	User  string
	Whole bool
	Sent  []Sent
	Shown []Shown
}

// Sent is a message that the client sent.
type Sent struct {
	Number uint64
	Acked  bool
	// Seen is, by user, the highest number that the client had been shown when it sent this.
	Seen map[string]uint64
}

// Shown is a message that the client was shown. Late ones are marked on the screen: they come after
// what they should have come before.
type Shown struct {
	ID
	Late bool
}

// A History is what one server tells, in order.
type History struct {
	Server   string
	Messages []ID
}

// Check returns a line for each promise that was broken, at most limit.
func Check(transcripts []Transcript, histories []History, limit int) []string {
	c := &checker{limit: limit, sent: make(map[ID]Sent)}
	for _, t := range transcripts {
		for _, s := range t.Sent {
			c.sent[ID{t.User, s.Number}] = s
		}
	}
	for _, t := range transcripts {
		c.shown(t)
	}
	for _, h := range histories {
		c.history(h, histories[0])
	}
	return c.faults
}

type checker struct {
	limit  int
	sent   map[ID]Sent
	faults []string
}

func (c *checker) fault(format string, a ...any) {
	if len(c.faults) < c.limit {
		c.faults = append(c.faults, fmt.Sprintf(format, a...))
	}
}

// shown checks what one client was shown.
func (c *checker) shown(t Transcript) {
	seen := make(map[ID]bool)
	highest := make(map[string]uint64)
	for at, s := range t.Shown {
		sent, known := c.sent[s.ID]
		switch {
		case !known:
			c.fault("%s was shown %v, which nobody sent", t.User, s.ID)
		case seen[s.ID]:
			c.fault("%s was shown %v twice, the second time at %d", t.User, s.ID, at)
		case s.Number < highest[s.User] && !s.Late:
			c.fault("%s was shown %v after %s %d, at %d", t.User, s.ID, s.User, highest[s.User], at)
		}
		if t.Whole && !s.Late {
			for _, user := range slices.Sorted(maps.Keys(sent.Seen)) {
				if n := sent.Seen[user]; n > highest[user] {
					c.fault("%s was shown %v, at %d, before %s %d, which its sender had seen", t.User, s.ID, at, user, n)
				}
			}
		}
		seen[s.ID] = true
		highest[s.User] = max(highest[s.User], s.Number)
	}
	if t.Whole {
		c.complete(seen, "%s was never shown %v, which was acknowledged", t.User)
	}
}

// history checks what one server tells.
func (c *checker) history(h, first History) {
	seen := make(map[ID]bool)
	for _, id := range h.Messages {
		if seen[id] {
			c.fault("the history of %s has %v twice", h.Server, id)
		}
		seen[id] = true
	}
	c.complete(seen, "the history of %s lacks %v, which was acknowledged", h.Server)
	for i := range max(len(h.Messages), len(first.Messages)) {
		if i >= len(h.Messages) || i >= len(first.Messages) || h.Messages[i] != first.Messages[i] {
			c.fault("the histories of %s and %s, of %d and %d messages, differ from message %d on",
				h.Server, first.Server, len(h.Messages), len(first.Messages), i)
			return
		}
	}
}

// complete checks that all acknowledged messages are there.
func (c *checker) complete(seen map[ID]bool, format, who string) {
	for _, id := range slices.SortedFunc(maps.Keys(c.sent), func(a, b ID) int {
		return slices.Compare([]string{a.User, fmt.Sprintf("%020d", a.Number)}, []string{b.User, fmt.Sprintf("%020d", b.Number)})
	}) {
		if c.sent[id].Acked && !seen[id] {
			c.fault(format, who, id)
		}
	}
}
