package breaking

import "github.com/parley-rpc/parley/idl"

var constKind = &Rule{
	ID:       "const-kind",
	Category: Source,
	Summary:  "a const is of another kind",
	Why:      `Programs that use a number as one do not compile with a string in its place. Another value of the same kind is fine.`,
	Old: `
const MaxName = 20
`,
	New: `
const MaxName = "20"
`,
}

func (c *comparison) constKind(before, after *idl.Const) {
	if was, is := valueKind(before), valueKind(after); was != is {
		c.report(constKind, after, "give it another name", "const %q is %s, and was %s", after.Name, is, was)
	}
}

// valueKind returns what messages call a const's value.
func valueKind(d *idl.Const) string {
	switch d.Value.(type) {
	case string:
		return "a string"
	case bool:
		return "a bool"
	case float64:
		return "a float"
	}
	return "an integer"
}
