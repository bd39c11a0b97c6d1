package breaking

import "github.com/parley-rpc/parley/idl"

var enumNumber = &Rule{
	ID:       "enum-number",
	Category: Wire,
	Summary:  "an enum value has another number",
	Why:      `The number is what travels: older programs take it for another value, or for none.`,
	Old: `
enum Mood {
	Unknown = 0
	Happy = 1
}
`,
	New: `
enum Mood {
	Unknown = 0
	Happy = 2
}
`,
}

func (c *comparison) enumNumber(enum *idl.Enum, l linked) {
	c.report(enumNumber, l.after.decl, "", "%s is %d, and was %d", member(l.after.decl, enum), l.after.number, l.before.number)
}
