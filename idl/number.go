package idl

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/parley-rpc/parley/idl/syntax"
)

// parseNumber returns the value of an integer literal; one that is negative or huge is math.MaxUint64, out of any range.
func parseNumber(lit *syntax.Literal) (n uint64, ok bool) {
	if lit.Kind != syntax.Int {
		return 0, false
	}
	n, err := strconv.ParseUint(lit.Text, 0, 64)
	if strings.HasPrefix(lit.Text, "-") || errors.Is(err, strconv.ErrRange) {
		return math.MaxUint64, true
	}
	return n, err == nil
}

// number returns the value of an integer literal, or 0 if it has reported that it is not between low and high.
func (s *source) number(lit *syntax.Literal, what string, low, high uint64) uint64 {
	n, ok := parseNumber(lit)
	if !ok {
		return 0
	}
	if n < low || n > high {
		s.report(lit, "", "%s %s is not from %d to %d", what, lit.Text, low, high)
		return 0
	}
	return n
}

// numbers are the numbers of one declaration's members: values of an enum, tags of a union, numbers of methods.
type numbers struct {
	source    *source
	what      string
	low, high uint64
	reserved  map[uint64]bool
	taken     map[uint64]*Common
}

func (s *source) numbers(what string, low, high uint64) *numbers {
	return &numbers{source: s, what: what, low: low, high: high, reserved: map[uint64]bool{}, taken: map[uint64]*Common{}}
}

// reserve takes the numbers of the reserved lines out of n and returns them.
func reserve[T uint8 | uint16](n *numbers, lines []*syntax.Reserved) []T {
	var all []T
	for _, line := range lines {
		for _, lit := range line.Numbers {
			v, ok := n.parse(lit)
			if !ok {
				continue
			}
			if n.reserved[v] {
				n.source.report(lit, "", "%s %d is reserved twice", n.what, v)
				continue
			}
			n.reserved[v] = true
			all = append(all, T(v))
		}
	}
	return all
}

// claim gives the number of lit to a member and returns it, or reports why the member cannot have it.
func (n *numbers) claim(lit *syntax.Literal, member *Common) uint64 {
	v, ok := n.parse(lit)
	if !ok {
		return 0
	}
	s := n.source
	first := n.taken[v]
	switch {
	case n.reserved[v]:
		s.report(lit, n.hintFree(v), "%s %d is reserved", n.what, v)
	case first != nil:
		s.report(lit, n.hintFree(v), "%s %d is that of %q too, on %s", n.what, v, first.Name, first.Place(s.File))
	default:
		n.taken[v] = member
	}
	return v
}

// parse returns the value of lit if it is in the range of n, and reports it if it is beyond.
func (n *numbers) parse(lit *syntax.Literal) (uint64, bool) {
	v, ok := parseNumber(lit)
	if !ok {
		return 0, false
	}
	if v < n.low || v > n.high {
		n.source.number(lit, n.what, n.low, n.high)
		return 0, false
	}
	return v, true
}

// hintFree names the first number from v on that nobody has had so far. It does not look far.
func (n *numbers) hintFree(v uint64) string {
	for last := min(n.high, v+math.MaxUint8); v <= last; v++ {
		if n.taken[v] == nil && !n.reserved[v] {
			return fmt.Sprintf("%d is free", v)
		}
	}
	return ""
}
