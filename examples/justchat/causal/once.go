package causal

import (
	"container/list"
	"slices"
)

// What a Once remembers.
const (
	MaxClients = 100_000 // of more, those that were silent longest are forgotten
	maxSpans   = 64      // of a client; of more, the lowest gap is taken for seen
)

// A Once tells which messages are new, by client and number. Its zero value is ready; it
// serves one goroutine at a time.
//
// It remembers Max clients, and of each all numbers, as long as they leave fewer than
// 64 gaps: clients number without any, so a gap is a message that is on its way, lost, or refused.
type Once struct {
	Max int // set before the first See; zero stands for MaxClients

	clients map[string]*list.Element
	recent  list.List // of *client; the one that was silent longest is at the front
}

type client struct {
	id    string
	spans []span // of numbers seen, rising, with gaps between them
}

// A span is the numbers from first to last.
type span struct{ first, last uint64 }

// See reports whether the message had not been seen. Client is not kept.
func (o *Once) See(id []byte, number uint64) (first bool) {
	if e := o.clients[string(id)]; e != nil {
		o.recent.MoveToBack(e)
		return e.Value.(*client).see(number)
	}
	if o.clients == nil {
		o.clients = make(map[string]*list.Element)
		if o.Max == 0 {
			o.Max = MaxClients
		}
	}
	if len(o.clients) >= o.Max {
		silent := o.recent.Remove(o.recent.Front()).(*client)
		delete(o.clients, silent.id)
	}
	c := &client{id: string(id), spans: []span{{number, number}}}
	o.clients[c.id] = o.recent.PushBack(c)
	return true
}

// Forget has the next See of the message be the first.
func (o *Once) Forget(id []byte, number uint64) {
	e := o.clients[string(id)]
	if e == nil {
		return
	}
	c := e.Value.(*client)
	at := c.search(number)
	if at == len(c.spans) || c.spans[at].first > number {
		return
	}
	whole := c.spans[at]
	c.spans = slices.Delete(c.spans, at, at+1)
	if number < whole.last {
		c.spans = slices.Insert(c.spans, at, span{number + 1, whole.last})
	}
	if whole.first < number {
		c.spans = slices.Insert(c.spans, at, span{whole.first, number - 1})
	}
	if len(c.spans) == 0 {
		o.recent.Remove(e)
		delete(o.clients, c.id)
	}
}

// Clone returns one that has seen the same.
func (o *Once) Clone() *Once {
	clone := &Once{Max: o.Max, clients: make(map[string]*list.Element, len(o.clients))}
	if clone.Max == 0 {
		clone.Max = MaxClients
	}
	for e := o.recent.Front(); e != nil; e = e.Next() {
		c := e.Value.(*client)
		clone.clients[c.id] = clone.recent.PushBack(&client{c.id, slices.Clone(c.spans)})
	}
	return clone
}

// Seen reports what See would not: whether the message has been seen.
func (o *Once) Seen(id []byte, number uint64) bool {
	e := o.clients[string(id)]
	if e == nil {
		return false
	}
	c := e.Value.(*client)
	at := c.search(number)
	return at < len(c.spans) && c.spans[at].first <= number
}

// Highest returns the highest number seen of a client, 0 for none.
func (o *Once) Highest(id []byte) uint64 {
	e := o.clients[string(id)]
	if e == nil {
		return 0
	}
	spans := e.Value.(*client).spans
	return spans[len(spans)-1].last
}

// search returns the index of the first span that does not end before number.
func (c *client) search(number uint64) int {
	at, _ := slices.BinarySearchFunc(c.spans, number, func(s span, number uint64) int {
		if s.last < number {
			return -1
		}
		return 1
	})
	return at
}

func (c *client) see(number uint64) (first bool) {
	at := c.search(number)
	if at < len(c.spans) && c.spans[at].first <= number {
		return false
	}
	c.spans = slices.Insert(c.spans, at, span{number, number})
	c.join(at)
	c.join(at - 1)
	if len(c.spans) > maxSpans {
		c.spans[1].first = c.spans[0].first
		c.spans = slices.Delete(c.spans, 0, 1)
	}
	return true
}

// join makes one of the span and the next, if there is no gap between them.
func (c *client) join(at int) {
	if at < 0 || at+1 >= len(c.spans) || c.spans[at].last+1 != c.spans[at+1].first {
		return
	}
	c.spans[at].last = c.spans[at+1].last
	c.spans = slices.Delete(c.spans, at+1, at+2)
}
