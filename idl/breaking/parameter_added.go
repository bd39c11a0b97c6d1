package breaking

import "github.com/parley-rpc/parley/idl"

var parameterAdded = &Rule{
	ID:       "parameter-added",
	Category: Source,
	Summary:  "a parameter or result is new, at the end",
	Why: `Whatever implements the interface or calls the method has to follow. On the wire an older program sends none, which
reads as zero, and skips one that it does not know.`,
	Old: `
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
service Lobby = 1 {
	0: Enter(guest string, seats uint8)
}
`,
}

func (c *comparison) parameterAdded(l *fields, after *idl.Field) {
	c.report(parameterAdded, after, "", "%s is new: implementers and callers have to follow", l.call(after))
}
