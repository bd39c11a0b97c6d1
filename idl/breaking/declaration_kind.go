package breaking

import "github.com/parley-rpc/parley/idl"

var declarationKind = &Rule{
	ID:       "declaration-kind",
	Category: Wire,
	Summary:  "a type is of another kind",
	Why:      `A struct, an enum and a union look different on the wire.`,
	Old: `
enum Mood {
	Unknown = 0
	Happy = 1
}
`,
	New: `
struct Mood {
	happy bool
}
`,
}

func (c *comparison) declarationKind(before, after idl.Decl) {
	c.report(declarationKind, after, "give it another name", "%s was %s", idl.Title(after), idl.WithArticle(idl.Word(before)))
}
