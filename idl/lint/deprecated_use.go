package lint

import "github.com/parley-rpc/parley/idl"

var deprecatedUse = &Rule{
	ID:      "deprecated-use",
	Summary: "what is not deprecated does not use what is",
	Why: `Whoever reads a new method with an old type in it learns the old one. What is deprecated itself may go on
using what is deprecated; so may a removed field, which has to keep its type.`,
	Bad: `
// Line is what somebody said.
@deprecated("use Message")
struct Line {
	text string
}

// Feed tells what is said.
service Feed = 1 {
	// Last returns the newest line.
	0: Last() (line Line)
}
`,
	Good: `
// Line is what somebody said.
@deprecated("use Message")
struct Line {
	text string
}

// Message is what somebody said, and who that was.
struct Message {
	text string
	by string
}

// Feed tells what is said.
service Feed = 1 {
	// Last returns the newest line.
	@deprecated("use Newest")
	0: Last() (line Line)
	// Newest returns the newest message.
	1: Newest() (message Message)
}
`,
	check: checkDeprecatedUse,
}

func checkDeprecatedUse(p *pass) {
	for d := range p.pkg.Decls() {
		if d.Base().Deprecated != "" {
			continue
		}
		service, ok := d.(*idl.Service)
		if !ok {
			for member := range idl.Members(d) {
				p.checkUse(member)
			}
			continue
		}
		for _, m := range service.Methods {
			p.checkMethodUses(m)
		}
	}
}

func (p *pass) checkMethodUses(m *idl.Method) {
	if m.Deprecated != "" {
		return
	}
	for _, argument := range m.Arguments() {
		p.checkUse(argument)
	}
	for _, thrown := range m.Throws {
		if thrown.Deprecated != "" {
			p.report(m, thrown.Deprecated, "method %q throws %q, which is deprecated", m.Name, thrown.Name)
		}
	}
}

// checkUse reports a member whose type has something deprecated in it.
func (p *pass) checkUse(member idl.Decl) {
	var t *idl.Type
	switch member := member.(type) {
	case *idl.Field:
		if member.Removed() {
			return
		}
		t = member.Type
	case *idl.Case:
		t = member.Type
	}
	if t == nil || member.Base().Deprecated != "" {
		return
	}
	for part := range t.All() {
		if part.Decl != nil && part.Decl.Base().Deprecated != "" {
			p.report(member, part.Decl.Base().Deprecated, "%q uses %s, which is deprecated", member.Base().Name, idl.Title(part.Decl))
			return
		}
	}
}
