package breaking

import "github.com/parley-rpc/parley/idl"

var numberReused = &Rule{
	ID:       "number-reused",
	Category: Wire,
	Summary:  "a number, a tag or the place of a removed field is used again",
	Why: `Older programs take the new thing for the old one. It is the same thing under another name if it looks the same on
the wire; then the change is only renamed. Whatever stood behind reserved, or was called _, stays unused for ever.`,
	Old: `
service Lobby = 1 {
	reserved 1
	0: Enter(guest string)
}
`,
	New: `
service Lobby = 1 {
	0: Enter(guest string)
	1: Leave(guest string)
}
`,
}

// numberReused reports that after, of owner, has a number that was former's, or reserved if that is nil. A service has
// no owner.
func (c *comparison) numberReused(owner idl.Decl, after *numbered, former idl.Decl) {
	called, was := idl.Title(after.decl), "was reserved"
	if owner != nil {
		called = member(after.decl, owner)
	}
	if former != nil {
		was = "was that of " + idl.Title(former)
	}
	c.report(numberReused, after.decl, "choose a number that nothing had yet, and reserve this one",
		"%s has number %d, which %s", called, after.number, was)
}

// placeReused reports that a member stands where a removed one stood.
func (c *comparison) placeReused(l *fields, after *idl.Field) {
	c.report(numberReused, after, "call that one _ for ever, and put a new one at the end",
		"%s stands in the place of one that was removed", l.call(after))
}
