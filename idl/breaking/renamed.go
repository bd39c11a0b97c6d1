package breaking

import "github.com/parley-rpc/parley/idl"

var renamed = &Rule{
	ID:       "renamed",
	Category: Source,
	Summary:  "something has another name",
	Why: `Programs that use the old name do not compile, or, for parameters and in JSON, do not find it. On the wire there are no
names, but those of errors.`,
	Old: `
struct Line {
	text string
}
`,
	New: `
struct Line {
	body string
}
`,
}

// renamed reports that before is after now, which messages call so.
func (c *comparison) renamed(before, after idl.Decl, called string) {
	c.report(renamed, after, "", "%s was called %q", called, oldName(before, after))
}

// oldName returns the name of before, with the package if that is another than after's.
func oldName(before, after idl.Decl) string {
	if before.Base().File.Package.Path != after.Base().File.Package.Path {
		return before.Base().FullName()
	}
	return before.Base().Name
}

// typeReplaced reports that a member has a type of another name that looks the same on the wire.
func (c *comparison) typeReplaced(kind string, owner idl.Decl, before, after typed) {
	c.report(renamed, after, "", "%s %q of %s has type %s, and had %s, which is the same on the wire",
		kind, after.Base().Name, idl.Title(owner), written(after), written(before))
}
