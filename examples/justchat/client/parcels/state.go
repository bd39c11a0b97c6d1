package parcels

import (
	"time"
)

// An Offer is a file that somebody would give us, and that waits for the person's answer.
type Offer struct {
	ID      uint64 // what Accept and Decline take; offers and transfers of a client are numbered together, from 1
	From    string
	Private bool // it is for this user alone
	Name    string
	Size    int64
	Sent    time.Time // by the sender's clock
}

// A Transfer is a file on its way, from us or to us, and how far it is.
type Transfer struct {
	ID      uint64 // what Cancel takes; that of the offer, if there was one
	Name    string
	With    string // the other user; empty for the room
	Sending bool
	Public  bool
	State   State
	Size    int64
	Done    int64         // bytes that have arrived; while it is Hashing, that are read
	Rate    int64         // bytes a second of late
	Left    time.Duration // until it is done at that rate; below zero is unknown
	Copies  int           // servers that hold it, of a public file that was shared
	Path    string        // where the file is, once it was received
	Err     error         // why it was Declined, Cancelled or is Broken
}

// A State is how a transfer is, see the package's drawing.
type State int

// The states.
const (
	Hashing   State = iota // the file is read for the first time, for its SHA-256
	Asking                 // the other user is asked
	Moving                 // bytes travel
	Waiting                // for a server, for the other user, or for one of Limits.Transfers to end
	Finished               // the file is there, whole and checked
	Declined               // the other user does not want it
	Cancelled              // by either side
	Broken                 // Err says why
)

// Ended reports whether nothing more becomes of it.
func (s State) Ended() bool { return s >= Finished }

// String returns the state in a word.
func (s State) String() string {
	return [...]string{"hashing", "asking", "moving", "waiting", "finished", "declined", "cancelled", "broken"}[s]
}

// News is what a person is to be told: an *[Offered], an *[OfferEnded] or a *[Transfer].
type News interface{ news() }

// Offered says that a file is offered.
type Offered struct{ Offer }

// OfferEnded says that an offer needs no answer any more.
type OfferEnded struct {
	Offer
	Reason string // in a few words, for the person; empty if she answered it
}

func (*Offered) news()    {}
func (*OfferEnded) news() {}
func (*Transfer) news()   {}

// How a rate is measured.
const (
	beatTime = 250 * time.Millisecond // between two measurements, and two events of a transfer
	window   = 16                     // measurements; so a rate is that of the last four seconds
)

// A meter measures how fast bytes come, over a sliding window. The zero value is ready.
type meter struct{ samples []sample }

type sample struct {
	at   time.Time
	done int64
}

// add notes how many bytes there are now.
func (m *meter) add(now time.Time, done int64) {
	if len(m.samples) == window {
		m.samples = append(m.samples[:0], m.samples[1:]...)
	}
	m.samples = append(m.samples, sample{now, done})
}

// rate returns how many bytes a second came within the window.
func (m *meter) rate() int64 {
	if len(m.samples) < 2 {
		return 0
	}
	first, last := m.samples[0], m.samples[len(m.samples)-1]
	seconds := last.at.Sub(first.at).Seconds()
	if seconds <= 0 || last.done <= first.done {
		return 0
	}
	return int64(float64(last.done-first.done) / seconds)
}

// left returns how long size bytes take to be there at that rate, or -1.
func (m *meter) left(size int64) time.Duration {
	rate := m.rate()
	if rate == 0 {
		return -1
	}
	seconds := float64(size-m.samples[len(m.samples)-1].done) / float64(rate)
	if seconds > maxLeft.Seconds() {
		return -1
	}
	return time.Duration(seconds * float64(time.Second))
}

// maxLeft is what nobody waits for.
const maxLeft = 365 * 24 * time.Hour
