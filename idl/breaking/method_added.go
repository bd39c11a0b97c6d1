package breaking

import "github.com/parley-rpc/parley/idl"

var methodAdded = &Rule{
	ID:       "method-added",
	Category: Source,
	Summary:  "a method is new",
	Why:      `Whatever implements the interface has to gain the method. Callers need nothing.`,
	Old: `
service Lobby = 1 {
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

func (c *comparison) methodAdded(after *idl.Method) {
	c.report(methodAdded, after, "", "method %q of service %q is new: what implements %s needs it", after.Name, after.Service.Name, after.Service.Name)
}
