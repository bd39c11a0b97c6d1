package lint

var nameGet = &Rule{
	ID:      "name-get",
	Summary: "a method's name does not begin with Get",
	Why: `Go calls what returns a thing by the thing's name, or by what it does to come by it: Find, Fetch, Read, List. Get
says neither. A method that is called Get and nothing else is left alone.`,
	Bad: `
// Users knows who is who.
service Users = 1 {
	// GetUser returns the full name of a user.
	0: GetUser(id string) (name string)
}
`,
	Good: `
// Users knows who is who.
service Users = 1 {
	// FindUser returns the full name of a user.
	0: FindUser(id string) (name string)
}
`,
	check: checkNameGet,
}

func checkNameGet(p *pass) {
	for m := range p.methods() {
		if rest, ok := without(m.Name, "Get"); ok && rest != "" && firstWord(m.Name) == "Get" {
			p.report(m, "call it "+rest+" or Find"+rest, "method %q begins with Get", m.Name)
		}
	}
}
