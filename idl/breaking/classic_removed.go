package breaking

import "github.com/parley-rpc/parley/idl"

var classicRemoved = &Rule{
	ID:       "classic-removed",
	Category: Classic,
	Summary:  "a service is not @classic any more",
	Why:      `Callers in the classic form get no answer, and the functions of that form are gone from the generated Go.`,
	Old: `
@classic
service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
service Lobby = 1 {
	0: Enter(guest string)
}
`,
}

func (c *comparison) classicRemoved(after *idl.Service) {
	c.report(classicRemoved, after, "put @classic back", "service %q is not @classic any more", after.Name)
}
