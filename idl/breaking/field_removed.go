package breaking

import "github.com/parley-rpc/parley/idl"

var fieldRemoved = &Rule{
	ID:       "field-removed",
	Category: Wire,
	Summary:  "a field, parameter or result is gone",
	Why: `All behind it move up, or the next one that is put at the end takes its place. A field that is called _ keeps its place;
parameters and results stay.`,
	Old: `
struct Line {
	text string
	size uint32
}
`,
	New: `
struct Line {
	text string
}
`,
}

func (c *comparison) fieldRemoved(l *fields, before *idl.Field) {
	hint := "call it _"
	switch {
	case before.Removed():
		hint = "keep it"
	case l.what != "field":
		hint = "keep it, or make a new method"
	}
	c.report(fieldRemoved, before, hint, "%s is gone", l.call(before))
}
