package breaking

import "github.com/parley-rpc/parley/idl"

var unionTag = &Rule{
	ID:       "union-tag",
	Category: Wire,
	Summary:  "a union case has another tag",
	Why:      `The tag tells one case from another: older programs read the value as another case, or do not know it.`,
	Old: `
union Event {
	1: said string
}
`,
	New: `
union Event {
	2: said string
}
`,
}

func (c *comparison) unionTag(union *idl.Union, l linked) {
	c.report(unionTag, l.after.decl, "", "%s has tag %d, and had %d", member(l.after.decl, union), l.after.number, l.before.number)
}
