package lint

import "github.com/parley-rpc/parley/idl"

var comment = &Rule{
	ID:      "comment",
	Summary: "packages, declarations and methods have a comment",
	Why: `Comments are what users read: they travel into the generated Go, the editor and «parley doc». Fields,
parameters, results, enum values and union cases may do without one, where the name says it all.`,
	Bad: `
service Lobby = 1 {
	// Enter lets a guest in.
	0: Enter(guest string)
	1: Leave(guest string)
}
`,
	Good: `
// Lobby is where guests wait for each other.
service Lobby = 1 {
	// Enter lets a guest in.
	0: Enter(guest string)
	// Leave forgets a guest; one who is not there is no mistake.
	1: Leave(guest string)
}
`,
	check: checkComment,
}

func checkComment(p *pass) {
	if p.pkg.Doc == "" {
		p.reportPackage("write above it: // Package "+p.pkg.Name+" …", "package %q has no comment", p.pkg.Name)
	}
	for d := range p.pkg.Decls() {
		p.wantComment(d)
		if service, ok := d.(*idl.Service); ok {
			for _, m := range service.Methods {
				p.wantComment(m)
			}
		}
	}
}

func (p *pass) wantComment(d idl.Decl) {
	if d.Base().Doc == "" {
		p.report(d, "write above it: // "+d.Base().Name+" …", "%s has no comment", idl.Title(d))
	}
}

// reportPackage adds a finding about the package: at the clause of the file that has a comment on it, else of the one
// that bears its name, else of the first.
func (p *pass) reportPackage(hint, format string, args ...any) {
	file := p.pkg.Files[0]
	for _, f := range p.pkg.Files {
		if f.Name == p.pkg.Name+idl.Extension {
			file = f
		}
	}
	for _, f := range p.pkg.Files {
		if f.Syntax.Doc != nil {
			file = f
			break
		}
	}
	p.reportAt(file, file.Syntax.Ident, hint, format, args...)
}
