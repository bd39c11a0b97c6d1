package breaking

import "github.com/parley-rpc/parley/idl"

var packageRemoved = &Rule{
	ID:       "package-removed",
	Category: Wire,
	Summary:  "a package with services or errors is gone",
	Why: `Callers of its services get no answer, and its errors arrive under names that nobody knows. A package that was only
moved is another one: its path is part of those names. Of a package that only had types each is reported instead.`,
	Old: `
package lobby

service Lobby = 1 {
	0: Enter(guest string)
}
`,
	New: `
package foyer

service Lobby = 1 {
	0: Enter(guest string)
}
`,
}

// packageRemoved reports that after has no package of before's path, at the clause of before's first file.
func (c *comparison) packageRemoved(before *idl.Package) {
	named := false
	for d := range before.Decls() {
		named = named || idl.Word(d) == "service" || idl.Word(d) == "error"
	}
	if !named {
		for d := range before.Decls() {
			c.gone = append(c.gone, d)
		}
		return
	}
	file := before.Files[0]
	clause := &idl.Common{Name: before.Name, File: file, Pos: file.Syntax.Ident.Pos()}
	c.report(packageRemoved, clause, "keep it, at this path", "package %q is gone", before.Path)
}
