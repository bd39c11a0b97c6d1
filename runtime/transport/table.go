package transport

// A table finds open calls by their numbers: slots, each with a chain that is one call
// long as long as numbers rise by 2. The session's lock guards it.
type table struct {
	slots []*call // a power of two of them, or none
	n     int
}

func (t *table) slot(number uint32) **call {
	return &t.slots[int(number>>1)&(len(t.slots)-1)]
}

// get returns the call of that number, or nil.
func (t *table) get(number uint32) *call {
	if t.n == 0 {
		return nil
	}
	c := *t.slot(number)
	for c != nil && c.number != number {
		c = c.next
	}
	return c
}

// put adds c under its number, which is not there yet.
func (t *table) put(c *call) {
	if t.n >= len(t.slots) {
		t.grow()
	}
	t.n++
	t.link(c)
}

func (t *table) link(c *call) {
	slot := t.slot(c.number)
	c.next, *slot = *slot, c
}

func (t *table) grow() {
	old := t.slots
	t.slots = make([]*call, max(8, 2*len(old)))
	for _, c := range old {
		for c != nil {
			next := c.next
			t.link(c)
			c = next
		}
	}
}

// remove takes c out; it is there.
func (t *table) remove(c *call) {
	at := t.slot(c.number)
	for *at != c {
		at = &(*at).next
	}
	*at, c.next = c.next, nil
	t.n--
}

// all yields every call. The one that is yielded may be removed.
func (t *table) all(yield func(*call) bool) {
	for _, c := range t.slots {
		for c != nil {
			next := c.next
			if !yield(c) {
				return
			}
			c = next
		}
	}
}
