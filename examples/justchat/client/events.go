package client

import (
	"time"

	"github.com/parley-rpc/parley/examples/justchat/client/parcels"
	"github.com/parley-rpc/parley/generated/justchat"
)

// An Event is what happens to a client: a *[Message], an *[Acknowledged], a *[Safe], a *[Failed], a
// *[State], an *[Offered], an *[OfferEnded] or a *[Transfer].
type Event interface{ event() }

// A Message is what somebody said. It is certain that From said it. Texts have lost what could drive a
// terminal; lines in them end with \n.
type Message struct {
	From    string
	Text    string
	Own     bool // this client process said it
	Private bool // it is for this user alone
	Late    bool // it comes after what it should have come before
	Gap     bool // messages before it are older than the servers keep
	Client  []byte
	Number  uint64
	Sent    time.Time        // by the sender's clock
	Record  *justchat.Record // nil for a private one; its texts are as they came
}

// Acknowledged says that a message of ours has arrived: one to all in the room, on so many servers' disks; one
// to somebody on that one's screen.
type Acknowledged struct {
	To      string // empty for all
	Number  uint64
	Text    string
	Copies  int  // of a message to all
	Relayed bool // a private one went through servers
}

// Safe says that our messages to all up to a number that were acknowledged with one copy have two now.
type Safe struct{ Number uint64 }

// Failed says that a message of ours was not taken, and will not be tried again.
type Failed struct {
	To     string // empty for all
	Number uint64
	Text   string
	Err    error
}

// A State says how the client is connected from now on.
type State struct {
	Kind         StateKind
	Name         string // the user's, as it was signed up
	LoadBalancer string // that let us in last
	Server       string // where we are, if it is Connected
	Reason       string // in a few words, for a person; may be empty
	Copies       int    // on how many disks what is said now will be, if it is Connected
}

// A StateKind is what has changed.
type StateKind int

const (
	Joined         StateKind = iota // a load balancer has let us in, at first or again
	Connected                       // a server has welcomed us
	NoServer                        // there is no server; we go on by ourselves once there is
	NoLoadBalancer                  // there is no load balancer; chat goes on if there is a server
	Held                            // the server takes nothing now; what is said waits
	CopiesChanged                   // messages are on one disk only, or on two again
)

func (*Message) event()      {}
func (*Acknowledged) event() {}
func (*Safe) event()         {}
func (*Failed) event()       {}
func (*State) event()        {}

// A pump hands events to Config.Events, in a goroutine that lives as long as there are any. The client's mu
// guards it.
type pump struct {
	queue   []pumped
	pumping bool
	copies  int // the last that a State said
}

// pumped is an event, or the wish to know that those before it were handed over.
type pumped struct {
	event Event
	take  func() parcels.News // what is said of a file, if anything, and what to call then
	told  func()
	done  chan struct{}
}

// say queues events. What it queues is bounded: messages wait for their turn, see shown; those of ours by
// Limits.Queue; of several states in a row the last counts; of each file one waits, see parcels. c.mu is held.
func (c *Client) say(events ...Event) {
	for _, e := range events {
		q := c.pump.queue
		if s, ok := e.(*State); ok && len(q) > maxStates {
			if last, ok := q[len(q)-1].event.(*State); ok {
				*last = *s
				continue
			}
		}
		c.push(pumped{event: e})
	}
}

// push queues what the pump is to do. c.mu is held.
func (c *Client) push(p pumped) {
	c.pump.queue = append(c.pump.queue, p)
	if !c.pump.pumping {
		c.pump.pumping = true
		c.start(c.hand)
	}
}

// maxStates is how many events may wait before states replace each other.
const maxStates = 100

// shown queues events and returns a channel that is closed once they, and all before them, were handed
// over. c.mu is held.
func (c *Client) shown(events ...Event) <-chan struct{} {
	done := make(chan struct{})
	c.say(events...)
	if !c.pump.pumping {
		close(done)
		return done
	}
	c.pump.queue = append(c.pump.queue, pumped{done: done})
	return done
}

// hand is the pump's goroutine.
func (c *Client) hand() {
	for {
		c.mu.Lock()
		queue := c.pump.queue
		c.pump.queue = nil
		if len(queue) == 0 {
			c.pump.pumping = false
			c.mu.Unlock()
			return
		}
		c.mu.Unlock()
		for _, p := range queue {
			switch {
			case p.event != nil:
				c.Events(p.event)
			case p.done != nil:
				close(p.done)
			default:
				if e := eventOf(p.take()); e != nil {
					c.Events(e)
				}
				p.told()
			}
		}
	}
}

// sayState says how things are now. c.mu is held.
func (c *Client) sayState(kind StateKind, reason string) {
	s := &State{Kind: kind, Name: c.name, LoadBalancer: "", Reason: reason, Copies: c.pump.copies}
	if c.balancer != nil {
		s.LoadBalancer = c.balancer.name
	}
	if c.current != nil {
		s.Server = c.current.order.Name
	}
	c.say(s)
}

// sayCopies notes on how many disks our messages are, and says so if that is new. c.mu is held.
func (c *Client) sayCopies(copies int) {
	if old := c.pump.copies; old != copies {
		c.pump.copies = copies
		if old != 0 {
			c.sayState(CopiesChanged, "")
		}
	}
}
