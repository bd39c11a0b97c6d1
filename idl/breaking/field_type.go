package breaking

import "github.com/parley-rpc/parley/idl"

var fieldType = &Rule{
	ID:       "field-type",
	Category: Wire,
	Summary:  "a field, parameter, result or case has another type",
	Why: `Older programs read and write other bytes there: ?T is another type than T, uint64 another than uint32. Put a new
field at the end and call the old one _, or make a new method. A type that only has another name is only renamed.`,
	Old: `
struct Line {
	text string
	size uint32
}
`,
	New: `
struct Line {
	text string
	size uint64
}
`,
}

func (c *comparison) fieldType(kind string, owner idl.Decl, before, after typed) {
	hint := instead(owner, "this one")
	if after.Base().Name == "_" {
		hint = "leave it its type"
	}
	c.report(fieldType, after, hint, "%s %q of %s has type %s, and had %s",
		kind, after.Base().Name, idl.Title(owner), written(after), written(before))
}

// fieldReplaced reports a member of another name and type in the place of before.
func (c *comparison) fieldReplaced(l *fields, before, after *idl.Field) {
	b, a := written(typed{before, before.Type}), written(typed{after, after.Type})
	if after.Removed() {
		c.report(fieldType, after, "leave it its type", "the removed %s %q of %s has type %s, and had %s", l.what, before.Name, idl.Title(l.owner), a, b)
		return
	}
	c.report(fieldType, after, instead(l.owner, "the old one"), "%s is %s, where %q was %s", l.call(after), a, before.Name, b)
}

// written returns the type of f as its file has it.
func written(f typed) string { return f.t.In(f.Base().File.Package) }

// instead returns what to do where a member of owner should have another type.
func instead(owner idl.Decl, old string) string {
	switch idl.Word(owner) {
	case "union":
		return "make a new case, and keep the old one or reserve its tag"
	case "method":
		return "make a new method"
	}
	return "put a new field at the end, and call " + old + " _"
}
