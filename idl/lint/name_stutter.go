package lint

import "github.com/parley-rpc/parley/idl"

var nameStutter = &Rule{
	ID:      "name-stutter",
	Summary: "declarations do not repeat the name of their package",
	Why: `In Go, and in imports here, the package's name stands before them: chat.ChatRoom says chat twice. One that is called
as its package is, chat.Chat, is left alone.`,
	Bad: `
// ChatRoom is where users talk.
service ChatRoom = 1 {
	// Say tells everyone.
	0: Say(line string)
}
`,
	Good: `
// Room is where users talk.
service Room = 1 {
	// Say tells everyone.
	0: Say(line string)
}
`,
	check: checkNameStutter,
}

func checkNameStutter(p *pass) {
	for d := range p.pkg.Decls() {
		name := d.Base().Name
		rest, ok := without(name, p.pkg.Name)
		if !ok || rest == "" {
			continue
		}
		hint := "choose another name"
		if isUpper(rest[0]) {
			hint = "call it " + rest
		}
		p.report(d, hint, "%s is %s.%s in Go, which says %s twice", idl.Title(d), p.pkg.Name, name, p.pkg.Name)
	}
}
