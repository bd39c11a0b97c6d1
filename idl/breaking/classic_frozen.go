package breaking

import "github.com/parley-rpc/parley/idl"

var classicFrozen = &Rule{
	ID:       "classic-frozen",
	Category: Classic,
	Summary:  "a method of a @classic service has another parameter or result",
	Why:      `In a @classic service none may be missing, so older programs fail. Make a new method.`,
	Old: `
@classic
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
@classic
service Lobby = 1 {
	0: Enter(guest string, seats uint8)
}
`,
}

func (c *comparison) classicFrozen(l *fields, after *idl.Field) {
	c.report(classicFrozen, after, "make a new method", "%s is new, and its service @classic", l.call(after))
}
