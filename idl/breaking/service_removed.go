package breaking

import "github.com/parley-rpc/parley/idl"

var serviceRemoved = &Rule{
	ID:       "service-removed",
	Category: Wire,
	Summary:  "a service is gone",
	Why:      `Callers get the error unimplemented. Mark it with @deprecated, and take it out once nobody calls it.`,
	Old: `
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
service Foyer = 2 {
	0: Enter(guest string)
}
`,
}

func (c *comparison) serviceRemoved(before *idl.Service) {
	c.report(serviceRemoved, before, `mark it with @deprecated("use …") until nobody calls it`,
		"service %q, number %d, is gone", before.Name, before.Number)
}
