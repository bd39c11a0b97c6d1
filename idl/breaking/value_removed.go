package breaking

import "github.com/parley-rpc/parley/idl"

var valueRemoved = &Rule{
	ID:       "value-removed",
	Category: Source,
	Summary:  "a value or a case is gone, and its number reserved",
	Why: `Programs that name it do not compile. Older programs that send it are met as those of the future are: the number
is kept, the case is an unknown one.`,
	Old: `
enum Mood {
	Unknown = 0
	Happy = 1
}
`,
	New: `
enum Mood {
	reserved 1
	Unknown = 0
}
`,
}

func (c *comparison) valueRemoved(before idl.Decl, gone *numbered) {
	c.report(valueRemoved, gone.decl, "", "%s is gone", member(gone.decl, before))
}
