package lint

import "github.com/parley-rpc/parley/idl"

var nameRepeat = &Rule{
	ID:      "name-repeat",
	Summary: "enum values and union cases do not repeat the name of their type",
	Why: `In Go they have it already: value Online of enum Presence is PresenceOnline, case said of union Event is
EventSaid. PresenceOnline would be PresencePresenceOnline.`,
	Bad: `
// Event is what happens in a room.
union Event {
	1: eventSaid string
	2: eventLeft string
}

// Feed tells what happens.
service Feed = 1 {
	// Watch gives what happens from now on.
	0: Watch() (events stream Event)
}
`,
	Good: `
// Event is what happens in a room.
union Event {
	1: said string
	2: left string
}

// Feed tells what happens.
service Feed = 1 {
	// Watch gives what happens from now on.
	0: Watch() (events stream Event)
}
`,
	check: checkNameRepeat,
}

func checkNameRepeat(p *pass) {
	for d := range p.pkg.Decls() {
		name := d.Base().Name
		for member := range idl.Members(d) {
			hint := ""
			rest, ok := without(member.Base().Name, name)
			switch member.(type) {
			case *idl.EnumValue:
				hint = "call it " + rest
			case *idl.Case:
				hint = "call it " + lowerFirst(rest)
			default:
				continue
			}
			if !ok {
				continue
			}
			if rest == "" || !isUpper(rest[0]) {
				hint = "choose another name"
			}
			p.report(member, hint, "%s repeats the name of %s %q", idl.Title(member), idl.Word(d), name)
		}
	}
}
