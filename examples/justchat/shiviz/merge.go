package shiviz

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Merge joins logs into one that ShiViz reads with its default expression, causes
// before effects. A log may hold several hosts, and a host may stand in one log only.
//
// Where a log is incomplete, what is left stays usable: an event whose lines were torn
// is left out; a clock that knows of events that no log has, because their process was killed
// before it wrote them, or kept no log, is brought back to those there are, and names no
// host without events. What a call's clock had no room for is filled in.
//
// It fails, before it writes anything, if a log has lines and no event, if the counts of a host do not
// rise by 1 from 1, or if events come after each other in a circle.
func Merge(w io.Writer, logs ...io.Reader) error {
	m := merger{hosts: make(map[string]*history)}
	for i, log := range logs {
		if err := m.read(log); err != nil {
			return fmt.Errorf("log %d: %w", i+1, err)
		}
	}
	order, err := m.sort()
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for _, e := range order {
		fmt.Fprintf(out, "%s\n%s %s\n", e.text, e.host, e.clock)
	}
	return out.Flush()
}

// An event is what two lines of a log say.
type event struct {
	text, host string
	clock      clock
}

// A history is the events of a host, in order.
type history struct {
	name   string
	events []event
	placed int        // how many are in the merged order
	wait   []*history // those whose next event needs one more of this host's
}

type merger struct {
	hosts map[string]*history
}

// read adds the events of a log.
func (m *merger) read(log io.Reader) error {
	in := bufio.NewReader(log)
	var text string
	begun := false // text is the first line of an event
	lines, events := 0, 0
	for {
		second, err := in.ReadString('\n')
		if err == io.EOF { // what is left is torn
			if lines > 1 && events == 0 {
				return errors.New("there are lines, but no events in it; is it one that a node wrote with -shiviz?")
			}
			return nil
		}
		if err != nil {
			return err
		}
		second = strings.TrimRight(second, "\r\n")
		lines++
		host, c, ok := parseLine(second)
		if !begun || !ok {
			text, begun = second, true // it is a first one, also after a torn event
			continue
		}
		if err := m.add(event{line(text), host, c}); err != nil {
			return err
		}
		begun = false
		events++
	}
}

// parseLine returns what the second line of an event says.
func parseLine(line string) (host string, c clock, ok bool) {
	host, text, _ := strings.Cut(line, " ")
	c, ok = parseClock(text)
	return host, c, ok && c[host] > 0
}

func (m *merger) add(e event) error {
	h := m.hosts[e.host]
	if h == nil {
		h = &history{name: e.host}
		m.hosts[e.host] = h
	}
	if n := uint64(len(h.events)) + 1; e.clock[e.host] != n {
		return fmt.Errorf("event %d of host %s (%q) stands where event %d should; is a log missing, or there twice?", e.clock[e.host], e.host, e.text, n)
	}
	h.events = append(h.events, e)
	return nil
}

// sort returns all events, each after those that its clock knows of, with clocks
// that know of no others.
func (m *merger) sort() ([]event, error) {
	var order []event
	ready := slices.SortedFunc(maps.Values(m.hosts), func(a, b *history) int { return strings.Compare(a.name, b.name) })
	for len(ready) > 0 {
		h := ready[0]
		ready = ready[1:]
		for h.placed < len(h.events) {
			e := &h.events[h.placed]
			if cause := m.missing(e); cause != nil {
				cause.wait = append(cause.wait, h)
				break
			}
			m.complete(e)
			h.placed++
			order = append(order, *e)
			ready = append(ready, h.wait...)
			h.wait = nil
		}
	}
	for _, h := range m.hosts {
		if h.placed < len(h.events) {
			return nil, fmt.Errorf("event %d of host %s (%q) comes after itself, by way of other hosts; the logs are not of one run, or a clock is forged",
				h.placed+1, h.name, h.events[h.placed].text)
		}
	}
	return order, nil
}

// missing brings e's clock back to what the logs have, and returns a host of which an
// event has to be placed before e, or nil.
func (m *merger) missing(e *event) *history {
	for host, n := range e.clock {
		h := m.hosts[host]
		switch {
		case h == nil:
			delete(e.clock, host)
		case h.name == e.host:
		case n > uint64(len(h.events)):
			e.clock[host] = uint64(len(h.events))
			fallthrough
		default:
			if uint64(h.placed) < e.clock[host] {
				return h
			}
		}
	}
	return nil
}

// complete fills in what e knows by way of the events that it knows of.
func (m *merger) complete(e *event) {
	for host, n := range maps.Clone(e.clock) {
		if host == e.host {
			n--
		}
		if n > 0 {
			e.clock.take(m.hosts[host].events[n-1].clock, e.host)
		}
	}
}
