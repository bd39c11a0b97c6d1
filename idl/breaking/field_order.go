package breaking

import "github.com/parley-rpc/parley/idl"

var fieldOrder = &Rule{
	ID:       "field-order",
	Category: Wire,
	Summary:  "a field, parameter or result stands in another place",
	Why: `They travel in the order in which they stand, without names. New ones are put at the end, which for parameters is
before a stream.`,
	Old: `
service Room = 1 {
	0: Say(user, line string)
}
`,
	New: `
service Room = 1 {
	0: Say(user, target, line string)
}
`,
}

func (c *comparison) fieldInserted(l *fields, after, behind *idl.Field) {
	next := "a removed one"
	if !behind.Removed() {
		next = "\"" + behind.Name + "\""
	}
	c.report(fieldOrder, after, "put it at the end", "%s was put in before %s", l.call(after), next)
}

func (c *comparison) fieldMoved(l *fields, after *idl.Field) {
	c.report(fieldOrder, after, "put it back", "%s stands in another place than before", l.call(after))
}
