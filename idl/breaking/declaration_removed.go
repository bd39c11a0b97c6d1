package breaking

import "github.com/parley-rpc/parley/idl"

var declarationRemoved = &Rule{
	ID:       "declaration-removed",
	Category: Source,
	Summary:  "a struct, an enum, a union or a const is gone",
	Why:      `Programs that use it do not compile. On the wire it was part of what mentioned it, which is reported for itself.`,
	Old: `
const MaxName = 20
`,
	New: `
const MaxLine = 200
`,
}

// reportGone reports the types and consts whose names are gone: as renamed those that fields use under another name.
func (c *comparison) reportGone() {
	for _, d := range c.gone {
		if heir := c.heir(d); heir != nil {
			c.renamed(d, heir, idl.Title(heir))
			c.bodies(d, heir)
		} else {
			c.report(declarationRemoved, d, "", "%s is gone", idl.Title(d))
		}
	}
}
