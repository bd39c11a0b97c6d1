package lint

import "github.com/parley-rpc/parley/idl"

var unused = &Rule{
	ID:      "unused",
	Summary: "types are used and errors are thrown",
	Why: `A struct, enum or union that nothing mentions never travels, and of an error that no method throws callers do not
know that they should expect it. A package without services is left alone, since it is there for others; so is what
is deprecated. Uses in packages that were not loaded are not seen: name ./... to have them all.`,
	Bad: `
// Banned says that the user may not enter.
@code(permission_denied)
error Banned "{name} is banned" {
	name string
}

// Door lets users in.
service Door = 1 {
	// Enter lets a user in. It fails with Banned.
	0: Enter(name string)
}
`,
	Good: `
// Banned says that the user may not enter.
@code(permission_denied)
error Banned "{name} is banned" {
	name string
}

// Door lets users in.
service Door = 1 {
	// Enter lets a user in.
	0: Enter(name string) throws Banned
}
`,
	check: checkUnused,
}

func checkUnused(p *pass) {
	serves := false
	for d := range p.pkg.Decls() {
		_, ok := d.(*idl.Service)
		serves = serves || ok
	}
	if !serves {
		return
	}
	used := uses(p.schema)
	for d := range p.pkg.Decls() {
		if used[d] || d.Base().Deprecated != "" {
			continue
		}
		switch d.(type) {
		case *idl.Struct, *idl.Enum, *idl.Union:
			p.report(d, "remove it, or silence the rule if it is to come", "nothing uses %s", idl.Title(d))
		case *idl.Error:
			p.report(d, "name it behind throws where it may come", "no method throws %s", idl.Title(d))
		}
	}
}

// uses returns what is mentioned by another declaration of schema, or thrown.
func uses(schema *idl.Schema) map[idl.Decl]bool {
	used := map[idl.Decl]bool{}
	for _, pkg := range schema.Packages {
		for d := range pkg.Decls() {
			for t := range idl.Types(d) {
				if t.Decl != nil && t.Decl != d {
					used[t.Decl] = true
				}
			}
			for member := range idl.Members(d) {
				if m, ok := member.(*idl.Method); ok {
					for _, thrown := range m.Throws {
						used[thrown] = true
					}
				}
			}
		}
	}
	return used
}
