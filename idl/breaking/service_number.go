package breaking

import "github.com/parley-rpc/parley/idl"

var serviceNumber = &Rule{
	ID:       "service-number",
	Category: Wire,
	Summary:  "a service has another number",
	Why: `The number is half of what stands for its methods on the wire: older callers ask for a service that is not there, or
for another.`,
	Old: `
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
service Lobby = 2 {
	0: Enter(guest string)
}
`,
}

func (c *comparison) serviceNumber(before, after *idl.Service) {
	c.report(serviceNumber, after, "", "service %q has number %d, and had %d", after.Name, after.Number, before.Number)
}
