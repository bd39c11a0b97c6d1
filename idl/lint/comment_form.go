package lint

import (
	"strings"

	"github.com/parley-rpc/parley/idl"
)

var commentForm = &Rule{
	ID:      "comment-form",
	Summary: "comments begin with the name of what they are about",
	Why: `That is how Go's own comments begin, and tools that show a first sentence alone count on it. A package's begins
with «Package» and its name. The name may be in Go's spelling, and A, An or The may stand before it.`,
	Bad: `
// This logs a user in.
service Door = 1 {
	// Opens it.
	0: Open()
}
`,
	Good: `
// A Door lets users in.
service Door = 1 {
	// Open opens it.
	0: Open()
}
`,
	check: checkCommentForm,
}

func checkCommentForm(p *pass) {
	if name := "Package " + p.pkg.Name; p.pkg.Doc != "" && !beginsWith(p.pkg.Doc, name) {
		p.reportPackage("begin it with: "+name, "the comment on package %q does not begin with %q", p.pkg.Name, name)
	}
	for d := range p.pkg.Decls() {
		p.wantForm(d)
		if service, ok := d.(*idl.Service); ok {
			for _, m := range service.Methods {
				p.wantForm(m)
			}
		}
	}
}

func (p *pass) wantForm(d idl.Decl) {
	c := d.Base()
	article, rest, _ := strings.Cut(c.Doc, " ")
	if article != "A" && article != "An" && article != "The" {
		rest = ""
	}
	if c.Doc != "" && !beginsWith(c.Doc, c.Name) && !beginsWith(rest, c.Name) {
		p.report(d, "begin it with: "+c.Name, "the comment on %s does not begin with its name", idl.Title(d))
	}
}

// beginsWith reports whether text begins with the whole word name, however Go spells its initialisms.
func beginsWith(text, name string) bool {
	if len(text) < len(name) || !strings.EqualFold(text[:len(name)], name) {
		return false
	}
	rest := text[len(name):]
	return rest == "" || !isLower(rest[0]) && !isUpper(rest[0]) && !('0' <= rest[0] && rest[0] <= '9')
}
