package breaking

import "github.com/parley-rpc/parley/idl"

var methodRemoved = &Rule{
	ID:       "method-removed",
	Category: Wire,
	Summary:  "a method is gone",
	Why: `Callers get the error unimplemented. Mark it with @deprecated; once nobody calls it take it out, and reserve its
number.`,
	Old: `
service Lobby = 1 {
	0: Enter(guest string)
	1: Leave(guest string)
}
`,
	New: `
service Lobby = 1 {
	reserved 1
	0: Enter(guest string)
}
`,
}

func (c *comparison) methodRemoved(before *idl.Method) {
	c.report(methodRemoved, before, `mark it with @deprecated("use …") until nobody calls it`,
		"method %q, number %d of service %q, is gone", before.Name, before.Number, before.Service.Name)
}
