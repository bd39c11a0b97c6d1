package breaking

import "github.com/parley-rpc/parley/idl"

var methodNumber = &Rule{
	ID:       "method-number",
	Category: Wire,
	Summary:  "a method has another number",
	Why:      `The number stands for the method on the wire: older callers get the error unimplemented, or another method.`,
	Old: `
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
service Lobby = 1 {
	1: Enter(guest string)
}
`,
}

func (c *comparison) methodNumber(before, after *idl.Method) {
	c.report(methodNumber, after, "", "method %q of service %q has number %d, and had %d", after.Name, after.Service.Name, after.Number, before.Number)
}
