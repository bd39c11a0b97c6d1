package shiviz

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

const (
	// maxHosts is how many hosts a clock counts; those met later are left out of it.
	maxHosts = 4096
	// maxHost is how long the name of a host may be, in bytes.
	maxHost = 64
	// maxCarried is how much of a clock goes with a call, in bytes: metadata has room for 8 KiB, and
	// belongs to others too.
	maxCarried = 4 << 10
)

// A clock counts the events of each host that one host knows of.
type clock map[string]uint64

// take makes c know what other does, but for own, whose count is c's to say.
func (c clock) take(other clock, own string) {
	for host, n := range other {
		if host == own || n <= c[host] || c[host] == 0 && len(c) >= maxHosts {
			continue
		}
		c[host] = n
	}
}

// String returns the clock as ShiViz reads it, by name.
func (c clock) String() string {
	return string(c.append(nil, slices.Sorted(maps.Keys(c))))
}

// append appends the entries of hosts to b, as an object of JSON. Names were
// checked: they need no escapes.
func (c clock) append(b []byte, hosts []string) []byte {
	b = append(b, '{')
	for i, host := range hosts {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = strconv.AppendQuote(b, host)
		b = append(b, ':')
		b = strconv.AppendUint(b, c[host], 10)
	}
	return append(b, '}')
}

// carried returns the clock as it goes with a call: own's entry, and as many others as there is
// room for. Merge finds the rest in the logs.
func (c clock) carried(own string) string {
	hosts, size := []string{own}, len(own)+32
	for host := range c { // in no order, so that none is left out for ever
		if size += len(host) + 26; host != own && size <= maxCarried {
			hosts = append(hosts, host)
		}
	}
	return string(c.append(nil, hosts))
}

// parseClock returns the clock that text says, without entries that are none.
// It reports false if text is no clock.
func parseClock(text string) (clock, bool) {
	var c clock
	if json.Unmarshal([]byte(text), &c) != nil || c == nil {
		return nil, false
	}
	maps.DeleteFunc(c, func(host string, n uint64) bool { return n == 0 || host == "" || hostName(host) != host })
	return c, true
}

// hostName returns name as that of a host: without blanks, or what JSON would escape,
// of at most 64 bytes.
func hostName(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("._:@-", r)) {
			return r
		}
		return '_'
	}, name)
	return name[:min(len(name), maxHost)]
}
