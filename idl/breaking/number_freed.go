package breaking

import (
	"fmt"
	"maps"
	"slices"

	"github.com/parley-rpc/parley/idl"
)

var numberFreed = &Rule{
	ID:       "number-freed",
	Category: Wire,
	Summary:  "a value or a case is gone, and its number not reserved, or a number is reserved no more",
	Why:      `Somebody will use the number again, and older programs then take the new thing for the old one.`,
	Old: `
enum Mood {
	Unknown = 0
	Happy = 1
}
`,
	New: `
enum Mood {
	Unknown = 0
}
`,
}

// memberRemoved reports that a value or case of before is gone, and whether nobody can use its number.
func (c *comparison) memberRemoved(before idl.Decl, gone *numbered, kept bool) {
	if kept {
		c.valueRemoved(before, gone)
		return
	}
	c.report(numberFreed, gone.decl, fmt.Sprintf("write in %s: reserved %d", idl.Title(before), gone.number),
		"%s is gone, and its number %d not reserved", member(gone.decl, before), gone.number)
}

// unreserved reports the numbers that owner, as it is now, neither reserves any more nor uses.
func (c *comparison) unreserved(owner idl.Decl, before, after map[uint16]bool, members []numbered) {
	used := newIndex(members).byNumber
	for _, n := range slices.Sorted(maps.Keys(before)) {
		if !after[n] && used[n] == nil {
			c.report(numberFreed, owner, fmt.Sprintf("write in it: reserved %d", n), "%s does not reserve %d any more", idl.Title(owner), n)
		}
	}
}
