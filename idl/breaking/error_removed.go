package breaking

import "github.com/parley-rpc/parley/idl"

var errorRemoved = &Rule{
	ID:       "error-removed",
	Category: Wire,
	Summary:  "an error is gone, or has another name",
	Why: `An error travels under its name: older programs look for that one, and take the new one for an error that they do not
know.`,
	Old: `
@code(not_found)
error NotFound "there is nobody"
`,
	New: `
@code(not_found)
error Nobody "there is nobody"
`,
}

func (c *comparison) errorRemoved(before *idl.Error) {
	c.report(errorRemoved, before, "keep it, and its name", "error %q is gone", before.Name)
}
